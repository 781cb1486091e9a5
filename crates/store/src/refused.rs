//! Tickets that are set aside, by the reader or because the database refuses the row, and those that are left out.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::{Incoming, Rejection};

/// A row of `rejected_tickets`, fit for any text column.
pub(crate) struct RejectedRow {
    pub(crate) key: String,
    pub(crate) ticket_id: Option<String>,
    pub(crate) reason: String,
    pub(crate) raw: String,
}

/// Width of the column `rejection_key`.
const KEY_LENGTH: usize = 100;

/// A text as PostgreSQL stores it: without U+0000, which JSON writes as an escape.
pub(crate) fn fit(text: &str) -> String {
    text.replace('\0', "\\u0000")
}

pub(crate) fn row(rejection: &Rejection) -> RejectedRow {
    let ticket_id = rejection.ticket_id.as_deref().map(fit);
    let digest_of = |text: &str| format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes())));
    let key = match &ticket_id {
        Some(id) if id.chars().count() <= KEY_LENGTH => id.clone(),
        Some(id) => digest_of(id),
        None => digest_of(&rejection.raw),
    };
    RejectedRow {
        key,
        ticket_id,
        reason: fit(&rejection.reason),
        raw: fit(&rejection.raw),
    }
}

/// The earliest resolution of which a ticket is kept; `None` where all are.
pub(crate) fn kept_since(days: Option<i64>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    now.checked_sub_signed(TimeDelta::try_days(days?)?)
}

/// Tickets that are kept, and those that were resolved before: these are not brought back, whoever reads them.
pub(crate) fn kept(
    tickets: Vec<&Incoming>,
    since: Option<DateTime<Utc>>,
) -> (Vec<&Incoming>, Vec<&Incoming>) {
    tickets
        .into_iter()
        .partition(|incoming| since.is_none_or(|since| incoming.ticket.resolved_at >= since))
}

/// A ticket that the database refused, and why, without a word of its text.
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
        reason: format!("the database refuses it: {cause}"),
        raw: incoming.raw.to_string(),
    }
}

/// The batch's tickets, each id once, the later copy winning; and how many copies were dropped.
pub(crate) fn each_once(tickets: &[Incoming]) -> (Vec<&Incoming>, u64) {
    let mut last: std::collections::HashMap<_, _> = std::collections::HashMap::with_capacity(tickets.len());
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
