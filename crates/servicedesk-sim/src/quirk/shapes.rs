//! How values look: Q19 to Q38.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};

use super::Quirk;
use crate::call::{Call, CallKind};
use crate::hook::Hook;
use crate::options::Options;
use crate::reply::Reply;
use crate::status::status;
use crate::ticket::Ticket;
use crate::truth::Truth;

/// Q20.
const AHEAD_MS: i64 = 5 * 60_000;
/// Q37: the giant and its size.
const GIANT: u32 = 10;
const GIANT_BYTES: usize = 20 << 20;

const WORD: &str = "<html><body><p class=MsoNormal>Guten Morgen,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>\
    <img src=/inlineimages/WorkOrder/Jan2014/5713/0.jpg width=600></body></html>";
const PLAIN: &str = "error 0x80070005 & more";
const NOTE: &str = "asked the network team, waiting for an answer";

struct Shapes {
    quirk: Quirk,
    count: AtomicU64,
}

pub(super) fn hook(quirk: Quirk) -> Arc<dyn Hook> {
    Arc::new(Shapes {
        quirk,
        count: AtomicU64::new(0),
    })
}

/// Q38: the names of this desk, by those that the product comes with.
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

/// Q27: what the description becomes, with its words; `None` leaves it.
fn description(number: u32) -> Option<(Value, &'static str)> {
    Some(match number % 6 {
        0 => (Value::Null, ""),
        1 => (json!(""), ""),
        2 => (json!(PLAIN), PLAIN),
        3 => (json!(WORD), "Guten Morgen,"),
        4 => (json!("<p>left over</p><br>]]>"), "left over"),
        _ => return None,
    })
}

/// Q26: what the resolution becomes; `None` leaves it.
fn resolution(number: u32) -> Option<Value> {
    match number % 4 {
        0 => Some(Value::Null),
        1 => Some(json!({"content": null, "resolution_attachments": []})),
        2 => Some(json!({"content": "<div><br></div>", "submitted_by": null})),
        _ => None,
    }
}

fn odd_keys(object: &mut Map<String, Value>) {
    object.insert("profile_pic.content-url".into(), json!("/images/x.svg"));
    object.insert("\u{e9}tat".into(), json!([1, [2, [3, {"deep": {"er": [null]}}]]]));
    object.insert(
        "is_vipuser".into(),
        json!({"value": "1e400", "list": [true, false]}),
    );
    object.insert("x-size".into(), json!(-0.5e-7));
}

impl Shapes {
    /// A number that goes round with every use.
    fn turn(&self, length: u64) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed) % length
    }

    fn times(&self, row: &mut Map<String, Value>, number: u32) {
        for (at, key) in [
            "resolved_time",
            "completed_time",
            "last_updated_time",
            "due_by_time",
        ]
        .into_iter()
        .enumerate()
        {
            let turn = number as usize + at;
            match row.get_mut(key) {
                Some(Value::Null) if turn % 3 == 1 => drop(row.remove(key)),
                Some(time @ Value::Null) if turn % 3 == 2 => {
                    *time = json!({"display_value": "-", "value": null})
                }
                Some(Value::Object(time)) if turn.is_multiple_of(2) => {
                    let value = time.get("value").and_then(Value::as_str);
                    if let Some(milliseconds) = value.and_then(|text| text.parse::<i64>().ok()) {
                        time.insert("value".into(), json!(milliseconds));
                    }
                }
                _ => {}
            }
        }
    }

    fn edit(&self, row: &mut Map<String, Value>, number: u32) {
        match self.quirk {
            Quirk::Q22 => self.times(row, number),
            Quirk::Q24 if number.is_multiple_of(2) => {
                for key in ["id", "display_id"] {
                    let id = row.get(key).and_then(Value::as_str);
                    if let Some(id) = id.and_then(|id| id.parse::<u64>().ok()) {
                        row.insert(key.into(), json!(id));
                    }
                }
            }
            Quirk::Q25 => drop(row.remove("display_id")),
            Quirk::Q26 => replace(row, "resolution", resolution(number)),
            Quirk::Q27 if !row.get("subject").is_none_or(Value::is_null) => {
                replace(row, "description", description(number).map(|(value, _)| value));
            }
            Quirk::Q28 => {
                let images = format!(
                    "<p><img src=\"/inlineimages/WorkOrder/Jan2014/5713/0.jpg\"><img src=\"/requests/1/_uploads/7\">\
                     <img alt=\"\" src=\"data:image/png;base64,{}\"></p>",
                    "iVBORw0KGgo".repeat(2_000)
                );
                append(row, &images);
            }
            Quirk::Q29 if number.is_multiple_of(3) => {
                let blank = |value: &Value| value.is_null() || value == "";
                if !row.get("description").is_some_and(blank) {
                    replace(row, "subject", Some(Value::Null));
                }
            }
            Quirk::Q30 => {
                if let Some(Value::Array(tags)) = row.get_mut("tags") {
                    tags.extend([json!(""), Value::Null, json!({"name": " "}), json!({})]);
                }
            }
            Quirk::Q31 => odd_keys(row),
            Quirk::Q32 => match number % 4 {
                0 => drop(row.insert("time_elapsed".into(), json!("7984340000"))),
                1 => drop(row.insert("time_elapsed".into(), json!(7_984_340_000_u64))),
                2 => drop(row.insert("time_elapsed".into(), Value::Null)),
                _ => drop(row.remove("time_elapsed")),
            },
            Quirk::Q33 => {
                let fields = json!({"udf_char1": "x", "udf_long1": 17, "udf_pick_302": {"name": "Yes", "id": "12"},
                    "udf_date1": {"display_value": "-", "value": "1741694400000"}, "udf_multi": ["a", {"b": []}],
                    "udf_null": null, "udf_decimal": 1.5, "udf_flag": true});
                row.insert("udf_fields".into(), fields);
            }
            Quirk::Q34 if number % 5 == 2 => replace(row, "resolution", Some(Value::Null)),
            Quirk::Q37 if number == GIANT => {
                append(
                    row,
                    &format!("<img src=\"data:image/png;base64,{}\">", "A".repeat(GIANT_BYTES)),
                );
            }
            Quirk::Q38 => {
                if let Some(Value::Object(status)) = row.get_mut("status") {
                    localise(status);
                    status.remove("in_progress");
                    status.remove("internal_name");
                }
            }
            _ => {}
        }
    }
}

