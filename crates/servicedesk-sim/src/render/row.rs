//! A ticket in a template, and the parts of its JSON that take more than one line to make.

use crate::calendar::push_time;
use crate::edition::Edition;
use crate::json::{push_number, push_optional_text, push_text};
use crate::population::status::CLOSED;
use crate::population::ticket::{Life, Ticket};
use crate::render::renderer::Renderer;
use crate::render::required_fields::RequiredFields;
use crate::text::Resolution;

/// A ticket in a template.
pub(super) struct Row<'a> {
    pub(super) renderer: &'a Renderer,
    pub(super) ticket: &'a Ticket,
    /// The fields that a list requires; `None` for a detail, which has all.
    pub(super) required: Option<RequiredFields>,
}

impl Row<'_> {
    pub(super) fn trashed_ms(&self) -> Option<i64> {
        match self.ticket.life {
            Life::Trashed { at_ms } => Some(at_ms),
            Life::Present | Life::Hidden | Life::Archived | Life::Deleted | Life::Merged { .. } => None,
        }
    }

    /// Returns the time between creation and assignment.
    pub(super) fn assigned_after_ms(&self) -> i64 {
        match self.renderer.edition {
            Edition::Cloud => 60_000,
            Edition::OnPremises | Edition::Msp => 208,
        }
    }

    /// Returns whether an optional member is shown.
    pub(super) fn shows(&self, name: &str) -> bool {
        let (ticket, edition) = (self.ticket, self.renderer.edition);
        let required = self.required.as_ref().is_none_or(|fields| fields.has(name));
        // On premises a time has a key only once it is set.
        let has_key = |time_ms: Option<i64>| edition == Edition::Cloud || time_ms.is_some();
        match name {
            "resolved_time" => required && has_key(ticket.resolved_ms),
            "completed_time" => required && has_key(ticket.completed_ms),
            "tags" => required && !self.tags().is_empty(),
            "closure_info" => ticket.status == CLOSED,
            "deleted_by" | "deleted_on" => self.trashed_ms().is_some(),
            "account" => edition == Edition::Msp,
            _ => required,
        }
    }

    /// Appends the resolution. On premises it is never `null`.
    pub(super) fn push_resolution(&self, out: &mut String) {
        let (renderer, ticket) = (self.renderer, self.ticket);
        let resolution = renderer.resolution(ticket);
        let html = renderer.resolution_html(ticket, &resolution);
        match (renderer.edition, html) {
            (Edition::Cloud, None) if resolution == Resolution::Absent => out.push_str("null"),
            (Edition::OnPremises | Edition::Msp, None) => {
                out.push_str("{\"resolution_attachments\":[],\"content\":null}");
            }
            (Edition::Cloud, html) if self.required.is_some() => {
                self.push_list_resolution(out, html.as_deref())
            }
            (_, html) => renderer.push_resolution_object(out, ticket, html.as_deref()),
        }
    }

    /// Appends the resolution of a cloud list: content and author only.
    fn push_list_resolution(&self, out: &mut String, html: Option<&str>) {
        out.push_str("{\"content\":");
        push_optional_text(out, html);
        out.push_str(",\"submitted_by\":");
        let author = self.renderer.technician_user(self.ticket);
        out.push_str(html.map_or("null", |_| author));
        out.push('}');
    }

    pub(super) fn push_story_resolution(&self, out: &mut String) {
        let resolution = self.renderer.resolution(self.ticket);
        match self.renderer.resolution_html(self.ticket, &resolution) {
            Some(html) => {
                out.push_str("{\"content\":");
                push_text(out, &html);
                out.push('}');
            }
            None => out.push_str("null"),
        }
    }

    pub(super) fn push_story_tags(&self, out: &mut String) {
        for (at, tag) in self.renderer.tags(self.ticket).iter().enumerate() {
            out.push_str(if at > 0 { ",{\"name\":" } else { "{\"name\":" });
            push_text(out, tag);
            out.push('}');
        }
    }

    /// Returns the tags in one of the five ways that tags come; an empty text for none.
    pub(super) fn tags(&self) -> &'static str {
        match self.ticket.number % 5 {
            0 => "",
            1 => "null",
            2 => "[]",
            3 => "[\"critical\",\"web-server\"]",
            _ => "[{\"name\":\"vpn\"}]",
        }
    }

    pub(super) fn push_udf_fields(&self, out: &mut String) {
        let number = self.ticket.number;
        match (self.renderer.edition, number % 4, number % 3) {
            (Edition::Cloud, 0, _) | (Edition::OnPremises | Edition::Msp, _, 0) => out.push_str("{}"),
            (Edition::Cloud, 1, _) => {
                out.push_str("{\"udf_char1\":null,\"udf_char2\":\"Building 7\",\"udf_date1\":null}");
            }
            (Edition::Cloud, building, _) => {
                out.push_str("{\"udf_char1\":null,\"udf_char2\":\"Building ");
                push_number(out, i64::from(building));
                out.push_str("\",\"udf_date1\":");
                push_time(out, self.ticket.created_ms);
                out.push('}');
            }
            (_, _, 1) => out.push_str("{\"udf_sline_301\":\"B7\",\"udf_long1\":null}"),
            _ => out.push_str(
                "{\"udf_sline_301\":\"B7\",\"udf_long1\":17,\"udf_pick_302\":{\"name\":\"Yes\",\"id\":\"12\"}}",
            ),
        }
    }
}
