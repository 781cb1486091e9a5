//! A transaction that leaves nothing behind on its connection.
//!
//! The pool gets a connection back only after the database confirmed `commit` or `rollback`; in any other case the
//! connection is closed, and the database rolls back by itself. sqlx's own transaction does not notice one that was
//! begun by a message that failed half-way, or that was cancelled meanwhile: it returns the connection with the
//! transaction still open, and each later statement on it fails with code 25P02 or holds locks for ever.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Executor, Pool};

use crate::{Error, Result};

pub(crate) struct Transaction<DB: Database> {
    connection: PoolConnection<DB>,
    /// The database may still have it open.
    open: bool,
}

impl<DB: Database> Transaction<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    /// Sends `begin`, which may hold several statements, as one message.
    pub(crate) async fn begin(pool: &Pool<DB>, begin: String) -> sqlx::Result<Self> {
        let mut transaction = Self {
            connection: pool.acquire().await?,
            open: true,
        };
        transaction.send(begin).await?;
        Ok(transaction)
    }

    /// Commits what came of it, or rolls back. A database error closes the connection, since a later try may need
    /// another one.
    pub(crate) async fn end<T>(self, result: Result<T>) -> Result<T> {
        match &result {
            Ok(_) => self.commit().await?,
            Err(Error::Database(_)) => {}
            // The error that ended the transaction is the one to report.
            Err(_) => drop(self.rollback().await),
        }
        result
    }

    pub(crate) async fn commit(mut self) -> sqlx::Result<()> {
        self.send("commit".to_owned()).await?;
        self.open = false;
        Ok(())
    }

    pub(crate) async fn rollback(mut self) -> sqlx::Result<()> {
        self.send("rollback".to_owned()).await?;
        self.open = false;
        Ok(())
    }

    async fn send(&mut self, statements: String) -> sqlx::Result<()> {
        self.connection.execute(AssertSqlSafe(statements)).await?;
        Ok(())
    }
}

impl<DB: Database> Drop for Transaction<DB> {
    fn drop(&mut self) {
        if self.open {
            self.connection.close_on_drop();
        }
    }
}

impl<DB: Database> Deref for Transaction<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl<DB: Database> DerefMut for Transaction<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.connection
    }
}
