//! Lists that cannot be true.

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::reply::Reply;

/// Ids that no ticket of a desk has.
const INVENTED_ID: u64 = 900_000_000_000_000_000;
const DAY_MS: i64 = 86_400_000;

/// What is wrong with a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lie {
    /// It counts so many tickets, and `parts` over a range of less than `days`.
    Total {
        value: String,
        parts: Option<String>,
        days: i64,
    },
    /// It always announces more rows.
    Endless(Rows),
}

/// The rows of a list without an end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rows {
    /// Ever new ones.
    New,
    /// The same few in turn.
    Again,
    /// None.
    None,
}

impl Lie {
    /// Changes the answer to a list call.
    pub(super) fn tell(&self, call: &Call, reply: &mut Reply) {
        reply.edit(|answer| match self {
            Self::Total { value, parts, days } => {
                let short = || range_ms(call).is_none_or(|range| range < days * DAY_MS);
                let told = parts.as_ref().filter(|_| short()).unwrap_or(value);
                list_info(answer).insert("total_count".into(), json!(told));
            }
            Self::Endless(rows) => {
                list_info(answer).insert("has_more_rows".into(), json!(true));
                if let Some(Value::Array(requests)) = answer.get_mut("requests") {
                    rows.replace(call, requests);
                }
            }
        });
    }
}

impl Rows {
    fn replace(self, call: &Call, requests: &mut Vec<Value>) {
        let start = call.start_index().unwrap_or(1);
        let count = call.row_count().unwrap_or(10);
        let row = |index: u64| {
            json!({"id": (INVENTED_ID + index).to_string(), "subject": "one of many", "description": "words",
                "resolution": {"content": "more words"}, "status": {"name": "Closed", "in_progress": false},
                "resolved_time": {"value": "946684800000"}, "completed_time": null, "last_updated_time": null})
        };
        *requests = match self {
            Self::New => (start..start + count).map(row).collect(),
            Self::Again => (start..start + count).map(|index| row(index % 250)).collect(),
            Self::None => Vec::new(),
        };
    }
}

fn list_info(answer: &mut Map<String, Value>) -> &mut Map<String, Value> {
    let info = answer.entry("list_info").or_insert_with(|| json!({}));
    if !info.is_object() {
        *info = json!({});
    }
    match info {
        Value::Object(info) => info,
        _ => unreachable!("made an object above"),
    }
}

/// How long the range of time is that a list is asked for; of several, the first.
fn range_ms(call: &Call) -> Option<i64> {
    let input: Value = serde_json::from_str(call.parameter("input_data")?).ok()?;
    let criteria = input.get("list_info")?.get("search_criteria")?;
    let first = criteria.get(0).unwrap_or(criteria);
    let bound = |at: usize| first.get("values")?.get(at)?.as_str()?.parse::<i64>().ok();
    Some(bound(1)? - bound(0)?)
}
