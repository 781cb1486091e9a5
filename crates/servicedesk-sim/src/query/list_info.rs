//! `input_data={"list_info":{...}}` of the real API.

use serde_json::{Map, Value, json};

use super::BadQuery;
use super::criteria::Filter;
use super::field::Field;
use super::sort::Order;
use crate::edition::Edition;
use crate::render::RequiredFields;

const DEFAULT_ROWS: u64 = 10;
const MAX_ROWS: u64 = 100;
const KEYS: [&str; 11] = [
    "start_index",
    "row_count",
    "page",
    "sort_field",
    "sort_order",
    "sort_fields",
    "get_total_count",
    "search_fields",
    "search_criteria",
    "filter_by",
    "fields_required",
];

/// A list call that can be answered.
#[derive(Clone, Debug)]
pub(crate) struct ListQuery {
    /// From 1.
    pub(crate) start_index: u64,
    pub(crate) row_count: u64,
    pub(crate) order: Order,
    pub(crate) filter: Filter,
    pub(crate) total_count: bool,
    pub(crate) required: Option<RequiredFields>,
    /// What the answer's `list_info` repeats.
    pub(crate) echo: Map<String, Value>,
    /// The same text for the same selection and order.
    pub(crate) cache_key: String,
}

/// Reads the parameter `input_data`; without it, the first page in the default order.
///
/// # Errors
/// When a key is unknown, or a value is not accepted.
pub(crate) fn parse(input_data: Option<&str>, edition: Edition) -> Result<ListQuery, BadQuery> {
    let input: Value = match input_data {
        Some(text) => serde_json::from_str(text).map_err(|_| BadQuery::invalid("input_data"))?,
        None => json!({}),
    };
    let input = input.as_object().ok_or_else(|| BadQuery::invalid("input_data"))?;
    if let Some(key) = input.keys().find(|key| *key != "list_info") {
        return Err(BadQuery::extra_key(key));
    }
    let no_info = Map::new();
    let info = match input.get("list_info") {
        Some(Value::Object(info)) => info,
        Some(_) => return Err(BadQuery::invalid("list_info")),
        None => &no_info,
    };
    if let Some(key) = info.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(BadQuery::extra_key(key));
    }
    let row_count = number(info, "row_count")?.unwrap_or(DEFAULT_ROWS);
    if row_count == 0 || row_count > MAX_ROWS {
        return Err(BadQuery::invalid("row_count"));
    }
    let page = number(info, "page")?.map(|page| page.max(1));
    let start_index = match (number(info, "start_index")?, page) {
        (Some(start_index), _) => start_index.max(1),
        (None, Some(page)) => (page - 1).saturating_mul(row_count).saturating_add(1),
        (None, None) => 1,
    };
    let text = |key: &str| info.get(key).and_then(Value::as_str);
    let order = Order::parse(text("sort_field"), text("sort_order"), edition)?;
    let total_count = info
        .get("get_total_count")
        .is_some_and(|value| value == true || value == "true");
    let criteria = info.get("search_criteria").unwrap_or(&Value::Null);
    let mut filter = if criteria.is_null() {
        Filter::All
    } else {
        Filter::compile(criteria, edition)?
    };
    filter = filter.and(named_filter(info.get("filter_by"))?);
    filter = filter.and(search_fields(info.get("search_fields"), edition)?);
    let selecting = ["search_criteria", "filter_by", "search_fields"].map(|key| info.get(key));
    Ok(ListQuery {
        start_index,
        row_count,
        order,
        filter,
        total_count,
        required: info.get("fields_required").map(required_fields),
        echo: echo(info, edition, total_count, page.unwrap_or(1)),
        cache_key: format!("{order:?} {selecting:?}"),
    })
}

/// A whole number, given as such or as text.
fn number(info: &Map<String, Value>, key: &str) -> Result<Option<u64>, BadQuery> {
    let read = |value: &Value| match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    };
    info.get(key)
        .map(|value| read(value).ok_or_else(|| BadQuery::invalid(key)))
        .transpose()
}

/// The views that every desk has.
fn named_filter(filter_by: Option<&Value>) -> Result<Filter, BadQuery> {
    let Some(filter_by) = filter_by else {
        return Ok(Filter::All);
    };
    match filter_by.get("name").and_then(Value::as_str) {
        Some("All_Requests") => Ok(Filter::All),
        Some("Open_System") => Ok(Filter::one_of(Field::InProgress, vec!["true".into()])),
        _ => Err(BadQuery::invalid("filter_by")),
    }
}

