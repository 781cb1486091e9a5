//! The parts of a row or a detail that differ from ticket to ticket, by their names in templates.

use crate::calendar::{push_optional_time, push_time};
use crate::edition::Edition;
use crate::json::{push_bool, push_number, push_optional_text, push_text};
use crate::population::status::CLOSED;
use crate::population::ticket::{Life, Ticket, display_id_of, id_of};
use crate::render::renderer::Renderer;
use crate::render::required_fields::RequiredFields;
use crate::text::Resolution;

/// Characters of a `short_description`.
const SHORT_DESCRIPTION_CHARS: usize = 80;

const CLOSURE_INFO: &str = ",\"closure_info\":{\"requester_ack_comments\":null,\
    \"closure_code\":{\"name\":\"Success\",\"id\":\"701100000000009001\"},\
    \"closure_comments\":\"confirmed by phone\",\"requester_ack_resolution\":false}";
const MSP_CONTRACT: &str =
    ",\"accountcontract\":null,\"product\":null,\"subaccount\":null,\"is_billable\":false";
const MSP_ACCOUNT: &str = ",\"account\":{\"name\":\"Customer A GmbH\",\"id\":\"901\",\"ciid\":\"4401\",\
    \"country\":\"DE\",\"timezone\":\"Europe/Berlin\",\"inactive\":false}";

/// A ticket in a template.
pub(super) struct Row<'a> {
    pub(super) renderer: &'a Renderer,
    pub(super) ticket: &'a Ticket,
    pub(super) required: RequiredFields,
}

