//! Lines before the history: a separator, or the header of the previous mail.

use super::fields::{Field, field};
use super::phrases::{is_forwarded, is_original};
use super::tail::tidy_end;

/// Returns the start of the history that reaches to the end of the text.
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

/// Returns whether a line is `---------- Forwarded message ---------`. The forwarded mail is the content.
pub(super) fn is_forward_mark(line: &str) -> bool {
    is_forwarded(line.trim_matches(|c: char| c.is_whitespace() || "-_*>:".contains(c)))
}

/// Returns whether a line is `-----Original Message-----`.
fn is_separator(line: &str) -> bool {
    let drawn = |c: char| c.is_whitespace() || c == '-' || c == '_';
    // As the last line of a text it would have a tidy end.
    (line.starts_with("--") || line.starts_with("__")) && is_original(tidy_end(line).trim_matches(drawn))
}

/// Returns the field of a line such as `From: Ada`, or `*From:* Ada` in bold.
fn field_of(line: &str) -> Option<Field> {
    let line = line.trim_start_matches('*');
    // The first characters rule out most lines.
    if !line.starts_with(char::is_alphabetic) {
        return None;
    }
    let longest = 24;
    let colon = line.bytes().take(longest).position(|byte| byte == b':')?;
    field(line.get(..colon)?.trim_end_matches(['*', ' ']))
}

/// Consecutive lines that are fields of a header.
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

    /// Returns whether the fields are the header of a quoted mail. A header with `Message-ID` was pasted on purpose, and
    /// a booking has a date, a start and an end as well.
    fn is_complete(&self) -> bool {
        let has = |field| self.fields.contains(&field);
        self.fields.len() >= 3
            && has(Field::From)
            && (has(Field::Sent) || has(Field::Subject))
            && !has(Field::Foreign)
            && !self.forwarded
    }
}
