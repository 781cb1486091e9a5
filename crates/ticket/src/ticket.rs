//! What is kept of a resolved ticket.

use chrono::{DateTime, Utc};

use crate::{ContentDigest, TicketId};

/// A closed or resolved ticket, all markup already turned into text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Id at the source.
    pub id: TicketId,
    /// The number people quote ("#102"), where the source has one beside the id.
    pub display_id: Option<String>,
    /// One line; empty where the source has none.
    pub subject: String,
    /// Subject, blank line, body: see [`join_description`]. Never blank.
    pub description: String,
    /// How it was solved; empty where nobody wrote it down.
    pub resolution: String,
    /// When it was resolved, or else completed, to the millisecond.
    pub resolved_at: DateTime<Utc>,
    /// When the source last changed it; `None` where it was never edited or the source does not say.
    pub source_updated_at: Option<DateTime<Utc>>,
    /// The status as the tenant's helpdesk calls it.
    pub status: Option<String>,
    /// Category name.
    pub category: Option<String>,
    /// Priority name.
    pub priority: Option<String>,
    /// Where a technician opens it in a browser.
    pub url: Option<String>,
    /// Tag names in the source's order.
    pub tags: Vec<String>,
    /// The HTML that the body of the description was read from, where it is to be kept.
    pub description_html: Option<String>,
    /// The HTML that the resolution was read from, where it is to be kept.
    pub resolution_html: Option<String>,
}

impl Ticket {
    /// The digest of all that is stored of this ticket.
    pub fn digest(&self) -> ContentDigest {
        ContentDigest::of(self)
    }
}

/// Subject, blank line, body; only the one that is there where the other is blank.
pub fn join_description(subject: &str, body: &str) -> String {
    match (subject.trim(), body.trim()) {
        (subject, "") => subject.to_owned(),
        ("", body) => body.to_owned(),
        (subject, body) => format!("{subject}\n\n{body}"),
    }
}

#[cfg(test)]
mod tests {
    use super::join_description;

    #[test]
    fn description_is_subject_blank_line_body() {
        assert_eq!(
            join_description("VPN drops", "every hour\n"),
            "VPN drops\n\nevery hour"
        );
        assert_eq!(join_description("VPN drops", " "), "VPN drops");
        assert_eq!(join_description("", "every hour"), "every hour");
        assert_eq!(join_description("", ""), "");
    }
}
