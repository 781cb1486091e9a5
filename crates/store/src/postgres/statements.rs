//! The shared statements on PostgreSQL.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
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

crate::statements::schema::schema!(PgConnection);
crate::statements::tenants::tenants!(PgConnection);
crate::statements::leases::leases!(PgConnection);
crate::statements::runs::runs!(PgConnection);
crate::statements::freshness::freshness!(PgConnection);
crate::statements::sightings::sightings!(PgConnection);
crate::statements::inbox::inbox!(PgConnection);
crate::statements::jobs::jobs!(PgConnection);
crate::statements::tickets::tickets!(PgConnection);
crate::statements::rejections::rejections!(PgConnection);
crate::statements::retention::retention!(PgConnection);
crate::statements::journal::journal!(PgConnection);
crate::statements::tokens::tokens!(PgConnection);
