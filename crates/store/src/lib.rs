//! Where tickets and import runs live.
//!
//! One trait, [`Store`], with two databases behind it: PostgreSQL for production, SQLite embedded.
//! [`connect`] picks one by the URL's scheme. Both pass one conformance suite (`tests/conformance`).
//! Reading order: [`Tenant`], [`Run`], [`Batch`] (what goes in and out), [`Store`], then one of the
//! two databases. This crate knows nothing of ServiceDesk Plus: plans, cursors and credentials are
//! opaque text here.

mod audit;
mod batch;
mod delegate;
mod error;
mod expired;
mod freshness;
mod inbox;
mod job;
mod lease;
mod postgres;
mod refused;
mod retry;
mod run;
mod sighting;
mod sqlite;
mod statements;
mod store;
mod stored;
mod tenant;
mod token;
mod transaction;

use std::sync::Arc;

pub use audit::AuditEntry;
pub use batch::{Applied, Batch, Incoming, Prepared, Progress, Rejection, Source};
pub use error::Error;
pub use expired::Expired;
pub use freshness::{Freshness, Withdrawal};
pub use inbox::{Backlog, Note, NoteKind, Webhook};
pub use job::{Job, JobKind};
pub use lease::{Holder, Lease};
pub use run::{Counts, NewRun, NewWindow, Run, RunKind, RunState, Window};
pub use sighting::Answer;
pub use store::{Duplicate, Known, KnownTicket, Migrated, PaceChange, Schema, Store};
pub use stored::{Change, History, RejectedTicket, StoredDigest};
pub use tenant::{Learned, News, Tenant};
pub use token::ApiToken;

/// What every method of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Connects to the database that the URL's scheme names; the schema may still be missing.
///
/// # Errors
/// `UnsupportedUrl`, or `Database` if it cannot be reached within ten seconds.
pub async fn connect(url: &str) -> Result<Arc<dyn Store>> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("postgres" | "postgresql") => Ok(Arc::new(postgres::Postgres::connect(url).await?)),
        Some("sqlite") => Ok(Arc::new(sqlite::Sqlite::connect(url).await?)),
        _ => Err(Error::UnsupportedUrl),
    }
}