/// Changes a value that is there.
fn replace(row: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let (Some(there), Some(value)) = (row.get_mut(key), value) {
        *there = value;
    }
}

fn append(row: &mut Map<String, Value>, html: &str) {
    if let Some(Value::String(description)) = row.get_mut("description") {
        description.push_str(html);
    }
}

fn localise(status: &mut Map<String, Value>) {
    let name = status.get("name").and_then(Value::as_str).map(local_name);
    if let Some(name) = name.map(str::to_owned) {
        status.insert("name".into(), json!(name));
    }
}

impl Hook for Shapes {
    fn on_population(&self, _options: &Options, tickets: &mut [Ticket]) {
        match self.quirk {
            Quirk::Q19 => tickets.iter_mut().for_each(|ticket| ticket.updated_ms = None),
            Quirk::Q20 => tickets.iter_mut().for_each(|ticket| {
                let together = |time_ms: i64| time_ms - time_ms.rem_euclid(3_600_000) + AHEAD_MS;
                ticket.resolved_ms = ticket.resolved_ms.map(together);
                ticket.completed_ms = ticket.completed_ms.map(together);
                ticket.updated_ms = ticket.updated_ms.map(together);
            }),
            Quirk::Q38 => tickets.iter_mut().for_each(|ticket| {
                if status(ticket.status).in_progress {
                    ticket.resolved_ms = Some(ticket.created_ms + 60_000);
                    ticket.reopened = true;
                }
            }),
            _ => {}
        }
    }

    fn ahead_ms(&self) -> i64 {
        if self.quirk == Quirk::Q20 { AHEAD_MS } else { 0 }
    }

    fn on_ticket(&self, ticket: &Ticket, json: &mut String) {
        match self.quirk {
            Quirk::Q23 => *json = json.replace("\"display_value\":\"", "\"display_value\":\"11 de marzo, "),
            Quirk::Q35 => {
                if let Ok(Value::Object(row)) = serde_json::from_str(json) {
                    *json = shuffled(row, self.turn(17));
                }
            }
            Quirk::Q36 if ticket.number.is_multiple_of(7) => {
                for key in ["\"subject\":\"", "\"description\":\""] {
                    *json = json.replacen(key, &format!("{key}\u{1}\\ud83d \t"), 1);
                }
            }
            Quirk::Q36 => {}
            _ => {
                if let Ok(Value::Object(mut row)) = serde_json::from_str(json) {
                    self.edit(&mut row, ticket.number);
                    *json = Value::Object(row).to_string();
                }
            }
        }
    }

    fn on_reply(&self, call: &Call, reply: &mut Reply) {
        match self.quirk {
            Quirk::Q21 => reply.edit(|answer| {
                let status = answer.get("response_status").cloned();
                let turned = match status {
                    Some(Value::Array(mut list)) if list.len() == 1 => list.pop(),
                    Some(object @ Value::Object(_)) => Some(json!([object])),
                    other => other,
                };
                replace(answer, "response_status", turned);
            }),
            Quirk::Q31 => reply.edit(|answer| {
                odd_keys(answer);
                if let Some(Value::Object(info)) = answer.get_mut("list_info") {
                    odd_keys(info);
                }
            }),
            Quirk::Q35 => {
                if let Ok(Value::Object(answer)) = serde_json::from_str(&reply.body) {
                    reply.body = shuffled(answer, self.turn(5));
                }
            }
            Quirk::Q36 => {
                reply.body.insert(0, '\u{feff}');
                reply.content_type = "application/json;charset=ISO-8859-1";
            }
            Quirk::Q38 if call.kind() == CallKind::Statuses => reply.edit(|answer| {
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
            }),
            _ => {}
        }
    }

    fn on_truth(&self, ticket: &Ticket, truth: &mut Truth) {
        match self.quirk {
            Quirk::Q26 if resolution(ticket.number).is_some() => truth.resolution_words.clear(),
            Quirk::Q27 if !truth.subject.is_empty() => {
                if let Some((_, words)) = description(ticket.number) {
                    truth.words = words.to_owned();
                }
            }
            Quirk::Q29 if ticket.number.is_multiple_of(3) && !truth.words.is_empty() => truth.subject.clear(),
            Quirk::Q34 if ticket.has_note() => truth.resolution_words = NOTE.to_owned(),
            Quirk::Q38 => truth.status = local_name(&truth.status).to_owned(),
            _ => {}
        }
    }
}

/// The same object with its keys in another order, which a map of ours would not keep.
fn shuffled(object: Map<String, Value>, turn: u64) -> String {
    let mut keys: Vec<_> = object.into_iter().collect();
    let middle = turn as usize % keys.len().max(1);
    keys.rotate_left(middle);
    let members = keys.iter().map(|(key, value)| format!("{}:{value}", json!(key)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
