//! Answers as the server sends them. Nothing in here leaves the crate.
//!
//! Shapes differ between editions, versions and even calls: `response_status` is a list on lists and an
//! object on details, numbers arrive as texts, keys are absent or null. What is read here is read
//! leniently; what cannot be read is an error of one row, never of the page.

mod field;
mod flexible;
pub(crate) mod repair;
mod request;

use serde::Deserialize;
use serde_json::value::RawValue;

pub(crate) use field::{Tags, Text, Time};
pub(crate) use request::{Note, Request, Status};

/// The envelope of every answer; rows stay raw until they are looked at one by one.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer<'a> {
    #[serde(default, deserialize_with = "flexible::one_or_many")]
    pub(crate) response_status: Vec<ResponseStatus>,
    #[serde(default)]
    pub(crate) list_info: ListInfo,
    #[serde(borrow)]
    pub(crate) requests: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(crate) request: Option<&'a RawValue>,
    pub(crate) statuses: Option<Vec<Status>>,
    pub(crate) notes: Option<Vec<Note>>,
    pub(crate) note: Option<Note>,
    /// Some throttles of the vendor's platform come without `response_status`.
    #[serde(borrow)]
    pub(crate) error: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ResponseStatus {
    #[serde(default, deserialize_with = "flexible::integer")]
    pub(crate) status_code: Option<i64>,
    #[serde(default, deserialize_with = "flexible::text")]
    pub(crate) status: Option<String>,
    #[serde(default, deserialize_with = "flexible::one_or_many")]
    pub(crate) messages: Vec<Message>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Message {
    #[serde(default, deserialize_with = "flexible::integer")]
    pub(crate) status_code: Option<i64>,
    #[serde(default, deserialize_with = "flexible::text")]
    pub(crate) field: Option<String>,
    #[serde(default, deserialize_with = "flexible::text")]
    pub(crate) message: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ListInfo {
    #[serde(default, deserialize_with = "flexible::boolean")]
    pub(crate) has_more_rows: Option<bool>,
    #[serde(default, deserialize_with = "flexible::integer")]
    pub(crate) total_count: Option<i64>,
}

impl ListInfo {
    pub(crate) fn total(&self) -> Option<u64> {
        u64::try_from(self.total_count?).ok()
    }
}
