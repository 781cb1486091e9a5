//! The URLs of list requests, in both forms.

use serde_json::{Value, json};
use url::Url;

use super::dialect::Sort;
use super::window::{Filter, Window};
use crate::{Client, Edition};

/// Fields that a list row should hold. Cloud honours the list; other editions mostly ignore it.
const FIELDS: [&str; 14] = [
    "id",
    "display_id",
    "subject",
    "description",
    "resolution",
    "status",
    "category",
    "priority",
    "tags",
    "has_notes",
    "created_time",
    "resolved_time",
    "completed_time",
    "last_updated_time",
];

/// Returns the URL of one page of a window; `start_index` counts from 1.
pub(crate) fn url(client: &Client, window: &Window, start_index: u64, row_count: u64) -> Url {
    let mut url = client.address().api(&["requests"]);
    if window.filter == Filter::Story {
        let list_info = json!({"start_index": start_index, "row_count": row_count});
        let input_data = json!({
            "status": {"name": ["Closed", "Resolved"]},
            "resolved_time": {"from": window.from_ms, "to": window.to_ms},
        });
        url.query_pairs_mut()
            .append_pair("list_info", &list_info.to_string())
            .append_pair("input_data", &input_data.to_string());
    } else {
        let input_data =
            json!({"list_info": list_info(client.settings().edition, window, start_index, row_count)});
        url.query_pairs_mut()
            .append_pair("input_data", &input_data.to_string());
    }
    url
}

fn list_info(edition: Edition, window: &Window, start_index: u64, row_count: u64) -> Value {
    let mut list_info = json!({
        "start_index": start_index,
        "row_count": row_count,
        "get_total_count": true,
    });
    let sort_field = match window.dialect.sort {
        Sort::Id => Some("id"),
        Sort::CreatedTime => Some("created_time"),
        Sort::Unsorted => None,
    };
    if let Some(sort_field) = sort_field {
        list_info["sort_field"] = json!(sort_field);
        list_info["sort_order"] = json!("asc");
    }
    if let Some(criteria) = search_criteria(window, edition) {
        list_info["search_criteria"] = criteria;
    }
    if window.dialect.fields_required {
        list_info["fields_required"] = json!(FIELDS);
    }
    list_info
}

/// Returns the criteria of a window.
///
/// A single criterion is an object: some builds refuse a list of one. Both bounds are one `between`: cloud
/// ignores two criteria on one field.
fn search_criteria(window: &Window, edition: Edition) -> Option<Value> {
    let between = |field: &str| {
        let values = [window.from_ms.to_string(), window.to_ms.to_string()];
        json!({"field": field, "condition": "between", "values": values})
    };
    let or = |mut criterion: Value| {
        criterion["logical_operator"] = json!("OR");
        criterion
    };
    // The test for null in the form that works: cloud without values, on premises with an empty list.
    let never = |field: &str| match edition {
        Edition::Cloud => json!({"field": field, "condition": "is", "logical_operator": "AND"}),
        _ => json!({"field": field, "condition": "is", "values": [], "logical_operator": "AND"}),
    };
    Some(match window.filter {
        Filter::CompletedOnly => json!([between("completed_time"), never("resolved_time")]),
        Filter::Completed => between("completed_time"),
        Filter::ResolvedOrCompleted => json!([between("resolved_time"), or(between("completed_time"))]),
        Filter::CompletedOrResolved => json!([between("completed_time"), or(between("resolved_time"))]),
        Filter::Resolved | Filter::Story => between("resolved_time"),
        Filter::Changed => between("last_updated_time"),
        Filter::Created => between("created_time"),
        Filter::Nothing => return None,
    })
}
