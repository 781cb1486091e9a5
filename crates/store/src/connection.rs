//! One connection to either database.

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, Sqlite};

use crate::postgres::Session;
use crate::query::{Query, Sql};

/// A connection that returns to its pool when it is dropped.
pub(crate) enum Connection {
    Postgres(Session),
    Sqlite(PoolConnection<Sqlite>),
}

impl Connection {
    /// Starts a prepared statement; its values are bound next.
    pub(crate) fn query(&mut self, sql: impl Into<Sql>) -> Query<'_> {
        let sql = sql.into();
        match self {
            Self::Postgres(session) => {
                let query = sqlx::query(sql.postgres).persistent(session.keeps_statements());
                Query::Postgres(session, query)
            }
            Self::Sqlite(connection) => Query::Sqlite(connection, sqlx::query(sql.sqlite)),
        }
    }

    /// Sends one or more statements as one message, without values.
    pub(crate) async fn send(&mut self, statements: String) -> sqlx::Result<()> {
        let statements = AssertSqlSafe(statements);
        match self {
            Self::Postgres(session) => session.execute(statements).await.map(drop),
            Self::Sqlite(connection) => connection.execute(statements).await.map(drop),
        }
    }

    /// Closes the connection when it is dropped, instead of returning it to the pool.
    pub(crate) fn close_on_drop(&mut self) {
        match self {
            Self::Postgres(session) => session.close_on_drop(),
            Self::Sqlite(connection) => connection.close_on_drop(),
        }
    }
}
