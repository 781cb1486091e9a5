//! What is asked: the same for every caller.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::range::Edge;

/// Most precedents in one answer.
const MOST: usize = 100;

/// Precedents in an answer unless asked otherwise.
const USUAL: usize = 5;

/// Longest filter, in characters; a tag or category is a word or two.
const FILTER_CHARS: usize = 1_000;

/// Most tags in one question.
const TAGS: usize = 100;

/// What to look for. `subject` or `description` must hold words; the rest narrows the search.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchRequest {
    /// The new ticket's text as it came in, of any length: symptoms, error messages, codes, host names. Paste it
    /// whole; there is no query syntax and nothing to escape.
    #[serde(default, alias = "text", alias = "query")]
    #[schema(example = "The VPN client drops the connection every hour and shows error 691.")]
    pub(crate) description: String,
    /// The new ticket's subject line, if it has one: its words count more.
    #[serde(default)]
    #[schema(example = "VPN drops every hour")]
    pub(crate) subject: String,
    /// Most precedents to return, 1 to 100; 5 if not given.
    #[schema(minimum = 1, maximum = 100, default = 5)]
    #[schemars(range(min = 1, max = 100))]
    pub(crate) limit: Option<i64>,
    /// Resolved on this day (UTC, such as 2026-01-31) or at this instant (RFC 3339), or later.
    #[schema(example = "2026-01-01")]
    pub(crate) start_date: Option<String>,
    /// Resolved on this day or at this instant, or earlier.
    #[schema(example = "2026-12-31")]
    pub(crate) end_date: Option<String>,
    /// Only tickets of this category, as the helpdesk names it; upper and lower case are the same.
    pub(crate) category: Option<String>,
    /// Only tickets with at least one of these tags; upper and lower case are the same.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// Whether somebody wrote down how the ticket was solved: `with` (if not given), `without` or `any`.
    #[serde(default)]
    pub(crate) resolution: Resolution,
    /// A ticket that must not be in the answer: the new one itself, if it is stored already.
    pub(crate) exclude_ticket_id: Option<String>,
}

/// Which tickets a resolution lets through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Resolution {
    /// Only those with a resolution
    #[default]
    With,
    /// Only those without
    Without,
    /// All
    Any,
}

/// A field that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invalid {
    pub(crate) field: &'static str,
    pub(crate) why: String,
}

/// All of them on one line.
pub(crate) fn in_words(invalid: &[Invalid]) -> String {
    let each = invalid
        .iter()
        .map(|Invalid { field, why }| format!("{field}: {why}"));
    each.collect::<Vec<_>>().join("; ")
}

/// A request that was found to be good.
#[derive(Clone, Debug, Default)]
pub(crate) struct Question {
    pub(crate) subject: String,
    pub(crate) text: String,
    /// Most hits.
    pub(crate) limit: usize,
    /// Resolved at this or later, in milliseconds since the epoch.
    pub(crate) from_ms: Option<i64>,
    /// Resolved at this or earlier.
    pub(crate) to_ms: Option<i64>,
    pub(crate) category: Option<String>,
    /// One of these is enough.
    pub(crate) tags: Vec<String>,
    pub(crate) resolution: Resolution,
    /// Not this ticket.
    pub(crate) excluding: Option<String>,
}

impl SearchRequest {
    /// Checks every field.
    ///
    /// # Errors
    /// All fields that cannot be used.
    pub(crate) fn check(self) -> Result<Question, Vec<Invalid>> {
        let mut invalid = Vec::new();
        let mut refuse = |field, why: Cow<'_, str>| {
            let why = why.into_owned();
            invalid.push(Invalid { field, why });
        };
        if self.description.trim().is_empty() && self.subject.trim().is_empty() {
            refuse(
                "description",
                "there is nothing to search for: give the new ticket's text".into(),
            );
        }
        let limit = self.limit.map_or(Ok(USUAL), usize::try_from);
        let limit = limit.ok().filter(|limit| (1..=MOST).contains(limit));
        if limit.is_none() {
            refuse("limit", format!("must be 1 to {MOST}").into());
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
        Ok(Question {
            subject: self.subject,
            text: self.description,
            limit: limit.unwrap_or(USUAL),
            from_ms,
            to_ms,
            category: self.category,
            tags: self.tags,
            resolution: self.resolution,
            excluding: self.exclude_ticket_id,
        })
    }
}
