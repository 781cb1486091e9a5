//! One ticket of an answer: its own JSON and the fields read from it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use ticket::TicketId;

use super::answer::Answer;
use super::body::Body;
use super::field::Text;
use super::one_line::one_line;
use super::raw::{Form, Raw};
use super::repair;
use super::request::{Request, Whole};
use super::time::Time;

/// Maximum bytes of an id; the id becomes part of a URL.
const ID_BYTES: usize = 1_000;

/// Maximum bytes of a row without details that is kept to be completed later; most have a few hundred.
const LEFT_BYTES: usize = 64 << 10;

/// A list row or a detail, not yet normalised.
#[derive(Clone, Debug)]
pub struct Row {
    /// The ticket's own JSON, kept if the ticket is rejected.
    pub(crate) raw: Raw,
    /// The fields, or the reason why they cannot be read.
    pub(crate) request: Result<Request, String>,
}

impl Row {
    /// Parses the answer in a body. Parses the rows together; if one of them fails, row by row, so that one bad
    /// row does not fail the others.
    pub(crate) fn all_of(body: &Arc<Body>) -> serde_json::Result<Answer<Self>> {
        if let Ok(answer) = serde_json::from_str::<Answer<Whole>>(body.text()) {
            return Ok(answer.with_rows(|place, Whole(request)| Self {
                raw: Raw(Form::Within(body.clone(), place)),
                request: with_plausible_id(request),
            }));
        }
        let answer: Answer<Box<RawValue>> = serde_json::from_str(body.text())?;
        Ok(answer.with_rows(|_, raw| Self::from_json(raw.get())))
    }

    /// Parses a row from its own JSON, such as that of a rejected ticket.
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
            raw: Raw(Form::Alone(json.to_owned())),
            request,
        }
    }

    /// Returns the row's own JSON.
    pub fn json(&self) -> String {
        self.raw.to_string()
    }

    /// Returns the JSON from which a later walk completes the row: its own, or its id alone if the row is long and its
    /// detail holds the rest.
    pub fn json_to_resume(&self) -> String {
        let json = self.json();
        match self.id().filter(|_| json.len() > LEFT_BYTES && self.is_thin()) {
            Some(id) => serde_json::json!({"id": id.as_str()}).to_string(),
            None => json,
        }
    }

    /// Makes a row that could not be fetched; `index` is its place in the list.
    pub(crate) fn unreadable(index: u64, reason: String) -> Self {
        Self {
            raw: Raw(Form::Alone(format!("{{\"start_index\":{index}}}"))),
            request: Err(reason),
        }
    }

    /// Returns the latest of creation, resolution and completion, in milliseconds since the epoch.
    pub(crate) fn latest_ms(&self) -> Option<i64> {
        let request = self.request.as_ref().ok()?;
        let times = [
            &request.created_time,
            &request.resolved_time,
            &request.completed_time,
        ];
        times.into_iter().filter_map(Time::milliseconds).max()
    }

    /// Returns the ticket's id, if it has one.
    pub fn id(&self) -> Option<TicketId> {
        self.request
            .as_ref()
            .ok()
            .and_then(|request| TicketId::new(request.id.0.as_deref()?))
    }

    /// Returns the time of the last update at the source. The outer `None` means that the row lacks the field,
    /// the inner `None` that the ticket was never edited.
    pub fn source_time(&self) -> Option<Option<DateTime<Utc>>> {
        source_time(self.request.as_ref().ok()?)
    }

    /// Returns the time of the last update or, for a ticket without one, of the creation. A sync resumes from it.
    /// `None` if the row lacks these fields.
    pub fn changed_at(&self) -> Option<DateTime<Utc>> {
        let request = self.request.as_ref().ok()?;
        let created = || DateTime::from_timestamp_millis(request.created_time.milliseconds()?);
        source_time(request)?.or_else(created)
    }

    /// Returns whether the row lacks fields that a detail has. A key with null is not missing.
    pub fn is_thin(&self) -> bool {
        self.request.as_ref().is_ok_and(|request| {
            let timeless = request.resolved_time.is_absent() && request.completed_time.is_absent();
            request.description == Text::Absent || request.resolution == Text::Absent || timeless
        })
    }
}

fn with_plausible_id(request: Request) -> Result<Request, String> {
    match &request.id.0 {
        Some(id) if id.len() > ID_BYTES => Err(format!("its id is longer than {ID_BYTES} bytes")),
        _ => Ok(request),
    }
}

/// Returns the time of the last update, as [`Row::source_time`] does.
pub(crate) fn source_time(request: &Request) -> Option<Option<DateTime<Utc>>> {
    match request.last_updated_time {
        Time::Milliseconds(milliseconds) => DateTime::from_timestamp_millis(milliseconds).map(Some),
        Time::Null => Some(None),
        Time::Absent | Time::Wrong(_) | Time::Impossible(_) => None,
    }
}

#[cfg(test)]
mod tests;
