//! List requests, in both forms.

use serde_json::{Value, json};
use url::Url;

use crate::{Client, Edition, Filter, Window};

/// What a list row should hold, where the server can be told (cloud; others ignore it).
const FIELDS: [&str; 13] = [
    "id",
    "display_id",
    "subject",
    "description",
    "resolution",
    "status",
    "category",
    "priority",
    "tags",
    "created_time",
    "resolved_time",
    "completed_time",
    "last_updated_time",
];

/// The URL of one page of a window; `start_index` counts from 1.
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
        let input_data = json!({"list_info": list_info(client, window, start_index, row_count)});
        url.query_pairs_mut()
            .append_pair("input_data", &input_data.to_string());
    }
    url
}

fn list_info(client: &Client, window: &Window, start_index: u64, row_count: u64) -> Value {
    let mut list_info = json!({
        "start_index": start_index,
        "row_count": row_count,
        "get_total_count": true,
        // Ids never change and new ones go to the end: the most stable order there is.
        "sort_field": "id",
        "sort_order": "asc",
        "search_criteria": search_criteria(window),
    });
    if window.fields_required && client.settings().edition != Edition::Msp {
        list_info["fields_required"] = json!(FIELDS);
    }
    list_info
}

/// One criterion goes as an object, not as a list of one: some builds refuse the latter. Bounds go as one
/// `between`: two criteria on one field are ignored on cloud.
fn search_criteria(window: &Window) -> Value {
    let between = |field: &str| {
        let values = [window.from_ms.to_string(), window.to_ms.to_string()];
        json!({"field": field, "condition": "between", "values": values})
    };
    match window.filter {
        Filter::Completed => between("completed_time"),
        Filter::ResolvedOrCompleted => {
            let mut completed = between("completed_time");
            completed["logical_operator"] = json!("OR");
            json!([between("resolved_time"), completed])
        }
        Filter::Resolved | Filter::Story => between("resolved_time"),
    }
}
