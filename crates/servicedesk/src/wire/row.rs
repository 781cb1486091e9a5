//! One ticket of an answer: its own JSON and what was read from it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use ticket::TicketId;

use crate::Raw;
use crate::error::one_line;
use crate::wire::{Answer, Request, Text, Time, Whole, repair};

/// A list row or a detail, still to be normalised.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is kept of a ticket that has to be set aside.
    pub(crate) raw: Raw,
    /// What could be read, or why nothing could.
    pub(crate) request: Result<Request, String>,
}

impl Row {
    /// The answer in a body, with its rows. They are read in one go; if one cannot be, each by itself, so that it does
    /// not take the others with it.
    pub(crate) fn all_of(body: &Arc<String>) -> serde_json::Result<Answer<Self>> {
        if let Ok(answer) = serde_json::from_str::<Answer<Whole>>(body) {
            return Ok(answer.with_rows(|place, Whole(request)| Self {
                raw: Raw::Within(body.clone(), place),
                request: with_plausible_id(request),
            }));
        }
        let answer: Answer<Box<RawValue>> = serde_json::from_str(body)?;
        Ok(answer.with_rows(|_, raw| Self::from_json(raw.get())))
    }

    /// A row from its JSON, such as the raw form of a ticket that was set aside.
    pub fn from_json(json: &str) -> Self {
        let json = json.trim();
        let request = if json.starts_with('{') {
            serde_json::from_str(json)
                .or_else(|error| {
                    let rewritten = repair::rewrite(json).ok_or(error)?;
                    Request::deserialize(rewritten)
                })
                .map_err(|error| format!("unreadable ticket: {}", one_line(&error.to_string(), 200)))
                .and_then(with_plausible_id)
        } else {
            Err("a ticket must be an object".to_owned())
        };
        Self {
            raw: Raw::Alone(json.to_owned()),
            request,
        }
    }

    /// Its own JSON.
    pub fn json(&self) -> String {
        self.raw.to_string()
    }

    /// A row that could not even be had; `index` is its place in the list.
    pub(crate) fn unreadable(index: u64, reason: String) -> Self {
        Self {
            raw: Raw::Alone(format!("{{\"start_index\":{index}}}")),
            request: Err(reason),
        }
    }

    /// The latest of its times of creation, resolution and completion, in milliseconds since the epoch.
    pub(crate) fn latest_ms(&self) -> Option<i64> {
        let request = self.request.as_ref().ok()?;
        let times = [
            &request.created_time,
            &request.resolved_time,
            &request.completed_time,
        ];
        times.into_iter().filter_map(Time::milliseconds).max()
    }

    /// The ticket's id, where it has one.
    pub fn id(&self) -> Option<TicketId> {
        self.request
            .as_ref()
            .ok()
            .and_then(|request| TicketId::new(request.id.0.as_deref()?))
    }

    /// When it last changed at the source: outer `None` where the row does not say, inner `None` where it
    /// was never edited.
    pub fn source_time(&self) -> Option<Option<DateTime<Utc>>> {
        source_time(self.request.as_ref().ok()?)
    }

    /// When it last changed at the source or, where it never did, was created: what a sync goes on from. `None` where
    /// the row does not say.
    pub fn changed_at(&self) -> Option<DateTime<Utc>> {
        let request = self.request.as_ref().ok()?;
        let created = || DateTime::from_timestamp_millis(request.created_time.milliseconds()?);
        source_time(request)?.or_else(created)
    }

    /// Whether a list row lacks what only a detail call tells. A key that is there with null is an answer.
    pub fn is_thin(&self) -> bool {
        self.request.as_ref().is_ok_and(|request| {
            let timeless = request.resolved_time.is_absent() && request.completed_time.is_absent();
            request.description == Text::Absent || request.resolution == Text::Absent || timeless
        })
    }
}

/// Maximum bytes of an id; it becomes part of a URL.
const ID_BYTES: usize = 1_000;

fn with_plausible_id(request: Request) -> Result<Request, String> {
    match &request.id.0 {
        Some(id) if id.len() > ID_BYTES => Err(format!("its id is longer than {ID_BYTES} bytes")),
        _ => Ok(request),
    }
}

/// The last millisecond of 9999: later years, and those before 1970, are nonsense that not every database
/// takes or gives back.
const LATEST_MS: i64 = 253_402_300_799_999;

/// When a ticket last changed at the source, as [`Row::source_time`].
pub(crate) fn source_time(request: &Request) -> Option<Option<DateTime<Utc>>> {
    match request.last_updated_time {
        Time::Milliseconds(milliseconds @ 0..=LATEST_MS) => {
            DateTime::from_timestamp_millis(milliseconds).map(Some)
        }
        Time::Null => Some(None),
        Time::Absent | Time::Wrong(_) | Time::Milliseconds(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_no_name_sets_its_row_aside() {
        for json in [
            format!(
                r#"{{"requests":[{{"id":"{}"}},{{"id":"2"}}]}}"#,
                "1".repeat(2_000_000)
            ),
            // Read one by one, since one cannot be read.
            format!(
                r#"{{"requests":[{{"id":"{}"}},{{"id":"2"}},7]}}"#,
                "1".repeat(2_000_000)
            ),
        ] {
            let rows = Row::all_of(&json.into())
                .expect("an answer")
                .requests
                .expect("rows");
            let told = rows[0].request.as_ref().map(|_| ()).map_err(String::as_str);
            assert_eq!(told, Err("its id is longer than 1000 bytes"));
            assert_eq!(rows[1].id().map(|id| id.to_string()).as_deref(), Some("2"));
        }
    }

    #[test]
    fn nesting_without_end_is_passed_over_or_set_aside() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for key in [
            "unknown",
            "id",
            "subject",
            "tags",
            "status",
            "resolution",
            "resolved_time",
        ] {
            let row = format!(r#"{{"id":"1","{key}":{}}}"#, nested(100_000));
            let answer = Row::all_of(&format!(r#"{{"requests":[{row}]}}"#).into()).expect(key);
            assert_eq!(answer.requests.map(|rows| rows.len()), Some(1), "{key}");
        }
    }

    #[test]
    fn an_impossible_last_update_is_as_good_as_none() {
        let source_time = |value: &str| {
            let json = format!(r#"{{"last_updated_time": {{"value": "{value}"}}}}"#);
            Row::from_json(&json).source_time()
        };
        let told = source_time("1741694400533")
            .flatten()
            .map(|time| time.timestamp_millis());
        assert_eq!(told, Some(1_741_694_400_533));
        assert_eq!(source_time("-1"), Some(None));
        for impossible in [
            "253402300800000",
            "-62135596800001",
            "8210266876799999",
            "9223372036854775807",
        ] {
            assert_eq!(source_time(impossible), None, "{impossible}");
        }
    }
}
