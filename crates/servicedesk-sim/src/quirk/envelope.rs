//! Quirks of the JSON text around the values: Q21, Q23, Q31, Q35 and Q36.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value, json};

use crate::exchange::call::Call;
use crate::exchange::reply::Reply;
use crate::hook::Hook;
use crate::json::edit_object;
use crate::population::ticket::Ticket;
use crate::quirk::catalog::Quirk;

pub(crate) struct Envelope {
    quirk: Quirk,
    count: AtomicUsize,
}

impl Envelope {
    pub(crate) fn new(quirk: Quirk) -> Self {
        Self {
            quirk,
            count: AtomicUsize::new(0),
        }
    }

    /// Rewrites an object with its keys in another order each time (Q35).
    fn shuffle(&self, json: &mut String, turns: usize) {
        let Ok(Value::Object(object)) = serde_json::from_str(json) else {
            return;
        };
        let turn = self.count.fetch_add(1, Ordering::Relaxed) % turns;
        let mut keys: Vec<_> = object.into_iter().collect();
        let middle = turn % keys.len().max(1);
        keys.rotate_left(middle);
        let members = keys.iter().map(|(key, value)| format!("{}:{value}", json!(key)));
        *json = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    }
}

fn add_odd_keys(object: &mut Map<String, Value>) {
    object.insert("profile_pic.content-url".into(), json!("/images/x.svg"));
    object.insert("\u{e9}tat".into(), json!([1, [2, [3, {"deep": {"er": [null]}}]]]));
    let list = json!({"value": "1e400", "list": [true, false]});
    object.insert("is_vipuser".into(), list);
    object.insert("x-size".into(), json!(-0.5e-7));
}

impl Hook for Envelope {
    fn on_ticket(&self, ticket: &Ticket, json: &mut String) {
        match self.quirk {
            Quirk::Q23 => *json = json.replace("\"display_value\":\"", "\"display_value\":\"11 de marzo, "),
            Quirk::Q31 => edit_object(json, add_odd_keys),
            Quirk::Q35 => self.shuffle(json, 17),
            Quirk::Q36 if ticket.number.is_multiple_of(7) => {
                for key in ["\"subject\":\"", "\"description\":\""] {
                    *json = json.replacen(key, &format!("{key}\u{1}\\ud83d \t"), 1);
                }
            }
            _ => {}
        }
    }

    fn on_reply(&self, _call: &Call, reply: &mut Reply) {
        match self.quirk {
            Quirk::Q21 => edit_object(&mut reply.body, |answer| {
                if let Some(status) = answer.get_mut("response_status") {
                    *status = match status.take() {
                        Value::Array(mut list) if list.len() == 1 => list.remove(0),
                        object @ Value::Object(_) => json!([object]),
                        other => other,
                    };
                }
            }),
            Quirk::Q31 => edit_object(&mut reply.body, |answer| {
                add_odd_keys(answer);
                if let Some(Value::Object(info)) = answer.get_mut("list_info") {
                    add_odd_keys(info);
                }
            }),
            Quirk::Q35 => self.shuffle(&mut reply.body, 5),
            Quirk::Q36 => {
                reply.body.insert(0, '\u{feff}');
                reply.content_type = "application/json;charset=ISO-8859-1";
            }
            _ => {}
        }
    }
}
