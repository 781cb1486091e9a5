//! A transaction that leaves nothing behind on its connection.
//!
//! The pool gets a connection back only after the database confirmed `commit` or `rollback`. In any other case the
//! connection is closed, and the database rolls back. sqlx's own transaction misses one case: when the message that
//! begins a transaction fails half-way or is cancelled, sqlx returns the connection with the transaction still open.
//! Each later statement on that connection then fails with code 25P02 or keeps its locks.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use crate::connection::Connection;
use crate::{Error, Result};

/// An open transaction, on whose connection statements run.
///
/// `'e` is the lifetime of the values that its statements bind. It lets [`crate::Store::transact`] take a closure that
/// borrows these values and returns a boxed future: `&'c mut Transaction<'e>` implies that they outlive the future.
pub(crate) struct Transaction<'e> {
    connection: Connection,
    /// The database may still have the transaction open.
    open: bool,
    values: PhantomData<&'e ()>,
}

impl Transaction<'_> {
    /// Sends `begin`, which may hold several statements, as one message.
    pub(crate) async fn begin(connection: Connection, begin: String) -> sqlx::Result<Self> {
        let mut transaction = Self {
            connection,
            open: true,
            values: PhantomData,
        };
        transaction.connection.send(begin).await?;
        Ok(transaction)
    }

    /// Commits after `Ok` and rolls back after `Err`. A database error closes the connection, since a retry may need
    /// another one.
    pub(crate) async fn end<T>(self, result: Result<T>) -> Result<T> {
        match &result {
            Ok(_) => self.commit().await?,
            Err(Error::Database(_)) => {}
            // The caller gets the error that ended the transaction, not a failure of the rollback.
            Err(_) => drop(self.rollback().await),
        }
        result
    }

    /// Rolls back; the connection can be used again.
    pub(crate) async fn rollback(mut self) -> sqlx::Result<()> {
        self.connection.send("rollback".to_owned()).await?;
        self.open = false;
        Ok(())
    }

    async fn commit(mut self) -> sqlx::Result<()> {
        self.connection.send("commit".to_owned()).await?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
