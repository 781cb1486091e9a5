//! A connection of the pool, and whether its prepared statements stay on it.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};

/// A connection that returns to its pool when it is dropped.
pub(crate) struct Session {
    connection: PoolConnection<Postgres>,
    keeps_statements: bool,
}

impl Session {
    pub(super) fn new(connection: PoolConnection<Postgres>, keeps_statements: bool) -> Self {
        Self {
            connection,
            keeps_statements,
        }
    }

    /// Returns whether a statement may be prepared under a name and used again. Behind a pooler that shares sessions,
    /// another client may meet the name, and mean another statement by it.
    pub(crate) fn keeps_statements(&self) -> bool {
        self.keeps_statements
    }

    /// Closes the connection when it is dropped, instead of returning it to the pool.
    pub(crate) fn close_on_drop(&mut self) {
        self.connection.close_on_drop();
    }
}

impl Deref for Session {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
