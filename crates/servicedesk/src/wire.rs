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
pub(crate) use request::{Note, Request, Status, Whole};

/// The envelope of every answer. `Row` is what is read of a row at once: a [`Whole`] one, or a raw one to be looked at
/// by itself.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "Row: Deserialize<'de>"))]
pub(crate) struct Answer<Row> {
    #[serde(default, deserialize_with = "flexible::one_or_many")]
    pub(crate) response_status: Vec<ResponseStatus>,
    #[serde(default)]
    pub(crate) list_info: ListInfo,
    pub(crate) requests: Option<Vec<Row>>,
    pub(crate) request: Option<Row>,
    pub(crate) statuses: Option<Vec<Status>>,
    pub(crate) notes: Option<Vec<Note>>,
    pub(crate) note: Option<Note>,
    /// Some throttles of the vendor's platform come without `response_status`.
    pub(crate) error: Option<Box<RawValue>>,
}

impl<Row> Answer<Row> {
    /// The same with something made of each row and of its place in the list; that of a detail is 0.
    pub(crate) fn with_rows<Other>(self, mut make: impl FnMut(usize, Row) -> Other) -> Answer<Other> {
        let mut of_list = |(place, row)| make(place, row);
        Answer {
            requests: self
                .requests
                .map(|rows| rows.into_iter().enumerate().map(&mut of_list).collect()),
            request: self.request.map(|row| of_list((0, row))),
            response_status: self.response_status,
            list_info: self.list_info,
            statuses: self.statuses,
            notes: self.notes,
            note: self.note,
            error: self.error,
        }
    }
}

/// The rows of an answer as they came.
#[derive(Debug, Deserialize)]
pub(crate) struct RawRows<'a> {
    #[serde(borrow)]
    pub(crate) requests: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(crate) request: Option<&'a RawValue>,
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
