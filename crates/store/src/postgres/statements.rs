//! The shared statements on PostgreSQL, and the writing of a batch.

use sqlx::PgConnection;
use sqlx::postgres::PgPool;

pub(super) use super::apply::apply;

crate::shared::statements!(PgPool, PgConnection);
