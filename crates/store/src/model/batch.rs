//! The unit that one transaction stores.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sqlx::postgres::PgArguments;
use ticket::{Ticket, TicketId};

use super::{Checkpoint, Counts, Rejection};

/// Origin of a row of `ticket_history`; the column `source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketOrigin {
    /// `bulk_import`
    BulkImport,
    /// `sync`
    Sync,
    /// `webhook_resolved`
    WebhookResolved,
}

impl TicketOrigin {
    /// Returns the value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BulkImport => "bulk_import",
            Self::Sync => "sync",
            Self::WebhookResolved => "webhook_resolved",
        }
    }
}

/// A ticket to store.
#[derive(Clone)]
pub struct Incoming {
    /// The ticket.
    pub ticket: Ticket,
    /// The source's own JSON, kept with the rejection if the database refuses the ticket. It is formatted only then.
    pub raw: Arc<dyn Display + Send + Sync>,
    /// Digest of the source's own JSON; the same form is not read again.
    pub source_digest: Option<Vec<u8>>,
}

/// A ticket that is no precedent any more: reopened, trashed or deleted. Its row stays and is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The ticket.
    pub id: TicketId,
    /// Time of its last change at the source, if known; a newer stored form stays.
    pub changed_at: Option<DateTime<Utc>>,
}

/// Tickets and the checkpoint behind them; one transaction stores all of it or nothing.
#[derive(Clone)]
pub struct Batch {
    /// Epoch of the [`crate::Lease`] under which the tickets were read; the store refuses an older epoch. `None` for
    /// tickets that were read without a lease: the newer form of a ticket wins.
    pub epoch: Option<i64>,
    /// Checkpoint to store with the tickets; `None` outside of a run.
    pub checkpoint: Option<Checkpoint>,
    /// Origin of the tickets.
    pub origin: TicketOrigin,
    /// The tickets come from webhooks: each shows its state at its `source_updated_at`, and may have been sent before.
    /// The store ignores one that is not newer than the stored form or the withdrawal.
    pub reported: bool,
    /// Tickets to insert, update or find unchanged. An id may repeat; the last one wins.
    pub tickets: Vec<Incoming>,
    /// Tickets to count and not to store: unchanged ones, and those of a comparison.
    pub counted: Counts,
    /// Tickets that a list shows; a reconciliation looks for the tickets that no list shows.
    pub seen: Vec<TicketId>,
    /// Tickets to store as rejected.
    pub rejections: Vec<Rejection>,
    /// Tickets to withdraw if they are stored.
    pub withdrawals: Vec<Withdrawal>,
    /// Time of the import by the caller's clock; bound, since DML must not call a clock.
    pub now: DateTime<Utc>,
    /// Time when reading at the source began, by the same clock. A row that was stored later is newer than a ticket
    /// without a time of change.
    pub read_at: DateTime<Utc>,
    /// Result of [`crate::Store::prepare`].
    pub prepared: Prepared,
}

impl Batch {
    /// Returns an empty batch outside of a run.
    pub fn new(epoch: Option<i64>, origin: TicketOrigin, now: DateTime<Utc>) -> Self {
        Self {
            epoch,
            checkpoint: None,
            origin,
            reported: false,
            tickets: Vec::new(),
            counted: Counts::default(),
            seen: Vec::new(),
            rejections: Vec::new(),
            withdrawals: Vec::new(),
            now,
            read_at: now,
            prepared: Prepared::default(),
        }
    }

    /// Returns the result of a batch that changes nothing, `None` for any other.
    pub(crate) fn without_effect(&self) -> Option<Applied> {
        let empty = self.tickets.is_empty() && self.rejections.is_empty() && self.withdrawals.is_empty();
        (empty && self.seen.is_empty() && self.checkpoint.is_none()).then(|| Applied {
            counts: self.counted,
            ..Applied::default()
        })
    }
}

/// Tickets of a batch, encoded for PostgreSQL; the first attempt to store them takes them.
#[derive(Clone, Default)]
pub struct Prepared(Arc<Mutex<Option<PgArguments>>>);

impl Prepared {
    pub(crate) fn new(arguments: PgArguments) -> Self {
        Self(Arc::new(Mutex::new(Some(arguments))))
    }

    pub(crate) fn take(&self) -> Option<PgArguments> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Result of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Counts of the batch; each ticket counts once.
    pub counts: Counts,
    /// Tickets that the database refused; the store keeps them as rejected.
    pub rejections: Vec<Rejection>,
    /// Number of tickets that were served before the batch and are not served after it.
    pub withdrawn: u64,
}
