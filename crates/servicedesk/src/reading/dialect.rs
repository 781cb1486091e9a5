//! The form of list requests that this server accepts.

use serde::{Deserialize, Serialize};

/// The form of list requests that this server accepts. Builds differ, and answer 400 to a key that they do not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// Whether the server accepts `fields_required`.
    pub fields_required: bool,
    /// Order of the list.
    pub sort: Sort,
}

/// An order that does not change during a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// By id, the most stable order: ids never change, and new ones go to the end.
    Id,
    /// By creation, the next best.
    CreatedTime,
    /// The server's own order.
    Unsorted,
}

impl Dialect {
    /// The form that the documentation promises.
    pub(crate) const FULL: Self = Self {
        fields_required: true,
        sort: Sort::Id,
    };

    /// Returns the next simpler form after a refusal: without the key that the refusal names, else without the
    /// least important one. `None` if nothing is left to omit.
    pub(super) fn simpler(self, refusal: &str) -> Option<Self> {
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
