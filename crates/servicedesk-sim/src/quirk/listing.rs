//! Quirks of lists and filters: Q1 to Q12 and Q14 to Q18.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::exchange::bad_query::BadQuery;
use crate::exchange::call::{Call, CallKind};
use crate::exchange::plan::{Ending, Plan};
use crate::exchange::reply::Reply;
use crate::hook::{Hook, Page};
use crate::json::edit_object;
use crate::population::ticket::Ticket;
use crate::population::truth::Truth;
use crate::quirk::catalog::Quirk;

/// Maximum rows per page (Q10).
const MAX_ROWS: u64 = 50;
/// Last row that a page shows (Q14).
const DEEPEST_ROW: u64 = 250;
/// Smallest time in milliseconds; a smaller one is in seconds (Q8).
const SECONDS: i64 = 100_000_000_000;

pub(crate) struct Listing {
    quirk: Quirk,
    pages: AtomicU64,
}

/// Returns whether the key may not see a ticket (Q15).
fn is_hidden(number: u32) -> bool {
    number % 13 == 7
}

/// Returns every criterion, children included.
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

/// Returns whether a date has a bound in seconds.
fn is_in_seconds(criterion: &Value) -> bool {
    let values = criterion.get("values").and_then(Value::as_array);
    let mut values = values.into_iter().flatten().chain(criterion.get("value"));
    values.any(|value| {
        let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
        number.or(value.as_i64()).is_some_and(|number| number < SECONDS)
    })
}

impl Listing {
    pub(crate) fn new(quirk: Quirk) -> Self {
        Self {
            quirk,
            pages: AtomicU64::new(0),
        }
    }

    fn ignores_criteria(&self, info: &Map<String, Value>) -> bool {
        let all = criteria(info);
        let mut dates = all.iter().copied().filter(is_date);
        match self.quirk {
            Quirk::Q3 => all.iter().any(|one| one.get("condition") != Some(&json!("is"))),
            Quirk::Q4 => all.iter().any(|one| field(one).starts_with("status")),
            Quirk::Q5 => dates.count() > 1,
            Quirk::Q8 => dates.any(is_in_seconds),
            _ => false,
        }
    }

    fn refuses_criteria(&self, info: &Map<String, Value>) -> bool {
        let has_operator = |item: &Value| item.get("logical_operator").is_some();
        match self.quirk {
            Quirk::Q6 => {
                let all = criteria(info);
                all.len() > 1 && all.iter().any(is_date)
            }
            Quirk::Q7 => match info.get("search_criteria") {
                Some(Value::Array(items)) => items.len() == 1 || items.first().is_some_and(has_operator),
                Some(item) => has_operator(item),
                None => false,
            },
            _ => false,
        }
    }
}

impl Hook for Listing {
    fn before(&self, call: &Call, plan: &mut Plan) {
        let Some(start_index) = call.start_index().filter(|_| self.quirk == Quirk::Q14) else {
            return;
        };
        plan.delay += Duration::from_millis(start_index);
        if start_index > DEEPEST_ROW {
            plan.ending = Ending::Hang;
        }
    }

    fn on_input(&self, info: &mut Map<String, Value>) -> Result<(), Reply> {
        if self.refuses_criteria(info) {
            return Err(Reply::named("array").unwrap_or_else(|| Reply::empty(400)));
        }
        if self.ignores_criteria(info) {
            info.remove("search_criteria");
        }
        match self.quirk {
            Quirk::Q10 => {
                let asked = info.get("row_count").and_then(Value::as_u64).unwrap_or(10);
                info.insert("row_count".into(), json!(asked.min(MAX_ROWS)));
            }
            Quirk::Q17 if info.get("sort_field") == Some(&json!("id")) => {
                return Err(Reply::bad_query(&BadQuery::invalid("sort_field")));
            }
            Quirk::Q18 if info.contains_key("fields_required") => {
                return Err(Reply::bad_query(&BadQuery::extra_key("fields_required")));
            }
            Quirk::Q1 => drop(info.remove("fields_required")),
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
        edit_object(&mut reply.body, |answer| {
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
