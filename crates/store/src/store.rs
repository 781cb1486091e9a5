//! The store: a handle to one database, and transactions on it.
//!
//! Its methods are in one file for each concern, from `schema.rs` to `keys.rs`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Result;
use crate::database::Database;
use crate::migration::check_version;
use crate::retry::Retries;
use crate::scope::Scope;
use crate::transaction::Transaction;

/// Statements of one transaction.
pub(crate) type Statements<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

/// A database of tenants, runs and tickets. Clones share one pool of connections.
///
/// Each method is one transaction and is safe to call again after a failure. A transaction that fails for a reason that
/// passes is retried for a minute. A method sees one tenant only, except for those on the schema, on keys, on the lists
/// of all tenants and on the whole audit log.
#[derive(Clone)]
pub struct Store {
    pub(crate) database: Arc<Database>,
    /// The schema is known to fit this program.
    schema_fits: Arc<AtomicBool>,
}

impl Store {
    /// Connects to the database that the URL's scheme names; the schema may still be missing.
    ///
    /// # Errors
    /// `UnsupportedUrl`, or `Database` if it cannot be reached within ten seconds.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_through_pooler(url, None).await
    }

    /// Connects as `connect` does. `lock_url` is the address of PostgreSQL itself, for leases and migrations, if `url` is
    /// that of a pooler which shares sessions between clients.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn connect_through_pooler(url: &str, lock_url: Option<&str>) -> Result<Self> {
        Ok(Self {
            database: Arc::new(Database::connect(url, lock_url).await?),
            schema_fits: Arc::new(AtomicBool::new(false)),
        })
    }

    /// Runs statements in a transaction, again after each failure that passes. The closure returns a boxed future, since
    /// the compiler cannot yet prove that the future of an async closure is `Send`.
    pub(crate) async fn transact<'e, T>(
        &self,
        scope: Scope<'e>,
        statements: impl for<'c> Fn(&'c mut Transaction<'e>) -> Statements<'c, T>,
    ) -> Result<T> {
        let mut retries = Retries::new();
        loop {
            let attempt = async {
                let mut transaction = self.begin(scope).await?;
                let result = statements(&mut transaction).await;
                transaction.end(result).await
            };
            match attempt.await {
                Err(error) if retries.again(&error).await => {}
                result => return result,
            }
        }
    }

    /// Begins a transaction, once the schema is known to fit.
    pub(crate) async fn begin<'e>(&self, scope: Scope<'e>) -> Result<Transaction<'e>> {
        if !self.schema_fits.load(Ordering::Relaxed) {
            check_version(self.database.schema().await?)?;
            self.schema_fits.store(true, Ordering::Relaxed);
        }
        self.database.begin(scope).await
    }

    /// Makes the next transaction check the schema again.
    pub(crate) fn forget_schema(&self) {
        self.schema_fits.store(false, Ordering::Relaxed);
    }
}
