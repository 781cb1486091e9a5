//! A row of `inbox`.

use chrono::{DateTime, Utc};

use crate::{Error, EventKind, Result, WebhookEvent};

#[derive(sqlx::FromRow)]
pub(super) struct EventRow {
    note_id: String,
    kind: String,
    body: String,
    received_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    attempts: i32,
    claims: i32,
    error: Option<String>,
    failed_at: Option<DateTime<Utc>>,
}

impl EventRow {
    pub(super) fn into_event(self) -> Result<WebhookEvent> {
        let kind = EventKind::parse(&self.kind);
        Ok(WebhookEvent {
            id: self.note_id,
            kind: kind.ok_or(Error::Corrupt { column: "inbox.kind" })?,
            body: self.body,
            received_at: self.received_at,
            due_at: self.due_at,
            attempts: self.attempts.unsigned_abs(),
            claims: self.claims.unsigned_abs(),
            error: self.error,
            failed_at: self.failed_at,
        })
    }
}
