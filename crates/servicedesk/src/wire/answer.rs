//! The envelope of every answer.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::list_info::ListInfo;
use super::note::Note;
use super::status::Status;
use super::{bounded, flexible};

/// The envelope of every answer. `Row` is a whole row, or raw JSON that is read row by row.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "Row: Deserialize<'de>"))]
pub(crate) struct Answer<Row> {
    #[serde(default, deserialize_with = "bounded::statements")]
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
    /// Returns the rows of a list and its `list_info`. Drops a total of less than half of the rows.
    pub(crate) fn list(self) -> Result<(Vec<Row>, ListInfo), String> {
        let rows = self.requests.ok_or("no list of requests")?;
        let list_info = self.list_info.checked_against(rows.len() as u64);
        Ok((rows, list_info))
    }

    /// Converts each row. `make` receives its place in the list too; the place of a detail is 0.
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

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ResponseStatus {
    #[serde(default, deserialize_with = "flexible::integer")]
    pub(crate) status_code: Option<i64>,
    #[serde(default, deserialize_with = "flexible::text")]
    pub(crate) status: Option<String>,
    #[serde(default, deserialize_with = "bounded::statements")]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::request::Whole;

    #[test]
    fn an_impossible_total_is_ignored() {
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
