//! The positions of elements that mail programs write around a quote or a signature.

use super::marks::{Attributes, Kind, Mark, is_gmail_quote, is_mail_header, is_wrapper};
use super::words::has_word;

/// The text of such an element, as a range of bytes.
#[derive(Debug)]
pub(in crate::html) struct Part {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The outermost open element with a mark.
struct Open {
    name: String,
    depth: u32,
    mark: Mark,
    start: usize,
    /// Whether it is a wrapper of Gmail.
    gmail: bool,
    /// Number of open quotes within a wrapper of Gmail, the end of the last one, and whether words follow it.
    /// Other programs write the old mail into the wrapper, and that mail may quote further ones.
    quotes: u32,
    quote_end: Option<usize>,
    answered: bool,
}

/// Collects the parts while the tokens stream.
#[derive(Default)]
pub(in crate::html) struct Parts {
    found: Vec<Part>,
    open: Option<Open>,
    rest: bool,
}

impl Parts {
    /// Returns whether an element with a mark is open, so that every element matters.
    pub(in crate::html) fn is_within(&self) -> bool {
        self.open.is_some()
    }

    /// Records the start of an element; `text` is the text before it.
    pub(in crate::html) fn start(&mut self, name: &str, attributes: &Attributes, text: &str) {
        if name == "p" && self.open.as_ref().is_some_and(|open| open.name == "p") {
            // A paragraph ends at the start of the next one.
            self.close(text);
        }
        if self.rest {
            return;
        }
        if let Some(open) = &mut self.open {
            open.depth += u32::from(open.name == name);
            if name == "blockquote" {
                open.start_quote(attributes, text);
            }
            return;
        }
        let Some(mark) = Mark::of(name, attributes) else {
            return;
        };
        if mark == Mark::Known(Kind::Rest) {
            self.begin_rest(text.len());
            return;
        }
        if !is_wrapper(name) {
            return;
        }
        self.open = Some(Open {
            name: name.to_owned(),
            depth: 1,
            mark,
            start: text.len(),
            gmail: name != "blockquote" && is_gmail_quote(attributes),
            quotes: 0,
            quote_end: None,
            answered: false,
        });
    }

    /// Records the end of an element.
    pub(in crate::html) fn end(&mut self, name: &str, text: &str) {
        let Some(open) = &mut self.open else {
            return;
        };
        if name == "blockquote" && open.quotes > 0 {
            open.quotes -= 1;
            open.quote_end = (open.quotes == 0).then_some(text.len());
        }
        if open.name == name {
            open.depth -= 1;
            if open.depth == 0 {
                self.close(text);
            }
        }
    }

    /// Returns all parts in order, none within another. An open element ends with the text.
    pub(in crate::html) fn finish(mut self, text: &str) -> Vec<Part> {
        self.close(text);
        if let Some(rest) = self.found.last_mut().filter(|_| self.rest) {
            rest.end = text.len();
        }
        self.found
    }

    fn close(&mut self, text: &str) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        open.note_answer(text);
        let content = text.get(open.start..).unwrap_or_default();
        match open.mark {
            // An answer between the quotes of a wrapper belongs to the mail.
            Mark::Known(_) if open.answered => {}
            Mark::Known(kind) => self.found.push(Part {
                kind,
                start: open.start,
                end: text.len(),
            }),
            Mark::Line if is_mail_header(content) => self.begin_rest(open.start),
            Mark::Line => {}
        }
    }

    fn begin_rest(&mut self, start: usize) {
        self.rest = true;
        self.found.push(Part {
            kind: Kind::Rest,
            start,
            end: start,
        });
    }
}

impl Open {
    fn start_quote(&mut self, attributes: &Attributes, text: &str) {
        if self.quotes > 0 {
            self.quotes += 1;
        } else if self.gmail && is_gmail_quote(attributes) {
            self.note_answer(text);
            self.quotes = 1;
        }
    }

    fn note_answer(&mut self, text: &str) {
        let since = self.quote_end.take().and_then(|end| text.get(end..));
        self.answered |= since.is_some_and(has_word);
    }
}