/// A map of fields to the values they must have; also as JSON in a string.
fn search_fields(fields: Option<&Value>, edition: Edition) -> Result<Filter, BadQuery> {
    let invalid = || BadQuery::invalid("search_fields");
    let parsed: Value = match fields {
        None => return Ok(Filter::All),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| invalid())?,
        Some(fields) => fields.clone(),
    };
    let fields = parsed.as_object().ok_or_else(invalid)?;
    let items = fields
        .iter()
        .map(|(field, value)| json!({"field": field, "condition": "is", "value": value}));
    Filter::compile(&Value::Array(items.collect()), edition)
}

fn required_fields(names: &Value) -> RequiredFields {
    let has = |name: &str| {
        let dotted =
            |given: &str| given == name || given.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        names
            .as_array()
            .is_some_and(|names| names.iter().filter_map(Value::as_str).any(dotted))
    };
    RequiredFields {
        description: has("description"),
        resolution: has("resolution"),
        resolved_time: has("resolved_time"),
        completed_time: has("completed_time"),
        last_updated_time: has("last_updated_time"),
        udf_fields: has("udf_fields"),
        tags: has("tags"),
    }
}

fn echo(info: &Map<String, Value>, edition: Edition, total_count: bool, page: u64) -> Map<String, Value> {
    let mut echo = Map::new();
    for key in [
        "sort_field",
        "sort_order",
        "search_criteria",
        "search_fields",
        "filter_by",
        "fields_required",
    ] {
        if let Some(value) = info.get(key) {
            echo.insert(key.into(), value.clone());
        }
    }
    if total_count && edition == Edition::Cloud {
        echo.insert("get_total_count".into(), json!(true));
    } else if total_count {
        echo.insert("get_total_count".into(), json!("true"));
        echo.insert("page".into(), json!(page));
    }
    echo
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(list_info: Value) -> Result<ListQuery, BadQuery> {
        parse(Some(&json!({"list_info": list_info}).to_string()), Edition::Cloud)
    }

    fn refused_field(list_info: Value) -> Option<String> {
        parsed(list_info).err().map(|bad| bad.field)
    }

    #[test]
    fn paging_has_defaults_and_bounds() {
        let first = parse(None, Edition::Cloud).expect("no parameter is fine");
        assert_eq!((first.start_index, first.row_count), (1, 10));
        let zero = parsed(json!({"start_index": 0, "row_count": "100"})).expect("0 is tolerated");
        assert_eq!((zero.start_index, zero.row_count), (1, 100));
        let third = parsed(json!({"page": 3, "row_count": 50})).expect("page");
        assert_eq!(third.start_index, 101);
        assert_eq!(
            refused_field(json!({"row_count": 101})).as_deref(),
            Some("row_count")
        );
        assert_eq!(
            refused_field(json!({"start_index": "x"})).as_deref(),
            Some("start_index")
        );
    }

    #[test]
    fn unknown_names_are_refused() {
        assert_eq!(
            refused_field(json!({"sort_field": "colour"})).as_deref(),
            Some("sort_field")
        );
        assert_eq!(
            refused_field(json!({"sort_field": "resolved_time"})).as_deref(),
            Some("sort_field")
        );
        assert_eq!(
            refused_field(json!({"filter_by": {"name": "Mine"}})).as_deref(),
            Some("filter_by")
        );
        assert_eq!(refused_field(json!({"rows": 5})).as_deref(), Some("rows"));
        let story = r#"{"status":{"name":["Closed"]},"resolved_time":{"from":1,"to":2}}"#;
        let bad = parse(Some(story), Edition::Cloud).expect_err("the story's keys");
        assert_eq!(bad, BadQuery::extra_key("resolved_time"));
    }

    #[test]
    fn dotted_names_require_their_field() {
        let query =
            parsed(json!({"fields_required": ["id", "udf_fields.udf_char1", "resolution"]})).expect("valid");
        let expected = RequiredFields {
            resolution: true,
            udf_fields: true,
            ..RequiredFields::default()
        };
        assert_eq!(query.required, Some(expected));
    }
}
