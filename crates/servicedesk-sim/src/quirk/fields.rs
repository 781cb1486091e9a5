//! Quirks of the fields of a ticket: Q22, Q24 to Q30, Q32 to Q34 and Q37.

use serde_json::{Map, Value, json};

use crate::hook::Hook;
use crate::json::edit_object;
use crate::population::ticket::Ticket;
use crate::population::truth::Truth;
use crate::quirk::catalog::Quirk;

/// Number of the ticket with the giant description (Q37).
const GIANT: u32 = 10;
/// Size of the giant description in bytes.
const GIANT_BYTES: usize = 20 << 20;

const WORD: &str = "<html><body><p class=MsoNormal>Guten Morgen,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>\
    <img src=/inlineimages/WorkOrder/Jan2014/5713/0.jpg width=600></body></html>";
const PLAIN: &str = "error 0x80070005 & more";
const NOTE: &str = "asked the network team, waiting for an answer";
const TIMES: [&str; 4] = [
    "resolved_time",
    "completed_time",
    "last_updated_time",
    "due_by_time",
];

pub(crate) struct Fields {
    quirk: Quirk,
}

/// Returns the new description and its words (Q27), or `None` to keep the old one.
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

/// Returns the new resolution (Q26), or `None` to keep the old one.
fn resolution(number: u32) -> Option<Value> {
    match number % 4 {
        0 => Some(Value::Null),
        1 => Some(json!({"content": null, "resolution_attachments": []})),
        2 => Some(json!({"content": "<div><br></div>", "submitted_by": null})),
        _ => None,
    }
}

/// Replaces the value of an existing key.
fn replace(row: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let (Some(old), Some(value)) = (row.get_mut(key), value) {
        *old = value;
    }
}

fn append_to_description(row: &mut Map<String, Value>, html: &str) {
    if let Some(Value::String(description)) = row.get_mut("description") {
        description.push_str(html);
    }
}

/// Makes times null, missing, without a value, or a number in turn (Q22).
fn vary_times(row: &mut Map<String, Value>, number: u32) {
    for (at, key) in TIMES.into_iter().enumerate() {
        let turn = number as usize + at;
        match row.get_mut(key) {
            Some(Value::Null) if turn % 3 == 1 => drop(row.remove(key)),
            Some(time @ Value::Null) if turn % 3 == 2 => *time = json!({"display_value": "-", "value": null}),
            Some(Value::Object(time)) if turn.is_multiple_of(2) => make_number(time, "value"),
            _ => {}
        }
    }
}

/// Turns a text of digits into a number.
fn make_number(object: &mut Map<String, Value>, key: &str) {
    let text = object.get(key).and_then(Value::as_str);
    if let Some(number) = text.and_then(|text| text.parse::<i64>().ok()) {
        object.insert(key.into(), json!(number));
    }
}

/// Gives the elapsed time as text, number, null or not at all in turn (Q32).
fn vary_elapsed_time(row: &mut Map<String, Value>, number: u32) {
    let elapsed = match number % 4 {
        0 => json!("7984340000"),
        1 => json!(7_984_340_000_u64),
        2 => Value::Null,
        _ => return drop(row.remove("time_elapsed")),
    };
    row.insert("time_elapsed".into(), elapsed);
}

/// Appends inline images of every kind (Q28).
fn append_images(row: &mut Map<String, Value>) {
    let images = format!(
        "<p><img src=\"/inlineimages/WorkOrder/Jan2014/5713/0.jpg\"><img src=\"/requests/1/_uploads/7\">\
         <img alt=\"\" src=\"data:image/png;base64,{}\"></p>",
        "iVBORw0KGgo".repeat(2_000)
    );
    append_to_description(row, &images);
}

impl Fields {
    pub(crate) fn new(quirk: Quirk) -> Self {
        Self { quirk }
    }

    fn edit(&self, row: &mut Map<String, Value>, number: u32) {
        match self.quirk {
            Quirk::Q22 => vary_times(row, number),
            Quirk::Q24 if number.is_multiple_of(2) => {
                for key in ["id", "display_id"] {
                    make_number(row, key);
                }
            }
            Quirk::Q25 => drop(row.remove("display_id")),
            Quirk::Q26 => replace(row, "resolution", resolution(number)),
            Quirk::Q27 if !row.get("subject").is_none_or(Value::is_null) => {
                replace(row, "description", description(number).map(|(value, _)| value));
            }
            Quirk::Q28 => append_images(row),
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
            Quirk::Q32 => vary_elapsed_time(row, number),
            Quirk::Q33 => {
                let fields = json!({"udf_char1": "x", "udf_long1": 17, "udf_pick_302": {"name": "Yes", "id": "12"},
                    "udf_date1": {"display_value": "-", "value": "1741694400000"}, "udf_multi": ["a", {"b": []}],
                    "udf_null": null, "udf_decimal": 1.5, "udf_flag": true});
                row.insert("udf_fields".into(), fields);
            }
            Quirk::Q34 if number % 5 == 2 => replace(row, "resolution", Some(Value::Null)),
            Quirk::Q37 if number == GIANT => {
                let image = format!("<img src=\"data:image/png;base64,{}\">", "A".repeat(GIANT_BYTES));
                append_to_description(row, &image);
            }
            _ => {}
        }
    }
}

impl Hook for Fields {
    fn on_ticket(&self, ticket: &Ticket, json: &mut String) {
        edit_object(json, |row| self.edit(row, ticket.number));
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
            _ => {}
        }
    }
}
