//! The search request and its validation.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use ticket::{Edge, FieldError, TicketId};
use utoipa::ToSchema;

/// Maximum number of precedents per response.
const MAX_LIMIT: usize = 100;

/// Default number of precedents per response.
const DEFAULT_LIMIT: usize = 5;

/// Maximum length of a filter, in characters.
const FILTER_CHARS: usize = 1_000;

/// Maximum number of tags per request.
const TAGS: usize = 100;

/// What to look for. `subject` or `description` must hold words; the rest narrows the search.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// The new ticket's text as it came in, of any length: symptoms, error messages, codes, host names. Paste it
    /// whole; there is no query syntax and nothing to escape.
    #[serde(default, alias = "text", alias = "query")]
    #[schema(example = "The VPN client drops the connection every hour and shows error 691.")]
    pub description: String,
    /// The new ticket's subject line, if it has one: its words count more.
    #[serde(default)]
    #[schema(example = "VPN drops every hour")]
    pub subject: String,
    /// Most precedents to return, 1 to 100; 5 if not given.
    #[schema(minimum = 1, maximum = 100, default = 5)]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<i64>,
    /// Resolved on this day (UTC, such as 2026-01-31) or at this instant (RFC 3339), or later.
    #[schema(example = "2026-01-01")]
    pub start_date: Option<String>,
    /// Resolved on this day or at this instant, or earlier.
    #[schema(example = "2026-12-31")]
    pub end_date: Option<String>,
    /// Only tickets of this category, as the helpdesk names it; upper and lower case are the same.
    pub category: Option<String>,
    /// Only tickets with at least one of these tags; upper and lower case are the same.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Whether somebody wrote down how the ticket was solved: `with` (if not given), `without` or `any`.
    #[serde(default)]
    pub resolution: Resolution,
    /// A ticket that must not be in the answer: the new one itself, if it is stored already.
    pub exclude_ticket_id: Option<String>,
}

/// Which tickets a resolution lets through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Resolution {
    /// Only those with a resolution
    #[default]
    With,
    /// Only those without
    Without,
    /// All
    Any,
}

/// A valid search request.
#[derive(Clone, Debug, Default)]
pub struct SearchQuery {
    /// Subject line; may be empty.
    pub subject: String,
    /// Text of the new ticket.
    pub text: String,
    /// Maximum number of hits.
    pub limit: usize,
    /// Earliest time of resolution, in milliseconds since the epoch.
    pub from_ms: Option<i64>,
    /// Latest time of resolution, in milliseconds since the epoch.
    pub to_ms: Option<i64>,
    /// Required category.
    pub category: Option<String>,
    /// Tags, of which a hit has at least one.
    pub tags: Vec<String>,
    /// Filter on the resolution.
    pub resolution: Resolution,
    /// Ticket to exclude.
    pub excluding: Option<String>,
}

impl SearchRequest {
    /// Validates every field.
    ///
    /// # Errors
    /// All fields that cannot be used.
    pub fn check(self) -> Result<SearchQuery, Vec<FieldError>> {
        let mut invalid = Vec::new();
        let mut refuse = |field, why: Cow<'_, str>| {
            let reason = why.into_owned();
            invalid.push(FieldError { field, reason });
        };
        if self.description.trim().is_empty() && self.subject.trim().is_empty() {
            refuse(
                "description",
                "there is nothing to search for: give the new ticket's text".into(),
            );
        }
        let limit = self.limit.map_or(Ok(DEFAULT_LIMIT), usize::try_from);
        let limit = limit.ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
        if limit.is_none() {
            refuse("limit", format!("must be 1 to {MAX_LIMIT}").into());
        }
        let mut instant = |field, text: &Option<String>, bound: fn(Edge) -> DateTime<Utc>| {
            let edge = text.as_deref()?.trim().parse::<Edge>();
            edge.map_err(|why| refuse(field, why.to_string().into()))
                .ok()
                .map(|edge| bound(edge).timestamp_millis())
        };
        let from_ms = instant("start_date", &self.start_date, Edge::first);
        let to_ms = instant("end_date", &self.end_date, Edge::last);
        if from_ms.zip(to_ms).is_some_and(|(from, to)| from > to) {
            refuse("end_date", "is before start_date".into());
        }
        let long = |text: &String| text.chars().count() > FILTER_CHARS;
        if self.category.as_ref().is_some_and(long) {
            refuse(
                "category",
                format!("has more than {FILTER_CHARS} characters").into(),
            );
        }
        if self.tags.len() > TAGS || self.tags.iter().any(long) {
            refuse(
                "tags",
                format!("at most {TAGS}, of {FILTER_CHARS} characters each").into(),
            );
        }
        if !invalid.is_empty() {
            return Err(invalid);
        }
        Ok(SearchQuery {
            subject: self.subject,
            text: self.description,
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            from_ms,
            to_ms,
            category: self.category,
            tags: self.tags,
            resolution: self.resolution,
            excluding: self
                .exclude_ticket_id
                .and_then(|id| TicketId::from_shown(&id))
                .map(|id| id.to_string()),
        })
    }
}
