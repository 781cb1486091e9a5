//! The order of a list.

use crate::edition::Edition;
use crate::exchange::bad_query::BadQuery;
use crate::query::field::TimeField;

/// The sort key of a list. Ties keep the order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SortKey {
    /// Cloud without `sort_field`: scattered.
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
    /// Reads `sort_field` and `sort_order`. Only documented fields, and those seen in use, sort: `resolved_time` and
    /// `completed_time` do not. Without a field, on-premises lists begin with the newest ticket.
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
            let key = match edition {
                Edition::Cloud => SortKey::Unsorted,
                Edition::OnPremises | Edition::Msp => SortKey::Number,
            };
            return Ok(Self {
                key,
                descending: true,
            });
        };
        let key = match field {
            "id" => SortKey::Number,
            "display_id" if edition == Edition::Cloud => SortKey::Number,
            // No request is scheduled, so all are equal.
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
