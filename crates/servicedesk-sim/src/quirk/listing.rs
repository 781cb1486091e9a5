//! Lists and filters: Q1 to Q18.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Quirk;
use crate::call::{Call, CallKind};
use crate::desk::Desk;
use crate::hook::{Hook, Outcome, Page, Plan};
use crate::query::BadQuery;
use crate::reply::Reply;
use crate::ticket::Ticket;
use crate::truth::Truth;

/// Q10.
const MOST_ROWS: u64 = 50;
/// Q14: the last row that is ever shown.
const DEEPEST_ROW: u64 = 250;
/// Q8: less than this is no time in milliseconds.
const SECONDS: i64 = 100_000_000_000;

struct Listing {
    quirk: Quirk,
    pages: AtomicU64,
}

pub(super) fn hook(quirk: Quirk) -> Arc<dyn Hook> {
    Arc::new(Listing {
        quirk,
        pages: AtomicU64::new(0),
    })
}

/// Q15: tickets of which only the number is known.
fn is_hidden(number: u32) -> bool {
    number % 13 == 7
}

/// Every criterion, children included.
fn criteria(info: &Map<String, Value>) -> Vec<&Value> {
    let mut pending: Vec<&Value> = info.get("search_criteria").into_iter().collect();
    let mut found = Vec::new();
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(items) => pending.extend(items),
            item => {
                pending.extend(item.get("children"));
                found.push(item);
            }
        }
    }
    found
}

fn field(criterion: &Value) -> &str {
    criterion.get("field").and_then(Value::as_str).unwrap_or_default()
}

fn is_date(criterion: &&Value) -> bool {
    field(criterion).ends_with("_time")
}

impl Hook for Listing {
    fn before(&self, _desk: &Desk, call: &Call, plan: &mut Plan) {
        let Some(start_index) = call.start_index().filter(|_| self.quirk == Quirk::Q14) else {
            return;
        };
        plan.delay += Duration::from_millis(start_index);
        if start_index > DEEPEST_ROW {
            plan.outcome = Outcome::Hang;
        }
    }

    fn on_input(&self, info: &mut Map<String, Value>) -> Result<(), Reply> {
        let all = criteria(info);
        let dates = all.iter().copied().filter(is_date).count();
        let unfiltered = match self.quirk {
            Quirk::Q3 => all.iter().any(|one| one.get("condition") != Some(&json!("is"))),
            Quirk::Q4 => all.iter().any(|one| field(one).starts_with("status")),
            Quirk::Q5 => dates > 1,
            Quirk::Q8 => {
                let values = all.iter().copied().filter(is_date).flat_map(|one| {
                    let values = one.get("values").and_then(Value::as_array);
                    values.into_iter().flatten().chain(one.get("value"))
                });
                let in_seconds = |value: &Value| {
                    let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
                    number.or(value.as_i64()).is_some_and(|number| number < SECONDS)
                };
                values.into_iter().any(in_seconds)
            }
            _ => false,
        };
        let strict = match info.get("search_criteria") {
            Some(Value::Array(items)) => {
                items.len() == 1
                    || items
                        .first()
                        .is_some_and(|first| first.get("logical_operator").is_some())
            }
            Some(item) => item.get("logical_operator").is_some(),
            None => false,
        };
        if self.quirk == Quirk::Q6 && dates > 0 && all.len() > 1 || self.quirk == Quirk::Q7 && strict {
            return Err(Reply::named("array").unwrap_or_else(|| Reply::empty(400)));
        }
        if unfiltered {
            info.remove("search_criteria");
        }
        match self.quirk {
            Quirk::Q10 => {
                let asked = info.get("row_count").and_then(Value::as_u64).unwrap_or(10);
                info.insert("row_count".into(), json!(asked.min(MOST_ROWS)));
            }
            Quirk::Q17 if info.get("sort_field") == Some(&json!("id")) => {
                return Err(Reply::refused(&BadQuery::invalid("sort_field")));
            }
            Quirk::Q18 if info.contains_key("fields_required") => {
                return Err(Reply::refused(&BadQuery::extra_key("fields_required")));
            }
            Quirk::Q1 => {
                info.remove("fields_required");
            }
            _ => {}
        }
        Ok(())
    }

    fn on_list(&self, _call: &Call, page: &mut Page) {
        match self.quirk {
            Quirk::Q11 if self.pages.fetch_add(1, Ordering::Relaxed) % 2 == 1 => page.has_more_rows = None,
            Quirk::Q15 => page.numbers.retain(|number| !is_hidden(*number)),
            _ => {}
        }
    }

    fn on_reply(&self, call: &Call, reply: &mut Reply) {
        if self.quirk != Quirk::Q12 || call.kind() != CallKind::List {
            return;
        }
        let missing = self.pages.fetch_add(1, Ordering::Relaxed) % 3 == 2;
        reply.edit(|answer| {
            let Some(Value::Object(info)) = answer.get_mut("list_info") else {
                return;
            };
            if let Some(total) = info.remove("total_count").filter(|_| !missing) {
                info.insert("total_count".into(), json!(total.to_string()));
                info.insert("get_total_count".into(), json!("true"));
            }
        });
    }

    fn hides(&self, ticket: &Ticket) -> Option<Reply> {
        let hidden = self.quirk == Quirk::Q15 && is_hidden(ticket.number);
        hidden.then(|| Reply::failure(403, 4002, None, "Forbidden"))
    }

    fn on_truth(&self, ticket: &Ticket, truth: &mut Truth) {
        truth.valid &= !(self.quirk == Quirk::Q15 && is_hidden(ticket.number));
    }
}
