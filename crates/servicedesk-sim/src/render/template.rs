//! A template: JSON text with `$name` where a part of the ticket goes.

use crate::render::parts::{Part, part};
use crate::render::row::Row;

pub(super) struct Template {
    /// Text, and the part after it.
    pieces: Vec<(String, Part)>,
    end: String,
}

impl Template {
    /// Parses a template, whose line breaks are for the reader only.
    pub(super) fn parse(text: &str) -> Self {
        let text: String = text.lines().collect();
        let (mut pieces, mut rest) = (Vec::new(), text.as_str());
        while let Some((before, after)) = rest.split_once('$') {
            let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
            let behind = after.trim_start_matches(is_name);
            let name = &after[..after.len() - behind.len()];
            pieces.push((before.to_owned(), part(name)));
            rest = behind;
        }
        Self {
            pieces,
            end: rest.to_owned(),
        }
    }

    /// Appends the JSON of a ticket.
    pub(super) fn render(&self, row: &Row<'_>, out: &mut String) {
        for (text, part) in &self.pieces {
            out.push_str(text);
            part(row, out);
        }
        out.push_str(&self.end);
    }
}
