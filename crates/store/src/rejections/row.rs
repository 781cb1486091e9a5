//! Rows of `rejected_tickets`.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::{RejectedTicket, Rejection};

/// Width of the column `rejection_key`.
const KEY_LENGTH: usize = 100;

/// A row to read.
#[derive(sqlx::FromRow)]
pub(super) struct RejectionRow {
    rejection_key: String,
    ticket_id: Option<String>,
    reason: String,
    raw: String,
    rejected_at: DateTime<Utc>,
}

impl RejectionRow {
    pub(super) fn into_rejected_ticket(self) -> RejectedTicket {
        RejectedTicket {
            key: self.rejection_key,
            ticket_id: self.ticket_id,
            reason: self.reason,
            raw: self.raw,
            rejected_at: self.rejected_at,
        }
    }
}

/// A row to write; every text fits its column.
pub(super) struct NewRejectionRow {
    pub(super) key: String,
    pub(super) ticket_id: Option<String>,
    pub(super) reason: String,
    pub(super) raw: String,
}

pub(super) fn to_row(rejection: &Rejection) -> NewRejectionRow {
    let ticket_id = rejection.ticket_id.as_deref().map(storable);
    let digest_of = |text: &str| format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes())));
    let key = match &ticket_id {
        Some(id) if id.chars().count() <= KEY_LENGTH => id.clone(),
        Some(id) => digest_of(id),
        None => digest_of(&rejection.raw),
    };
    NewRejectionRow {
        key,
        ticket_id,
        reason: storable(&rejection.reason),
        raw: storable(&rejection.raw),
    }
}

/// Returns the text without U+0000, which PostgreSQL cannot store, in the escape that JSON writes.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\\u0000")
}
