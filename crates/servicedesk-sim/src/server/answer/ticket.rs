//! Answers `GET /requests/{id}` and the paths below it.

use serde_json::json;

use crate::desk::Desk;
use crate::edition::Edition;
use crate::exchange::reply::Reply;
use crate::population::defect::Defect;
use crate::population::ticket::{Life, Ticket, display_id_of, id_of, number_of};
use crate::render::notes::{note_detail, note_list};

const SUCCESS: &str = "\"response_status\":{\"status_code\":2000,\"status\":\"success\"}";

impl Desk {
    pub(super) fn detail(&self, id: &str) -> Reply {
        self.with_ticket(id, |ticket| {
            let mut request = String::with_capacity(4_096);
            self.renderer.detail(&mut request, ticket);
            self.spoil(ticket, &mut request);
            Reply::json(200, format!("{{\"request\":{request},{SUCCESS}}}"))
        })
    }

    /// Applies the defect of a ticket and the hooks to its JSON.
    pub(super) fn spoil(&self, ticket: &Ticket, json: &mut String) {
        if let Some(defect) = ticket.defect {
            *json = defect.apply(json);
        }
        for hook in self.hooks() {
            hook.on_ticket(ticket, json);
        }
    }

    /// Answers with id and subject: the archive's other fields are not documented.
    pub(super) fn archived(&self, id: &str) -> Reply {
        let edition = self.options.edition;
        let tickets = self.tickets.read();
        let number = number_of(edition, id).filter(|_| edition != Edition::Cloud);
        let ticket = number.and_then(|number| tickets.all.get(number as usize));
        match ticket.filter(|ticket| ticket.life == Life::Archived) {
            Some(ticket) => Reply::success(
                "archive_request",
                json!({"id": id, "subject": self.renderer.texts.subject(ticket.number)}),
            ),
            None => Reply::not_found(edition),
        }
    }

    pub(super) fn resolution(&self, id: &str) -> Reply {
        self.with_ticket(id, |ticket| {
            let mut body = format!("{{{SUCCESS},\"resolution\":");
            self.renderer.resolution_detail(&mut body, ticket);
            body.push('}');
            Reply::json(200, body)
        })
    }

    pub(super) fn notes(&self, id: &str) -> Reply {
        self.with_ticket(id, |ticket| {
            let mut reply = Reply::success("notes", json!(note_list(&self.renderer, ticket)));
            if self.options.edition != Edition::Cloud {
                let sorted = "\"list_info\":{\"sort_field\":\"last_updated_time\",\
                    \"start_index\":1,\"sort_order\":\"asc\",";
                reply.body = reply.body.replacen("\"list_info\":{", sorted, 1);
            }
            reply
        })
    }

    pub(super) fn note(&self, id: &str, note: &str) -> Reply {
        self.with_ticket(id, |ticket| match note_detail(&self.renderer, ticket, note) {
            Some(note) => Reply::success("note", note),
            None => Reply::not_found(self.options.edition),
        })
    }

    /// Answers about a ticket that the key may see.
    fn with_ticket(&self, id: &str, answer: impl FnOnce(&Ticket) -> Reply) -> Reply {
        let edition = self.options.edition;
        let tickets = self.tickets.read();
        let ticket = number_of(edition, id).and_then(|number| tickets.all.get(number as usize));
        match ticket {
            Some(ticket) if ticket.defect.is_some_and(Defect::hides_detail) => Reply::not_found(edition),
            Some(Ticket {
                life: Life::Hidden, ..
            }) => Reply::failure(403, 4002, None, "Forbidden"),
            Some(Ticket {
                life: Life::Merged { into },
                ..
            }) => Reply::merged(match edition {
                Edition::Cloud => display_id_of(*into),
                Edition::OnPremises | Edition::Msp => id_of(edition, *into),
            }),
            Some(Ticket {
                life: Life::Deleted | Life::Archived,
                ..
            })
            | None => Reply::not_found(edition),
            Some(ticket) => {
                let hidden = self.hooks().iter().find_map(|hook| hook.hides(ticket));
                hidden.unwrap_or_else(|| answer(ticket))
            }
        }
    }
}
