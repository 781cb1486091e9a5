//! Statements on the schema.

use sqlx::migrate::Migrator;

use super::latest;
use crate::{Error, Result};

/// The version to migrate to.
pub(crate) fn target_version(migrator: &Migrator, from: i64, target: Option<i64>) -> Result<i64> {
    let to = target.unwrap_or(latest(migrator));
    if to != 0 && !migrator.version_exists(to) {
        return Err(Error::UnknownVersion(to));
    }
    if from > latest(migrator) {
        return Err(Error::NewerSchema {
            current: from,
            latest: latest(migrator),
        });
    }
    Ok(to)
}

macro_rules! schema {
    ($connection:ty) => {
        /// What became of a migration, with the rows that it set aside.
        pub(super) async fn migrated(connection: &mut $connection, from: i64, to: i64) -> Result<Migrated> {
            let duplicates = if to > from && (from..to).contains(&1) {
                duplicates(connection).await?
            } else {
                Vec::new()
            };
            Ok(Migrated {
                from,
                to,
                duplicates,
            })
        }

        async fn duplicates(connection: &mut $connection) -> Result<Vec<Duplicate>> {
            let rows: Vec<(String, String, i64)> = sqlx::query_as(
                "select tenant_id, ticket_id, count(*) from ticket_history_duplicates
                 group by tenant_id, ticket_id order by tenant_id, ticket_id",
            )
            .fetch_all(connection)
            .await?;
            let duplicate = |(tenant_id, ticket_id, rows): (_, _, i64)| Duplicate {
                tenant_id,
                ticket_id,
                rows: rows.unsigned_abs(),
            };
            Ok(rows.into_iter().map(duplicate).collect())
        }
    };
}

pub(crate) use schema;
