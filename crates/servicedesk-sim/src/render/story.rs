//! Rows of the simplified form: texts as words, times as numbers, tags as objects.

use super::Renderer;
use crate::json::{push_number, push_optional_text, push_text};
use crate::ticket::{Ticket, id_of};

impl Renderer {
    /// Appends a row. There is one final time in this form, so a ticket that was only completed shows that.
    pub(super) fn story_row(&self, out: &mut String, ticket: &Ticket) {
        out.push_str("{\"id\":\"");
        push_number(out, id_of(self.edition, ticket.number) as i64);
        out.push_str("\",\"subject\":");
        self.push_subject(out, ticket);
        out.push_str(",\"description\":");
        push_optional_text(out, self.description_html(ticket).as_deref());
        out.push_str(",\"resolution\":");
        match self.resolution_html(ticket, &self.resolution(ticket)) {
            Some(html) => {
                out.push_str("{\"content\":");
                push_text(out, &html);
                out.push('}');
            }
            None => out.push_str("null"),
        }
        out.push_str(",\"resolved_time\":");
        match ticket.final_ms() {
            Some(final_ms) => {
                out.push_str("{\"value\":");
                push_number(out, final_ms);
                out.push('}');
            }
            None => out.push_str("null"),
        }
        out.push_str(",\"tags\":[");
        for (at, tag) in self.tags(ticket).into_iter().enumerate() {
            out.push_str(if at > 0 { ",{\"name\":" } else { "{\"name\":" });
            push_text(out, tag);
            out.push('}');
        }
        out.push_str("]}");
    }
}
