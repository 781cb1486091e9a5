//! The store of tickets, import runs and everything that Precedent remembers.
//!
//! One type, [`Store`], works on two databases: PostgreSQL for production, SQLite embedded. [`Store::connect`] picks one
//! by the URL's scheme. Both databases pass the same tests (`tests/conformance`). This crate has no knowledge of
//! ServiceDesk Plus: plans, cursors and credentials are opaque text here.
//!
//! Reading order:
//!
//! 1. `model`: the types that go in and come out, first [`Tenant`], [`Run`] and [`Batch`];
//! 2. `store`: transactions with a visibility scope and retries; `connection` and `query` run one statement on either
//!    database;
//! 3. the concerns, one file each, with their methods and their SQL; the main path is `apply`;
//! 4. `postgres` and `sqlite`: code for one of the databases.

mod error;
mod model;

mod connection;
mod database;
mod migration;
mod query;
mod retry;
mod scope;
mod store;
mod transaction;

mod schema;
mod tenants;

mod erasure;
mod fence;
mod lease_lock;
mod leases;
mod runs;

mod apply;
mod checkpoints;
mod rejections;
mod withdrawals;

mod history;
mod ticket_row;
mod tickets;

mod coverage;
mod freshness;
mod pace;
mod quota;
mod retention;
mod sightings;

mod attempts;
mod clock;
mod events;
mod jobs;
mod webhooks;

mod audit;
mod keys;
mod tokens;

mod postgres;
mod sqlite;

pub use error::{Error, Result};
pub use events::{Added, Claim, DueEvents, InboxLimits};

pub use leases::Lease;
pub use model::{
    ApiToken, Applied, AuditEntry, Backlog, Batch, Change, Checkpoint, Counts, Deaths, Duplicate, EventKind,
    Expired, Freshness, History, Holder, Incoming, Job, JobKind, JobState, Known, KnownTicket, LearnedChange,
    LearnedSettings, Migrated, NewRun, NewRunWindow, Prepared, Quota, RejectedTicket, Rejection,
    RemoteAnswer, RetryPolicy, Run, RunKind, RunState, RunWindow, Schema, StoredDigest, Tenant, TicketOrigin,
    Usage, Webhook, WebhookEvent, Withdrawal,
};
pub use pace::PaceChange;
pub use quota::TICKET_BYTES;
pub use store::Store;
