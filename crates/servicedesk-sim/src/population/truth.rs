//! The knowledge that a perfect client would have of a ticket.

use serde::Serialize;

/// A ticket in a final status, as words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// The id that the API shows (of a bad ticket: would show).
    pub id: String,
    /// The number that people quote; on premises the id.
    pub display_id: String,
    /// The subject, or an empty text.
    pub subject: String,
    /// The visible words of the description, separated by single spaces.
    pub words: String,
    /// The visible words of the resolution.
    pub resolution_words: String,
    /// Time of resolution, else of completion.
    pub resolved_ms: Option<i64>,
    /// Time of the last edit, if any.
    pub updated_ms: Option<i64>,
    /// Tags in the order shown.
    pub tags: Vec<String>,
    /// Name of the status.
    pub status: String,
    /// Name of the priority.
    pub priority: String,
    /// Name of the category.
    pub category: String,
    /// Whether a client can use the ticket.
    pub valid: bool,
    /// Reason why not.
    pub reason: Option<String>,
}
