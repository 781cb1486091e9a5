//! List requests, in both forms.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{Client, Edition, Filter, Window};

/// What a list row should hold, where the server can be told (cloud; others mostly ignore it).
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

/// How this server wants to be asked; builds differ, and answer 400 to what they do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// Whether it accepts `fields_required`.
    pub fields_required: bool,
    /// What it sorts by.
    pub sort: Sort,
}

/// An order that does not change while a list is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Ids never change and new ones go to the end: the most stable order there is.
    Id,
    /// The next best.
    CreatedTime,
    /// The server's own.
    Unsorted,
}

impl Dialect {
    /// What the documentation promises.
    pub(crate) const FULL: Self = Self {
        fields_required: true,
        sort: Sort::Id,
    };

    /// One demand less after a refusal: the one that the refusal names, else the least needed.
    pub(crate) fn simpler(self, refusal: &str) -> Option<Self> {
        let without_fields = Self {
            fields_required: false,
            ..self
        };
        let sort = match self.sort {
            Sort::Id => Some(Sort::CreatedTime),
            Sort::CreatedTime => Some(Sort::Unsorted),
            Sort::Unsorted => None,
        };
        let other_sort = sort.map(|sort| Self { sort, ..self });
        match self.fields_required && !refusal.contains("sort") {
            true => Some(without_fields),
            false => other_sort.or(self.fields_required.then_some(without_fields)),
        }
    }
}

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

/// One criterion goes as an object, not as a list of one: some builds refuse the latter. Bounds go as one
/// `between`: two criteria on one field are ignored on cloud.
fn search_criteria(window: &Window, edition: Edition) -> Option<Value> {
    let between = |field: &str| {
        let values = [window.from_ms.to_string(), window.to_ms.to_string()];
        json!({"field": field, "condition": "between", "values": values})
    };
    let or = |mut criterion: Value| {
        criterion["logical_operator"] = json!("OR");
        criterion
    };
    // The test for null as it was seen to work: cloud without values, on premises with an empty list of them.
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
