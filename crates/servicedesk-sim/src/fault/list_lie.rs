//! Lists that cannot be true.

use serde_json::{Map, Value, json};

use crate::calendar::DAY_MS;
use crate::exchange::call::Call;
use crate::exchange::reply::Reply;
use crate::json::edit_object;

/// First of the ids that no ticket has.
const INVENTED_ID: u64 = 900_000_000_000_000_000;

/// A lie in the answer to a list call.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ListLie {
    /// A total of `value` tickets, or of `parts` over a range of less than `days`.
    Total {
        value: String,
        parts: Option<String>,
        days: i64,
    },
    /// More rows on every page.
    Endless(EndlessRows),
}

/// The rows of an endless list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum EndlessRows {
    /// New rows on each page.
    New,
    /// The same few rows in turn.
    Again,
    /// No rows.
    None,
}

impl ListLie {
    /// Changes the answer to a list call.
    pub(super) fn apply(&self, call: &Call, reply: &mut Reply) {
        edit_object(&mut reply.body, |answer| match self {
            Self::Total { value, parts, days } => {
                let short = || range_ms(call).is_none_or(|range| range < days * DAY_MS);
                let total = parts.as_ref().filter(|_| short()).unwrap_or(value);
                list_info(answer).insert("total_count".into(), json!(total));
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

impl EndlessRows {
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
    info.as_object_mut().expect("made an object above")
}

/// Returns the length of the time range in the first criterion.
fn range_ms(call: &Call) -> Option<i64> {
    let info = call.list_info()?;
    let criteria = info.get("search_criteria")?;
    let first = criteria.get(0).unwrap_or(criteria);
    let bound = |at: usize| first.get("values")?.get(at)?.as_str()?.parse::<i64>().ok();
    Some(bound(1)? - bound(0)?)
}
