//! Parses the list call of the simplified form: `list_info` and `input_data` are two parameters.

use serde_json::{Map, Value};

use crate::exchange::bad_query::BadQuery;
use crate::query::field::{Entity, Field, TimeField};
use crate::query::filter::Filter;
use crate::query::list_info::ListQuery;
use crate::query::sort::{Order, SortKey};

const MAX_ROWS: u64 = 100;

/// Parses both parameters; each may be missing.
///
/// # Errors
/// When a parameter differs from the story's JSON.
pub(crate) fn parse(list_info: Option<&str>, input_data: Option<&str>) -> Result<ListQuery, BadQuery> {
    let info = object(list_info, "list_info")?;
    let input = object(input_data, "input_data")?;
    let count = |key: &str, default: u64| match info.get(key) {
        None => Ok(default),
        Some(value) => value
            .as_u64()
            .filter(|&number| number > 0)
            .ok_or_else(|| BadQuery::invalid(key)),
    };
    let row_count = count("row_count", MAX_ROWS)?;
    if row_count > MAX_ROWS {
        return Err(BadQuery::invalid("row_count"));
    }
    let mut filter = Filter::All;
    for (key, value) in &input {
        filter = filter.and(match key.as_str() {
            "status" => statuses(value)?,
            "resolved_time" => window(value)?,
            other => return Err(BadQuery::extra_key(other)),
        });
    }
    Ok(ListQuery {
        start_index: count("start_index", 1)?,
        row_count,
        order: Order {
            key: SortKey::Number,
            descending: false,
        },
        filter,
        total_count: info.get("get_total_count").is_some_and(|value| value == true),
        required: None,
        echo: Map::new(),
        cache_key: format!("story {input:?}"),
    })
}

fn object(text: Option<&str>, name: &'static str) -> Result<Map<String, Value>, BadQuery> {
    let Some(text) = text else { return Ok(Map::new()) };
    serde_json::from_str(text).map_err(|_| BadQuery::invalid(name))
}

fn statuses(value: &Value) -> Result<Filter, BadQuery> {
    let names = value
        .get("name")
        .and_then(Value::as_array)
        .ok_or_else(|| BadQuery::invalid("status"))?;
    let names = names
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    Ok(Filter::one_of(Field::Name(Entity::Status), names))
}

fn window(value: &Value) -> Result<Filter, BadQuery> {
    let bound = |key: &str, open: i64| match value.get(key) {
        None => Ok(open),
        Some(bound) => bound.as_i64().ok_or_else(|| BadQuery::invalid("resolved_time")),
    };
    Ok(Filter::between(
        TimeField::Final,
        bound("from", i64::MIN)?,
        bound("to", i64::MAX)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_storys_example_parses() {
        let input = r#"{"status":{"name":["Closed","Resolved"]},"resolved_time":{"from":5,"to":9}}"#;
        let query = parse(Some(r#"{"start_index":101,"row_count":100}"#), Some(input)).expect("the example");
        assert_eq!((query.start_index, query.row_count), (101, 100));
        let range = query.filter.range().expect("a window");
        assert_eq!(
            (range.field, range.from_ms, range.to_ms),
            (TimeField::Final, 5, 9)
        );
    }

    #[test]
    fn unknown_keys_are_refused() {
        let bad = parse(None, Some(r#"{"created_time":{}}"#)).expect_err("not in the story");
        assert_eq!(bad, BadQuery::extra_key("created_time"));
    }
}
