//! Parses `input_data={"list_info":{...}}` of the real API.

use serde_json::{Map, Value, json};

use crate::edition::Edition;
use crate::exchange::bad_query::BadQuery;
use crate::query::compile::compile;
use crate::query::field::Field;
use crate::query::filter::Filter;
use crate::query::sort::Order;
use crate::render::required_fields::RequiredFields;

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

/// A valid list call.
#[derive(Clone, Debug)]
pub(crate) struct ListQuery {
    /// From 1.
    pub(crate) start_index: u64,
    pub(crate) row_count: u64,
    pub(crate) order: Order,
    pub(crate) filter: Filter,
    pub(crate) total_count: bool,
    pub(crate) required: Option<RequiredFields>,
    /// The keys that the answer's `list_info` repeats.
    pub(crate) echo: Map<String, Value>,
    /// Equal for equal selections in equal order.
    pub(crate) cache_key: String,
}

/// Parses `input_data`; without it, returns a query for the first page in the default order.
///
/// # Errors
/// When a key is unknown, or a value is not accepted.
pub(crate) fn parse(input_data: Option<&str>, edition: Edition) -> Result<ListQuery, BadQuery> {
    let info = &list_info(input_data)?;
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
    let criteria = info.get("search_criteria").filter(|criteria| !criteria.is_null());
    let filter = criteria.map_or(Ok(Filter::All), |criteria| compile(criteria, edition))?;
    let filter = filter.and(named_filter(info.get("filter_by"))?);
    let filter = filter.and(search_fields(info.get("search_fields"), edition)?);
    let selecting = ["search_criteria", "filter_by", "search_fields"].map(|key| info.get(key));
    Ok(ListQuery {
        start_index,
        row_count,
        order,
        filter,
        total_count,
        required: info.get("fields_required").map(RequiredFields::read),
        echo: echo(info, edition, total_count, page.unwrap_or(1)),
        cache_key: format!("{order:?} {selecting:?}"),
    })
}

/// Reads the object `list_info`, whose keys are all known.
fn list_info(input_data: Option<&str>) -> Result<Map<String, Value>, BadQuery> {
    let invalid = || BadQuery::invalid("input_data");
    let mut input: Map<String, Value> =
        serde_json::from_str(input_data.unwrap_or("{}")).map_err(|_| invalid())?;
    let info = match input.remove("list_info") {
        Some(Value::Object(info)) => info,
        Some(_) if input.is_empty() => return Err(BadQuery::invalid("list_info")),
        _ => Map::new(),
    };
    let unknown = info.keys().find(|key| !KEYS.contains(&key.as_str()));
    match input.keys().next().or(unknown) {
        Some(key) => Err(BadQuery::extra_key(key)),
        None => Ok(info),
    }
}

/// Reads a whole number, or a text with one.
fn number(info: &Map<String, Value>, key: &str) -> Result<Option<u64>, BadQuery> {
    let read = |value: &Value| match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    };
    info.get(key)
        .map(|value| read(value).ok_or_else(|| BadQuery::invalid(key)))
        .transpose()
}

/// Reads one of the views that every server has.
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

/// Reads a map from fields to their values, or a text with one.
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
    compile(&Value::Array(items.collect()), edition)
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
        let required = query.required.expect("given");
        assert!(
            ["id", "udf_fields", "resolution"]
                .iter()
                .all(|field| required.has(field))
        );
        assert!(!required.has("udf_fields.udf_char1") && !required.has("tags"));
    }
}
