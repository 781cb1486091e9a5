//! The shared statements on SQLite.

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteConnection;
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

use crate::refused::kept_since;
use crate::statements::rows::{
    ChangeRow, FreshnessRow, JobRow, NoteRow, RunRow, TenantRow, TicketRow, TokenRow, WindowRow,
    excerpt_columns, freshness_columns, ticket_columns,
};
use crate::statements::tenants::bind_settings;
use crate::{
    Answer, ApiToken, AuditEntry, Backlog, Batch, Change, Counts, Duplicate, Error, Expired, Freshness,
    History, Holder, Job, JobKind, Migrated, NewRun, News, Note, NoteKind, Progress, RejectedTicket, Result,
    Run, RunState, StoredDigest, Tenant, Webhook, Withdrawal,
};

crate::statements::schema::schema!(SqliteConnection);
crate::statements::tenants::tenants!(SqliteConnection);
crate::statements::leases::leases!(SqliteConnection);
crate::statements::runs::runs!(SqliteConnection);
crate::statements::freshness::freshness!(SqliteConnection);
crate::statements::sightings::sightings!(SqliteConnection);
crate::statements::inbox::inbox!(SqliteConnection);
crate::statements::jobs::jobs!(SqliteConnection);
crate::statements::tickets::tickets!(SqliteConnection);
crate::statements::rejections::rejections!(SqliteConnection);
crate::statements::retention::retention!(SqliteConnection);
crate::statements::journal::journal!(SqliteConnection);
crate::statements::tokens::tokens!(SqliteConnection);
