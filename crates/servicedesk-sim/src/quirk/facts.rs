//! Quirks of times and statuses: Q19, Q20 and Q38.

use serde_json::{Map, Value, json};

use crate::exchange::call::{Call, CallKind};
use crate::exchange::reply::Reply;
use crate::hook::Hook;
use crate::json::edit_object;
use crate::population::ticket::Ticket;
use crate::population::truth::Truth;
use crate::quirk::catalog::Quirk;

/// Lead of the clock with Q20.
const AHEAD_MS: i64 = 5 * 60_000;

pub(crate) struct Facts {
    quirk: Quirk,
}

impl Facts {
    pub(crate) fn new(quirk: Quirk) -> Self {
        Self { quirk }
    }
}

/// Returns the Spanish name of a status (Q38).
fn local_name(name: &str) -> &str {
    match name {
        "Open" => "Abierta",
        "On Hold" => "Esperando proveedor",
        "Resolved" => "Resuelta",
        "Closed" => "Cerrada",
        "Canceled" => "Anulada",
        other => other,
    }
}

fn localise(status: &mut Map<String, Value>) {
    let name = status.get("name").and_then(Value::as_str).map(local_name);
    if let Some(name) = name.map(str::to_owned) {
        status.insert("name".into(), json!(name));
    }
}

impl Hook for Facts {
    fn on_population(&self, tickets: &mut [Ticket]) {
        for ticket in tickets {
            match self.quirk {
                Quirk::Q19 => ticket.updated_ms = None,
                Quirk::Q20 => {
                    let together = |time_ms: i64| time_ms - time_ms.rem_euclid(3_600_000) + AHEAD_MS;
                    ticket.resolved_ms = ticket.resolved_ms.map(together);
                    ticket.completed_ms = ticket.completed_ms.map(together);
                    ticket.updated_ms = ticket.updated_ms.map(together);
                }
                _ if ticket.is_final() => {}
                _ => {
                    ticket.resolved_ms = Some(ticket.created_ms + 60_000);
                    ticket.reopened = true;
                }
            }
        }
    }

    fn ahead_ms(&self) -> i64 {
        if self.quirk == Quirk::Q20 { AHEAD_MS } else { 0 }
    }

    fn on_ticket(&self, _ticket: &Ticket, json: &mut String) {
        if self.quirk != Quirk::Q38 {
            return;
        }
        edit_object(json, |row| {
            if let Some(Value::Object(status)) = row.get_mut("status") {
                localise(status);
                status.remove("in_progress");
                status.remove("internal_name");
            }
        });
    }

    fn on_reply(&self, call: &Call, reply: &mut Reply) {
        if self.quirk != Quirk::Q38 || call.kind() != CallKind::Statuses {
            return;
        }
        edit_object(&mut reply.body, |answer| {
            let Some(Value::Array(rows)) = answer.get_mut("statuses") else {
                return;
            };
            for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
                let open = matches!(name, "Open" | "On Hold");
                let deleted = name == "Canceled";
                localise(row);
                row.insert("in_progress".into(), json!(open));
                row.insert("deleted".into(), json!(deleted));
            }
        });
    }

    fn on_truth(&self, _ticket: &Ticket, truth: &mut Truth) {
        if self.quirk == Quirk::Q38 {
            truth.status = local_name(&truth.status).to_owned();
        }
    }
}
