//! The tickets of a batch, before and after the database.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::quota::Limits;
use crate::{Counts, Incoming, Rejection};

/// Result of storing a batch's tickets.
pub(crate) struct Written {
    pub(crate) counts: Counts,
    /// Tickets that the database refused.
    pub(crate) refused: Vec<Rejection>,
    /// Size in bytes of the tickets that were inserted or replaced.
    pub(crate) bytes: u64,
    /// Limits and sizes of the tenant before the batch.
    pub(crate) limits: Limits,
    /// Revision of the rows.
    pub(crate) revision: i64,
}

/// Returns each ticket once, the last copy, and the number of copies that were dropped.
pub(crate) fn each_once(tickets: &[Incoming]) -> (Vec<&Incoming>, u64) {
    let mut last: HashMap<_, _> = HashMap::with_capacity(tickets.len());
    for (position, incoming) in tickets.iter().enumerate() {
        last.insert(&incoming.ticket.id, position);
    }
    let kept: Vec<_> = tickets
        .iter()
        .enumerate()
        .filter(|(position, incoming)| last[&incoming.ticket.id] == *position)
        .map(|(_, incoming)| incoming)
        .collect();
    let dropped = (tickets.len() - kept.len()) as u64;
    (kept, dropped)
}

/// Splits tickets into those that are kept and those that were resolved before `since`, which are not stored again.
pub(crate) fn split_expired(
    tickets: Vec<&Incoming>,
    since: Option<DateTime<Utc>>,
) -> (Vec<&Incoming>, Vec<&Incoming>) {
    tickets
        .into_iter()
        .partition(|incoming| since.is_none_or(|since| incoming.ticket.resolved_at >= since))
}

/// Returns the rejection of a ticket that the database refused; the reason holds none of its text.
pub(crate) fn rejection(incoming: &Incoming, error: &sqlx::Error) -> Rejection {
    let ticket = &incoming.ticket;
    let texts = [&ticket.subject, &ticket.description, &ticket.resolution];
    let holds_nul =
        texts.iter().any(|text| text.contains('\0')) || ticket.tags.iter().any(|tag| tag.contains('\0'));
    let cause = match error {
        _ if holds_nul => "a text holds the character U+0000".to_owned(),
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("22001") => "a value is too long for its column".to_owned(),
            _ => error.message().to_owned(),
        },
        other => other.to_string(),
    };
    Rejection {
        ticket_id: Some(ticket.id.as_str().to_owned()),
        reason: format!("the database refuses the ticket: {cause}"),
        raw: incoming.raw.to_string(),
    }
}
