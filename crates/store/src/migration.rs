//! Versions of the schema, as migrations define them.

use sqlx::migrate::Migrator;
use sqlx::{Database, Executor, FromRow, IntoArguments};

use crate::{Duplicate, Error, Migrated, Result, Schema};

/// Returns the newest version that the migrator knows.
pub(crate) fn latest(migrator: &Migrator) -> i64 {
    migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// Returns the version of a database from the migrations that were applied to it. A migration that is missing before the
/// newest one is still pending.
pub(crate) fn reached(migrator: &Migrator, applied: &[i64]) -> i64 {
    let known = || migrator.iter().map(|migration| migration.version);
    let newest = applied.iter().copied().max().unwrap_or(0);
    let missing = known().filter(|version| !applied.contains(version)).min();
    match missing {
        Some(missing) if missing < newest => known().filter(|version| *version < missing).max().unwrap_or(0),
        _ => newest,
    }
}

/// Fails unless the database has the version that this program needs.
pub(crate) fn check_version(schema: Schema) -> Result<()> {
    let Schema { current, latest } = schema;
    match current.cmp(&latest) {
        std::cmp::Ordering::Less => Err(Error::NotMigrated { current, latest }),
        std::cmp::Ordering::Greater => Err(Error::NewerSchema { current, latest }),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

/// Returns the version to migrate to: the target, or the latest.
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

/// Returns the result of a migration, with the duplicates that the first version moves.
pub(crate) async fn migrated<'c, D>(
    executor: impl Executor<'c, Database = D>,
    from: i64,
    to: i64,
) -> Result<Migrated>
where
    D: Database,
    D::Arguments: IntoArguments<D>,
    for<'r> (String, String, i64): FromRow<'r, D::Row>,
{
    let mut duplicates = Vec::new();
    if to > from && (from..to).contains(&1) {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "select tenant_id, ticket_id, count(*) from ticket_history_duplicates
             group by tenant_id, ticket_id order by tenant_id, ticket_id",
        )
        .fetch_all(executor)
        .await?;
        duplicates.extend(rows.into_iter().map(|(tenant_id, ticket_id, rows)| Duplicate {
            tenant_id,
            ticket_id,
            rows: rows.unsigned_abs(),
        }));
    }
    Ok(Migrated { from, to, duplicates })
}

#[cfg(test)]
mod tests {
    use super::{latest, reached};

    #[test]
    fn a_skipped_migration_is_still_pending() {
        let migrator = sqlx::migrate!("migrations/sqlite");
        let mut applied: Vec<_> = migrator.iter().map(|migration| migration.version).collect();
        assert_eq!(reached(&migrator, &applied), latest(&migrator));
        applied.retain(|version| *version != 9);
        assert_eq!(reached(&migrator, &applied), 8);
        assert_eq!(reached(&migrator, &[1, 2, 3]), 3);
        assert_eq!(reached(&migrator, &[]), 0);
        applied.extend([9, 99]);
        assert_eq!(reached(&migrator, &applied), 99, "of a newer program");
    }
}
