//! The order of a list.

use super::BadQuery;
use super::field::TimeField;
use crate::edition::Edition;

/// What a list is sorted by. Ties keep the order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SortKey {
    /// No sort was asked for: newest first on premises, scattered on cloud.
    Unsorted,
    Number,
    Time(TimeField),
    Priority,
    Status,
    Subject,
}

/// A sort key and its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Order {
    pub(crate) key: SortKey,
    pub(crate) descending: bool,
}

impl Order {
    /// The order for `sort_field` and `sort_order`. Only documented fields, and those seen in use, sort:
    /// `resolved_time` and `completed_time` are not among them.
    ///
    /// # Errors
    /// When the field or the direction is unknown.
    pub(crate) fn parse(
        field: Option<&str>,
        direction: Option<&str>,
        edition: Edition,
    ) -> Result<Self, BadQuery> {
        let descending = match direction.map(str::to_ascii_lowercase).as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(BadQuery::invalid("sort_order")),
        };
        let Some(field) = field else {
            let key = if edition == Edition::Cloud {
                SortKey::Unsorted
            } else {
                SortKey::Number
            };
            return Ok(Self {
                key,
                descending: true,
            });
        };
        let key = match field {
            "id" => SortKey::Number,
            "display_id" if edition == Edition::Cloud => SortKey::Number,
            // Nobody schedules requests here: all equal.
            "scheduled_start_time" | "scheduled_end_time" | "first_response_due_by_time" => SortKey::Number,
            "created_time" => SortKey::Time(TimeField::Created),
            "due_by_time" => SortKey::Time(TimeField::DueBy),
            "last_updated_time" => SortKey::Time(TimeField::LastUpdated),
            "priority" | "priority.id" | "priority.name" => SortKey::Priority,
            "status" | "status.id" | "status.name" => SortKey::Status,
            "subject" => SortKey::Subject,
            _ => return Err(BadQuery::invalid("sort_field")),
        };
        Ok(Self { key, descending })
    }
}
