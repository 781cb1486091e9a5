//! What a list call asks for: `list_info` checked as strictly, and as laxly, as ServiceDesk Plus does it.

mod criteria;
mod field;
mod list_info;
mod sort;
mod story;

pub(crate) use criteria::Filter;
pub(crate) use field::Field;
pub(crate) use list_info::{ListQuery, parse};
pub(crate) use sort::{Order, SortKey};
pub(crate) use story::parse as parse_story;

/// A list call that is refused with HTTP 400 and code 4001.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadQuery {
    /// The key to blame.
    pub(crate) field: String,
    /// The text of the message.
    pub(crate) message: &'static str,
}

impl BadQuery {
    pub(crate) fn invalid(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: "Invalid Input",
        }
    }

    pub(crate) fn extra_key(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: "EXTRA_KEY_FOUND_IN_JSON",
        }
    }
}
