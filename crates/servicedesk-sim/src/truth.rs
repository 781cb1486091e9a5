//! What a perfect client would know of the desk.

use serde::Serialize;

use crate::render::Renderer;
use crate::status::status;
use crate::ticket::{Ticket, display_id_of, id_of};

/// A ticket in a final status, as words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Truth {
    /// The id that the API shows (of a bad ticket: would show).
    pub id: String,
    /// The number that people quote; on premises the id.
    pub display_id: String,
    /// The subject; empty where there is none.
    pub subject: String,
    /// The visible words of the description, one space between them.
    pub words: String,
    /// The visible words of the resolution.
    pub resolution_words: String,
    /// When it was resolved, else completed.
    pub resolved_ms: Option<i64>,
    /// When it was last edited, if ever.
    pub updated_ms: Option<i64>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Name of its status.
    pub status: String,
    /// Name of its priority.
    pub priority: String,
    /// Name of its category.
    pub category: String,
    /// Whether a client can use it.
    pub valid: bool,
    /// Why it cannot.
    pub reason: Option<String>,
}

/// The truth about one ticket.
pub(crate) fn truth_of(renderer: &Renderer, ticket: &Ticket) -> Truth {
    let id = id_of(renderer.edition(), ticket.number).to_string();
    let cloud = renderer.edition() == crate::edition::Edition::Cloud;
    let display_id = if cloud {
        display_id_of(ticket.number).to_string()
    } else {
        id.clone()
    };
    Truth {
        id,
        display_id,
        subject: renderer.texts.subject(ticket.number).unwrap_or_default(),
        words: renderer
            .texts
            .description(ticket.number)
            .map(|document| document.words())
            .unwrap_or_default(),
        resolution_words: renderer.resolution(ticket).words(),
        resolved_ms: ticket.final_ms(),
        updated_ms: ticket.updated_ms,
        tags: renderer.tags(ticket).into_iter().map(str::to_owned).collect(),
        status: status(ticket.status).name.to_owned(),
        priority: renderer.directory.priorities[usize::from(ticket.priority)]
            .name
            .clone(),
        category: renderer.category_name(ticket).to_owned(),
        valid: ticket.defect.is_none(),
        reason: ticket.defect.map(|defect| defect.name().to_owned()),
    }
}
