//! What one transaction stores.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sqlx::postgres::PgArguments;
use ticket::{Ticket, TicketId};
use uuid::Uuid;

use crate::{Counts, Withdrawal};

/// How a row came into `ticket_history`; the column `source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `bulk_import`
    BulkImport,
    /// `sync`
    Sync,
    /// `webhook_resolved`
    WebhookResolved,
}

impl Source {
    /// The value of the column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BulkImport => "bulk_import",
            Self::Sync => "sync",
            Self::WebhookResolved => "webhook_resolved",
        }
    }
}

/// A ticket to store, with the text it was made from in case the database refuses it.
#[derive(Clone)]
pub struct Incoming {
    /// What to store.
    pub ticket: Ticket,
    /// The source's own JSON, which is only written out if it is needed.
    pub raw: Arc<dyn Display + Send + Sync>,
    /// Its digest, so that what comes the same again need not be read anew.
    pub source_digest: Option<Vec<u8>>,
}

/// A ticket that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Its id, if it has one.
    pub ticket_id: Option<String>,
    /// What is wrong with it, for an operator.
    pub reason: String,
    /// The source's own JSON, or what came in its place.
    pub raw: String,
}

/// Some tickets and the checkpoint behind them: stored together or not at all.
#[derive(Clone)]
pub struct Batch {
    /// Of the [`crate::Lease`] under which they were read: an older one is refused. `None` for what was read by itself
    /// and just now: whatever is newer wins.
    pub epoch: Option<i64>,
    /// Whose checkpoint moves with them; `None` outside of a run.
    pub progress: Option<Progress>,
    /// How they came.
    pub source: Source,
    /// The tickets are reports: they say what was true at their `source_updated_at`, not what is true now, and may have
    /// been sent before. One that is no news changes nothing, and brings no ticket back that was withdrawn since.
    pub reported: bool,
    /// Tickets to insert, update or find unchanged; the same id twice is allowed, the later one wins.
    pub tickets: Vec<Incoming>,
    /// Tickets that are only counted: unchanged ones, or those that are compared and not stored.
    pub counted: Counts,
    /// Tickets that a list shows, for a reconciliation that looks for those which none does.
    pub seen: Vec<TicketId>,
    /// Tickets to set aside.
    pub rejected: Vec<Rejection>,
    /// Tickets to withdraw, as far as they are stored.
    pub withdrawn: Vec<Withdrawal>,
    /// Time of the import, from the caller's clock; bound, since DML must not call one.
    pub now: DateTime<Utc>,
    /// When reading at the source began, by the same clock: what was stored since is newer than a form without a time.
    pub read_at: DateTime<Utc>,
    /// By [`crate::Store::prepare`].
    pub prepared: Prepared,
}

/// The tickets of a batch as PostgreSQL takes them; used up by the first try to store them.
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

impl Batch {
    /// Nothing yet, outside of a run.
    pub fn new(epoch: Option<i64>, source: Source, now: DateTime<Utc>) -> Self {
        Self {
            epoch,
            progress: None,
            source,
            reported: false,
            tickets: Vec::new(),
            counted: Counts::default(),
            seen: Vec::new(),
            rejected: Vec::new(),
            withdrawn: Vec::new(),
            now,
            read_at: now,
            prepared: Prepared::default(),
        }
    }
}

impl Batch {
    /// What comes of a batch that changes nothing, `None` if it does.
    pub(crate) fn without_effect(&self) -> Option<Applied> {
        let empty = self.tickets.is_empty() && self.rejected.is_empty() && self.withdrawn.is_empty();
        (empty && self.seen.is_empty() && self.progress.is_none()).then(|| Applied {
            counts: self.counted,
            ..Applied::default()
        })
    }
}

/// How far a window has come with a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The run that read it.
    pub run: Uuid,
    /// The window that it is from.
    pub window: i32,
    /// Where to go on reading after it; `None` leaves the place.
    pub cursor: Option<String>,
    /// Nothing is left to read in this window.
    pub window_done: bool,
    /// The latest change at the source that was met, by the source's clock.
    pub latest_change: Option<DateTime<Utc>>,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// One count for each ticket of the batch.
    pub counts: Counts,
    /// The tickets that the database refused, now among the rejected.
    pub refused: Vec<Rejection>,
    /// Tickets that were served before and are not any more.
    pub withdrawn: u64,
}
