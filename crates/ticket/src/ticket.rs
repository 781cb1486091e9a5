//! The stored fields of a resolved ticket.

use chrono::{DateTime, Utc};

use crate::TicketId;

/// A closed or resolved ticket, with its mark-up converted to text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Id at the source.
    pub id: TicketId,
    /// Number that people quote ("#102"), if the source has one in addition to the id.
    pub display_id: Option<String>,
    /// Subject in one line; empty if the source has none.
    pub subject: String,
    /// Subject, blank line, body, as of [`join_description`]. Never blank.
    pub description: String,
    /// Resolution; empty if the source has none.
    pub resolution: String,
    /// Time of resolution, or else of completion, to the millisecond.
    pub resolved_at: DateTime<Utc>,
    /// Time of the last update at the source; `None` if the ticket was never edited or the source does not say.
    pub source_updated_at: Option<DateTime<Utc>>,
    /// Status, in the words of the tenant's helpdesk.
    pub status: Option<String>,
    /// Name of the category.
    pub category: Option<String>,
    /// Name of the priority.
    pub priority: Option<String>,
    /// URL at which a technician opens the ticket in a browser.
    pub url: Option<String>,
    /// Names of the tags in the source's order.
    pub tags: Vec<String>,
    /// HTML of the description's body, if the tenant keeps it.
    pub description_html: Option<String>,
    /// HTML of the resolution, if the tenant keeps it.
    pub resolution_html: Option<String>,
}

impl Ticket {
    /// Returns the length of all its long texts in bytes: what it needs beyond the fields of bounded length.
    pub fn text_bytes(&self) -> usize {
        let texts = [&self.subject, &self.description, &self.resolution];
        let html = [&self.description_html, &self.resolution_html];
        let tags = self.tags.iter().map(String::len).sum::<usize>();
        let html = html.into_iter().flatten().map(String::len).sum::<usize>();
        texts.into_iter().map(String::len).sum::<usize>() + html + tags
    }
}

/// Joins subject and body by a blank line. If one of them is blank, returns the other.
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
    fn a_blank_line_joins_subject_and_body() {
        assert_eq!(
            join_description("VPN drops", "every hour\n"),
            "VPN drops\n\nevery hour"
        );
        assert_eq!(join_description("VPN drops", " "), "VPN drops");
        assert_eq!(join_description("", "every hour"), "every hour");
        assert_eq!(join_description("", ""), "");
    }
}
