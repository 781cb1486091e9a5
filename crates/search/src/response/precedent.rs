//! The search response: the same JSON over HTTP, MCP and the command line.

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use ticket::Ticket;
use utoipa::ToSchema;

use super::extract::Extract;

/// Maximum length of description and resolution in a search response, in characters. Only machine-written texts are
/// longer.
const TEXT_CHARS: usize = 20_000;

/// Maximum length of the subject in a search response, in characters.
const SUBJECT_CHARS: usize = 1_000;

/// The answer to a search.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, ToSchema)]
pub struct SearchResponse {
    /// Best first. Empty if there is no useful precedent.
    pub results: Vec<Precedent>,
}

/// A stored ticket that is like the new one, with why it was found.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, ToSchema)]
pub struct Precedent {
    /// The stored ticket. Description and resolution are cut after 20,000 characters, the subject after 1,000.
    #[serde(flatten)]
    pub ticket: StoredTicket,
    /// Whether a text of the ticket was cut; read the ticket by its `ticket_id` to get all of it.
    pub truncated: bool,
    /// How likely it is of use, 0 to 1, as measured on public data: from 0.5 on it is most probably the same problem,
    /// below 0.1 it merely may help. Below 0.014 nothing is returned.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.87)]
    pub score: f64,
    /// Words of the question that it has, in their common form, ordered.
    pub matched_terms: Vec<String>,
    /// The part of description and resolution (of the first 100,000 characters of each) with most of them.
    pub extract: String,
    /// First byte and the one behind the last, in UTF-8, of each matched word in the extract.
    pub highlights: Vec<(usize, usize)>,
}

/// A resolved ticket as it was imported.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, ToSchema)]
pub struct StoredTicket {
    /// The helpdesk's own id.
    #[schema(example = "216826000000304055")]
    pub ticket_id: String,
    /// The number that people see.
    #[schema(example = "10472")]
    pub display_id: Option<String>,
    /// Its subject line.
    pub subject: String,
    /// Subject, blank line, and what was reported, as plain text.
    pub description: String,
    /// How it was solved, as plain text; empty if nobody wrote it down.
    pub resolution: String,
    /// When it was resolved, RFC 3339 in UTC.
    #[schema(format = DateTime)]
    pub resolved_date: String,
    /// Status at the last reading.
    pub status: Option<String>,
    /// Category, as the helpdesk names it.
    pub category: Option<String>,
    /// Priority, as the helpdesk names it.
    pub priority: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Where people see it in the helpdesk.
    pub url: Option<String>,
}

impl From<Ticket> for StoredTicket {
    fn from(ticket: Ticket) -> Self {
        Self {
            ticket_id: ticket.id.to_string(),
            display_id: ticket.display_id,
            subject: ticket.subject,
            description: ticket.description,
            resolution: ticket.resolution,
            resolved_date: text(ticket.resolved_at),
            status: ticket.status,
            category: ticket.category,
            priority: ticket.priority,
            tags: ticket.tags,
            url: ticket.url,
        }
    }
}

impl Precedent {
    pub(crate) fn new(ticket: Ticket, likelihood: f32, matched_terms: Vec<String>, extract: Extract) -> Self {
        let mut ticket = StoredTicket::from(ticket);
        let cuts = [
            cut(&mut ticket.subject, SUBJECT_CHARS),
            cut(&mut ticket.description, TEXT_CHARS),
            cut(&mut ticket.resolution, TEXT_CHARS),
        ];
        Self {
            ticket,
            truncated: cuts.contains(&true),
            // The estimate is not more precise than two digits.
            score: (f64::from(likelihood) * 100.0).round() / 100.0,
            matched_terms,
            extract: extract.text,
            highlights: extract.marks,
        }
    }
}

/// Truncates a text to a number of characters; returns whether it was longer.
pub fn cut(text: &mut String, chars: usize) -> bool {
    let end = text.char_indices().nth(chars).map(|(end, _)| end);
    if let Some(end) = end {
        text.truncate(end);
        text.shrink_to_fit();
    }
    end.is_some()
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