/// Appends a part.
pub(super) type Part = fn(&Row<'_>, &mut String);

/// Returns the part with this name.
///
/// # Panics
/// When a template names an unknown part.
pub(super) fn part(name: &str) -> Part {
    value(name)
        .or_else(|| time(name))
        .or_else(|| member(name))
        .unwrap_or_else(|| panic!("no part is called {name}"))
}

/// Parts that are one value.
fn value(name: &str) -> Option<Part> {
    Some(match name {
        "id" => |row, out| push_number(out, id_of(row.renderer.edition, row.ticket.number) as i64),
        "display_id" => |row, out| push_number(out, display_id_of(row.ticket.number) as i64),
        "subject" => {
            |row, out| push_optional_text(out, row.renderer.texts.subject(row.ticket.number).as_deref())
        }
        "requester" => |row, out| out.push_str(row.renderer.requester(row.ticket)),
        "technician" => |row, out| out.push_str(row.renderer.technician(row.ticket)),
        "author" => |row, out| out.push_str(row.renderer.technician_user(row.ticket)),
        "status" => |row, out| out.push_str(row.renderer.status(row.ticket)),
        "priority" => |row, out| out.push_str(row.renderer.priority(row.ticket)),
        "group" => |row, out| out.push_str(row.renderer.group(row.ticket)),
        "category" => |row, out| row.renderer.push_category(out, row.ticket),
        "description" => {
            |row, out| push_optional_text(out, row.renderer.description_html(row.ticket).as_deref())
        }
        "short_description" => |row, out| {
            let description = row.renderer.texts.description(row.ticket.number);
            let words = description.unwrap_or_default().words();
            let short: String = words.chars().take(SHORT_DESCRIPTION_CHARS).collect();
            push_text(out, &short);
        },
        "resolution" => |row, out| row.push_resolution(out),
        "story_resolution" => |row, out| row.push_story_resolution(out),
        "story_tags" => |row, out| row.push_story_tags(out),
        "udf_fields" => |row, out| row.push_udf_fields(out),
        "has_notes" => |row, out| push_bool(out, row.ticket.has_note()),
        "is_service_request" => |row, out| push_bool(out, row.ticket.service_request),
        "is_reopened" => |row, out| push_bool(out, row.ticket.reopened),
        "is_trashed" => |row, out| push_bool(out, row.trashed_ms().is_some()),
        _ => return None,
    })
}

/// Parts that are a time, or a span of time.
fn time(name: &str) -> Option<Part> {
    Some(match name {
        "created_time" => |row, out| push_time(out, row.ticket.created_ms),
        "assigned_time" => |row, out| push_time(out, row.ticket.created_ms + row.assigned_after_ms()),
        "due_by_time" => |row, out| push_time(out, row.ticket.due_ms()),
        "resolved_time" => |row, out| push_optional_time(out, row.ticket.resolved_ms),
        "completed_time" => |row, out| push_optional_time(out, row.ticket.completed_ms),
        "last_updated_time" => |row, out| push_optional_time(out, row.ticket.updated_ms),
        "deleted_time" => |row, out| push_optional_time(out, row.trashed_ms()),
        "time_elapsed" => |row, out| {
            let final_ms = row.ticket.final_ms();
            push_number(
                out,
                final_ms.map_or(0, |final_ms| final_ms - row.ticket.created_ms),
            );
        },
        "story_time" => |row, out| match row.ticket.final_ms() {
            Some(final_ms) => {
                out.push_str("{\"value\":");
                push_number(out, final_ms);
                out.push('}');
            }
            None => out.push_str("null"),
        },
        _ => return None,
    })
}

/// Parts that are a member with its comma, or nothing.
fn member(name: &str) -> Option<Part> {
    Some(match name {
        "required_description" => |row, out| row.push_member(row.required.description, out, "description"),
        "required_udf_fields" => |row, out| row.push_member(row.required.udf_fields, out, "udf_fields"),
        "required_resolution" => |row, out| match row.renderer.edition {
            Edition::Cloud if row.required.resolution => row.push_list_resolution(out),
            Edition::Cloud => {}
            Edition::OnPremises | Edition::Msp => row.push_member(row.required.resolution, out, "resolution"),
        },
        "required_resolved_time" => |row, out| {
            let shown = row.shows_time(row.ticket.resolved_ms);
            row.push_member(row.required.resolved_time && shown, out, "resolved_time");
        },
        "required_completed_time" => |row, out| {
            let shown = row.shows_time(row.ticket.completed_ms);
            row.push_member(row.required.completed_time && shown, out, "completed_time");
        },
        "required_last_updated_time" => {
            |row, out| row.push_member(row.required.last_updated_time, out, "last_updated_time")
        }
        "required_tags" => |row, out| {
            if row.required.tags {
                row.push_tags(out);
            }
        },
        "closure_info" => |row, out| {
            if row.ticket.status == CLOSED {
                out.push_str(CLOSURE_INFO);
            }
        },
        "deleted" => |row, out| {
            if let Some(trashed_ms) = row.trashed_ms() {
                out.push_str(",\"deleted_by\":");
                out.push_str(row.renderer.technician_user(row.ticket));
                out.push_str(",\"deleted_on\":");
                push_time(out, trashed_ms);
            }
        },
        "msp_contract" => |row, out| {
            if row.renderer.edition == Edition::Msp {
                out.push_str(MSP_CONTRACT);
            }
        },
        "msp_account" => |row, out| {
            if row.renderer.edition == Edition::Msp {
                out.push_str(MSP_ACCOUNT);
            }
        },
        _ => return None,
    })
}

impl Row<'_> {
    /// Appends `,"name":value` where it is shown.
    fn push_member(&self, shown: bool, out: &mut String, name: &str) {
        if shown {
            out.push_str(",\"");
            out.push_str(name);
            out.push_str("\":");
            part(name)(self, out);
        }
    }

    fn trashed_ms(&self) -> Option<i64> {
        match self.ticket.life {
            Life::Trashed { at_ms } => Some(at_ms),
            Life::Present | Life::Hidden | Life::Archived | Life::Deleted | Life::Merged { .. } => None,
        }
    }

    fn assigned_after_ms(&self) -> i64 {
        match self.renderer.edition {
            Edition::Cloud => 60_000,
            Edition::OnPremises | Edition::Msp => 208,
        }
    }

    /// Returns whether a final time has a key: on premises only once it is set.
    fn shows_time(&self, time_ms: Option<i64>) -> bool {
        self.renderer.edition == Edition::Cloud || time_ms.is_some()
    }

    /// Appends the resolution of a detail. On premises it is never `null`.
    fn push_resolution(&self, out: &mut String) {
        let (renderer, ticket) = (self.renderer, self.ticket);
        let resolution = renderer.resolution(ticket);
        let html = renderer.resolution_html(ticket, &resolution);
        match (renderer.edition, html) {
            (Edition::Cloud, None) if resolution == Resolution::Absent => out.push_str("null"),
            (Edition::OnPremises | Edition::Msp, None) => {
                out.push_str("{\"resolution_attachments\":[],\"content\":null}");
            }
            (_, html) => renderer.push_resolution_object(out, ticket, html.as_deref()),
        }
    }

    /// Appends the resolution of a cloud list: content and author only.
    fn push_list_resolution(&self, out: &mut String) {
        let resolution = self.renderer.resolution(self.ticket);
        if resolution == Resolution::Absent {
            return out.push_str(",\"resolution\":null");
        }
        let html = self.renderer.resolution_html(self.ticket, &resolution);
        out.push_str(",\"resolution\":{\"content\":");
        push_optional_text(out, html.as_deref());
        out.push_str(",\"submitted_by\":");
        let author = self.renderer.technician_user(self.ticket);
        out.push_str(html.map_or("null", |_| author));
        out.push('}');
    }

    fn push_story_resolution(&self, out: &mut String) {
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

    fn push_story_tags(&self, out: &mut String) {
        for (at, tag) in self.renderer.tags(self.ticket).iter().enumerate() {
            out.push_str(if at > 0 { ",{\"name\":" } else { "{\"name\":" });
            push_text(out, tag);
            out.push('}');
        }
    }

    /// Appends `,"tags":...` in one of the five ways that tags come, absent among them.
    fn push_tags(&self, out: &mut String) {
        out.push_str(match self.ticket.number % 5 {
            0 => "",
            1 => ",\"tags\":null",
            2 => ",\"tags\":[]",
            3 => ",\"tags\":[\"critical\",\"web-server\"]",
            _ => ",\"tags\":[{\"name\":\"vpn\"}]",
        });
    }

    fn push_udf_fields(&self, out: &mut String) {
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
