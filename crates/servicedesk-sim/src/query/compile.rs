//! Compiles the JSON of `search_criteria` to a filter.
//!
//! The traps are deliberate, as seen on real servers: an unknown condition or status name is accepted and has no
//! effect; on cloud, two criteria on one date field both have none.

use serde_json::Value;

use crate::edition::Edition;
use crate::exchange::bad_query::BadQuery;
use crate::population::status::STATUSES;
use crate::query::comparison::{Comparison, Condition};
use crate::query::field::{Entity, Field, TimeField};
use crate::query::filter::{Filter, Join};

/// Compiles a criterion or an array of them.
///
/// # Errors
/// When a field is unknown on this edition, or a date is not a number.
pub(super) fn compile(criteria: &Value, edition: Edition) -> Result<Filter, BadQuery> {
    let mut dates = Vec::new();
    collect_dates(criteria, edition, &mut dates);
    let compiler = Compiler { edition, dates };
    match criteria {
        Value::Array(items) => compiler.fold(Filter::All, items),
        item => compiler.item(item),
    }
}

struct Compiler {
    edition: Edition,
    /// The date field of every criterion, with repetitions.
    dates: Vec<TimeField>,
}

impl Compiler {
    fn fold(&self, first: Filter, items: &[Value]) -> Result<Filter, BadQuery> {
        items.iter().try_fold(first, |before, item| {
            let operator = item
                .get("logical_operator")
                .and_then(Value::as_str)
                .unwrap_or("AND");
            let operator = if operator.eq_ignore_ascii_case("or") {
                Join::Or
            } else {
                Join::And
            };
            Ok(before.join(operator, self.item(item)?))
        })
    }

    /// Compiles a criterion with its children, which join it by their operators.
    fn item(&self, item: &Value) -> Result<Filter, BadQuery> {
        let own = match item.get("field").and_then(Value::as_str) {
            Some(name) => self.comparison(name, item)?,
            None if item.get("children").is_some() => Filter::All,
            None => return Err(BadQuery::invalid("search_criteria")),
        };
        match item.get("children") {
            Some(Value::Array(children)) => self.fold(own, children),
            _ => Ok(own),
        }
    }

    fn comparison(&self, name: &str, item: &Value) -> Result<Filter, BadQuery> {
        let named = Field::named(name, self.edition).ok_or_else(|| BadQuery::invalid(name))?;
        let field = match named {
            Field::Name(entity) if has_id_only(item) => Field::EntityId(entity),
            field => field,
        };
        let condition = item
            .get("condition")
            .and_then(Value::as_str)
            .and_then(Condition::named);
        let Some(condition) = condition else {
            return Ok(Filter::All);
        };
        let values = values(item, matches!(field, Field::EntityId(_)));
        let mut times_ms = Vec::new();
        if let Field::Time(time_field) = field {
            let chained = self.dates.iter().filter(|&&date| date == time_field).count() > 1;
            if self.edition == Edition::Cloud && chained {
                return Ok(Filter::All);
            }
            for value in &values {
                times_ms.push(value.parse().map_err(|_| BadQuery::invalid(name))?);
            }
        }
        if field == Field::Name(Entity::Status) && !values.is_empty() {
            let known = |value: &String| STATUSES.iter().any(|status| status.name == value);
            if !values.iter().any(known) {
                return Ok(Filter::All);
            }
        }
        Ok(Filter::Comparison(Comparison {
            field,
            condition,
            values,
            times_ms,
        }))
    }
}

/// Returns the values as text: of an object its id or its name.
fn values(item: &Value, by_id: bool) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Object(named) => named
            .get(if by_id { "id" } else { "name" })
            .and_then(Value::as_str)
            .map(str::to_owned),
        Value::Null | Value::Array(_) => None,
    };
    match item.get("values").or_else(|| item.get("value")) {
        Some(Value::Array(values)) => values.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Returns whether the values are objects with an id and without a name: `"status": {"id": "3"}`.
fn has_id_only(item: &Value) -> bool {
    let value = item
        .get("values")
        .and_then(|values| values.get(0))
        .or_else(|| item.get("value"));
    value.is_some_and(|value| value.get("id").is_some() && value.get("name").is_none())
}

fn collect_dates(criteria: &Value, edition: Edition, dates: &mut Vec<TimeField>) {
    match criteria {
        Value::Array(items) => items.iter().for_each(|item| collect_dates(item, edition, dates)),
        Value::Object(item) => {
            let name = item.get("field").and_then(Value::as_str).unwrap_or_default();
            if let Some(Field::Time(field)) = Field::named(name, edition) {
                dates.push(field);
            }
            if let Some(children) = item.get("children") {
                collect_dates(children, edition, dates);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
