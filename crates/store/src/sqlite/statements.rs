//! The shared statements on SQLite, and the writing of a batch.

use sqlx::SqliteConnection;
use sqlx::sqlite::SqlitePool;

pub(super) use super::apply::apply;

crate::shared::statements!(SqlitePool, SqliteConnection);
