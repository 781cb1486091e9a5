//! Notes: their list has no text, so each note costs a call.

use serde_json::{Value, json};

use crate::calendar::push_time;
use crate::edition::Edition;
use crate::population::ticket::{Ticket, id_of};
use crate::render::renderer::Renderer;

const MINUTE_MS: i64 = 60_000;
const FIRST_CLOUD_NOTE_ID: u64 = 701_100_000_000_033_001;

fn note_id(edition: Edition, ticket: &Ticket) -> String {
    let number = u64::from(ticket.number);
    match edition {
        Edition::Cloud => FIRST_CLOUD_NOTE_ID + number * 1_000,
        Edition::OnPremises | Edition::Msp => 332 + number,
    }
    .to_string()
}

/// Returns the notes of a ticket as the list shows them.
pub(crate) fn note_list(renderer: &Renderer, ticket: &Ticket) -> Vec<Value> {
    let mut notes = Vec::new();
    if ticket.has_note() {
        let mut note = note(renderer, ticket);
        if let Some(fields) = note.as_object_mut() {
            fields.remove("description");
            fields.remove("has_attachments");
            if renderer.edition == Edition::Cloud {
                fields.remove("request");
            }
        }
        notes.push(note);
    }
    notes
}

/// Returns one note with its text, if the ticket has it.
pub(crate) fn note_detail(renderer: &Renderer, ticket: &Ticket, id: &str) -> Option<Value> {
    (ticket.has_note() && note_id(renderer.edition, ticket) == id).then(|| note(renderer, ticket))
}

fn note(renderer: &Renderer, ticket: &Ticket) -> Value {
    let author: Value = serde_json::from_str(renderer.technician_user(ticket)).unwrap_or_default();
    let mut added = String::new();
    push_time(&mut added, ticket.created_ms + MINUTE_MS);
    let added: Value = serde_json::from_str(&added).unwrap_or_default();
    let subject = renderer.texts.subject(ticket.number);
    let mut note = json!({
        "id": note_id(renderer.edition, ticket),
        "description": "<div>asked the network team, waiting for an answer</div>",
        "show_to_requester": false,
        "added_by": author,
        "added_time": added,
        "request": {"id": id_of(renderer.edition, ticket.number).to_string(), "subject": subject},
    });
    match renderer.edition {
        Edition::Cloud => {
            note["last_updated_time"] = Value::Null;
            note["mark_first_response"] = json!(false);
        }
        Edition::OnPremises | Edition::Msp => {
            note["last_updated_time"] = added;
            note["last_updated_by"] = author;
            note["has_attachments"] = json!(false);
            note["attachments"] = json!([]);
        }
    }
    note
}
