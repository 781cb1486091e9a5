//! The database's clock.
//!
//! Clocks of machines differ and jump. What is due goes by one clock for all processes: that of the PostgreSQL server,
//! or of the machine with the SQLite file.

use chrono::{DateTime, Utc};

use crate::query::Sql;
use crate::scope::Scope;
use crate::{Result, Store};

impl Store {
    /// Returns the time of the database's clock, in milliseconds.
    pub async fn now(&self) -> Result<DateTime<Utc>> {
        self.transact(Scope::Lists, |connection| {
            Box::pin(async move {
                let (now,): (DateTime<Utc>,) = connection
                    .query(Sql {
                        postgres: "select date_trunc('milliseconds', clock_timestamp())",
                        sqlite: "select strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
                    })
                    .fetch_one()
                    .await?;
                Ok(now)
            })
        })
        .await
    }
}
