//! Lines after which all is history: a separator, or the header of the mail before.

use super::fields::{Field, field};
use super::phrases::{is_forwarded, is_original};
use super::tail::tidy_end;

/// Where the history begins that goes on to the end.
pub(super) fn start(text: &str) -> Option<usize> {
    let mut header = Header::default();
    let mut last = "";
    let mut position = 0;
    for line in text.split('\n') {
        match field_of(line) {
            Some(field) => header.add(field, position, last),
            None => {
                if header.is_complete() {
                    return Some(header.start);
                }
                header = Header::default();
                if is_separator(line) {
                    return Some(position);
                }
            }
        }
        if !line.is_empty() {
            last = line;
        }
        position += line.len() + 1;
    }
    header.is_complete().then_some(header.start)
}

/// `---------- Forwarded message ---------`: what follows is what the mail is about.
pub(super) fn is_forward_mark(line: &str) -> bool {
    is_forwarded(line.trim_matches(|c: char| c.is_whitespace() || "-_*>:".contains(c)))
}

/// `-----Original Message-----`
fn is_separator(line: &str) -> bool {
    let drawn = |c: char| c.is_whitespace() || c == '-' || c == '_';
    // The line is the same once it is the last one and tidied.
    (line.starts_with("--") || line.starts_with("__")) && is_original(tidy_end(line).trim_matches(drawn))
}

/// The field of a line such as `From: Ada`, or `*From:* Ada` of bold print.
fn field_of(line: &str) -> Option<Field> {
    let line = line.trim_start_matches('*');
    // Most lines are told by their first characters.
    if !line.starts_with(char::is_alphabetic) {
        return None;
    }
    let longest = 24;
    let colon = line.bytes().take(longest).position(|byte| byte == b':')?;
    field(line.get(..colon)?.trim_end_matches(['*', ' ']))
}

/// Lines in a row that are fields of a header.
#[derive(Default)]
struct Header {
    start: usize,
    fields: Vec<Field>,
    forwarded: bool,
}

impl Header {
    fn add(&mut self, field: Field, position: usize, line_before: &str) {
        if self.fields.is_empty() {
            self.start = position;
            self.forwarded = is_forward_mark(line_before);
        }
        if !self.fields.contains(&field) {
            self.fields.push(field);
        }
    }

    /// The header of a mail as mail programs quote it. One with `Message-ID` was pasted for its own sake,
    /// and a booking has a date, a beginning and an end too.
    fn is_complete(&self) -> bool {
        let has = |field| self.fields.contains(&field);
        self.fields.len() >= 3
            && has(Field::From)
            && (has(Field::Sent) || has(Field::Subject))
            && !has(Field::Foreign)
            && !self.forwarded
    }
}
