//! The shared statements on SQLite.

use sqlx::SqliteConnection;
use sqlx::sqlite::SqlitePool;

crate::shared::statements!(SqlitePool, SqliteConnection);
