//! Retired master keys: `retired_keys`.

use chrono::{DateTime, Utc};

use crate::scope::Scope;
use crate::{Result, Store};

impl Store {
    /// Stores that a master key was rotated out.
    pub async fn retire_key(&self, key_id: &str, now: DateTime<Utc>) -> Result<()> {
        self.transact(Scope::Operator, |connection| {
            Box::pin(async move {
                connection
                    .query(
                        "insert into retired_keys (key_id, retired_at) values ($1, $2)
                         on conflict do nothing",
                    )
                    .bind(key_id)
                    .bind(now)
                    .execute()
                    .await
            })
        })
        .await
    }

    /// Returns whether a master key was rotated out.
    pub async fn is_key_retired(&self, key_id: &str) -> Result<bool> {
        self.transact(Scope::Lists, |connection| {
            Box::pin(async move {
                connection
                    .query("select key_id from retired_keys where key_id = $1")
                    .bind(key_id)
                    .has_row()
                    .await
            })
        })
        .await
    }
}
