//! A template: JSON text with `$name` where a part of the ticket goes, and `$?name` for a member that may be missing.

use crate::render::parts::{Part, part};
use crate::render::row::Row;

pub(super) struct Template {
    pieces: Vec<Piece>,
    end: String,
}

/// Text, and the part after it.
struct Piece {
    text: String,
    name: String,
    part: Part,
    is_optional: bool,
}

impl Template {
    /// Parses a template, whose line breaks are for the reader only.
    pub(super) fn parse(text: &str) -> Self {
        let text: String = text.lines().collect();
        let (mut pieces, mut rest) = (Vec::new(), text.as_str());
        while let Some((before, after)) = rest.split_once('$') {
            let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
            let (is_optional, after) = match after.strip_prefix('?') {
                Some(after) => (true, after),
                None => (false, after),
            };
            rest = after.trim_start_matches(is_name);
            let name = &after[..after.len() - rest.len()];
            pieces.push(Piece {
                text: before.to_owned(),
                name: name.to_owned(),
                part: part(name),
                is_optional,
            });
        }
        Self {
            pieces,
            end: rest.to_owned(),
        }
    }

    /// Appends the JSON of a ticket.
    pub(super) fn render(&self, row: &Row<'_>, out: &mut String) {
        for piece in &self.pieces {
            out.push_str(&piece.text);
            if piece.is_optional {
                if !row.shows(&piece.name) {
                    continue;
                }
                out.push_str(",\"");
                out.push_str(&piece.name);
                out.push_str("\":");
            }
            (piece.part)(row, out);
        }
        out.push_str(&self.end);
    }
}
