//! The parts of a row or a detail that differ from ticket to ticket, by their names in templates.

use crate::calendar::{push_optional_time, push_time};
use crate::edition::Edition;
use crate::json::{push_bool, push_number, push_optional_text, push_text};
use crate::population::ticket::{display_id_of, id_of};
use crate::render::row::Row;

/// Characters of a `short_description`.
const SHORT_DESCRIPTION_CHARS: usize = 80;

const CLOSURE_INFO: &str = "{\"requester_ack_comments\":null,\
    \"closure_code\":{\"name\":\"Success\",\"id\":\"701100000000009001\"},\
    \"closure_comments\":\"confirmed by phone\",\"requester_ack_resolution\":false}";
const MSP_CONTRACT: &str =
    ",\"accountcontract\":null,\"product\":null,\"subaccount\":null,\"is_billable\":false";
const MSP_ACCOUNT: &str = "{\"name\":\"Customer A GmbH\",\"id\":\"901\",\"ciid\":\"4401\",\
    \"country\":\"DE\",\"timezone\":\"Europe/Berlin\",\"inactive\":false}";

/// Appends a part.
pub(super) type Part = fn(&Row<'_>, &mut String);

/// Returns the part with this name.
///
/// # Panics
/// When a template names an unknown part.
pub(super) fn part(name: &str) -> Part {
    value(name)
        .or_else(|| time(name))
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
        "author" | "deleted_by" => |row, out| out.push_str(row.renderer.technician_user(row.ticket)),
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
        "tags" => |row, out| out.push_str(row.tags()),
        "closure_info" => |_, out| out.push_str(CLOSURE_INFO),
        "account" => |_, out| out.push_str(MSP_ACCOUNT),
        "msp_contract" => |row, out| {
            if row.renderer.edition == Edition::Msp {
                out.push_str(MSP_CONTRACT);
            }
        },
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
        "deleted_time" | "deleted_on" => |row, out| push_optional_time(out, row.trashed_ms()),
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
