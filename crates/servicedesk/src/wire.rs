//! Answers as the server sends them. Nothing in here leaves the crate.
//!
//! Shapes differ between editions, versions and even calls: `response_status` is a list on lists and an
//! object on details, numbers arrive as texts, keys are absent or null. What is read here is read
//! leniently; what cannot be read is an error of one row, never of the page.

mod bounded;
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
    #[serde(default, deserialize_with = "bounded::items_or_none")]
    pub(crate) response_status: Vec<ResponseStatus>,
    #[serde(default)]
    pub(crate) list_info: ListInfo,
    #[serde(default, deserialize_with = "bounded::rows")]
    pub(crate) requests: Option<Vec<Row>>,
    pub(crate) request: Option<Row>,
    #[serde(default, deserialize_with = "bounded::items")]
    pub(crate) statuses: Option<Vec<Status>>,
    #[serde(default, deserialize_with = "bounded::items")]
    pub(crate) notes: Option<Vec<Note>>,
    pub(crate) note: Option<Note>,
    /// Some throttles of the vendor's platform come without `response_status`.
    pub(crate) error: Option<Box<RawValue>>,
}

impl<Row> Answer<Row> {
    /// The rows of a list and what is said of it; a count of less than half of what is shown is no count.
    pub(crate) fn list(self) -> Result<(Vec<Row>, ListInfo), String> {
        let rows = self.requests.ok_or("no list of requests")?;
        let shown = rows.len() as u64;
        let mut list_info = self.list_info;
        list_info.total_count = list_info
            .total_count
            .filter(|total| u64::try_from(*total).is_ok_and(|total| total.saturating_mul(2) >= shown));
        Ok((rows, list_info))
    }

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
    #[serde(default, deserialize_with = "bounded::items_or_none")]
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

/// Maximum tickets that a helpdesk is believed to count or to list.
pub(crate) const MOST_TICKETS: u64 = 10_000_000;

impl ListInfo {
    /// How many rows the server counts, if it does and if there can be so many.
    pub(crate) fn total(&self) -> Option<u64> {
        self.counted().filter(|total| *total <= MOST_TICKETS)
    }

    /// How many rows the server counts, whether there can be so many or not.
    pub(crate) fn counted(&self) -> Option<u64> {
        u64::try_from(self.total_count?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_believed_only_if_it_can_be_true() {
        let total = |total: &str, rows: usize| {
            let rows = vec!["{}"; rows].join(",");
            let body = format!(r#"{{"list_info":{{"total_count":{total}}},"requests":[{rows}]}}"#);
            let answer: Answer<Whole> = serde_json::from_str(&body).expect("an answer");
            answer.list().expect("a list").1.total()
        };
        assert_eq!(total("250", 100), Some(250));
        assert_eq!(total("\"10000000\"", 100), Some(10_000_000));
        assert_eq!(total("0", 0), Some(0));
        assert_eq!(
            total("90", 100),
            Some(90),
            "rows that come twice are counted once"
        );
        for absurd in [
            "10000001",
            "2147483647",
            "9223372036854775807",
            "18446744073709551615",
            "1e300",
            "-1",
        ] {
            assert_eq!(total(absurd, 1), None, "{absurd}");
        }
        assert_eq!(total("0", 1), None);
        assert_eq!(total("49", 100), None);
    }
}
