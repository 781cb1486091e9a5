//! The shared statements on PostgreSQL.

use sqlx::PgConnection;
use sqlx::postgres::PgPool;

crate::shared::statements!(PgPool, PgConnection);
