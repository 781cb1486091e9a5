//! Statements that are the same in both databases.
//!
//! sqlx keeps the databases apart by type, so each of them gets its own copy of these functions from one text:
//! a macro for each concern, used in `postgres/statements.rs` and `sqlite/statements.rs`.

pub(crate) mod freshness;
pub(crate) mod inbox;
pub(crate) mod jobs;
pub(crate) mod journal;
pub(crate) mod leases;
pub(crate) mod rejections;
pub(crate) mod retention;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod sightings;
pub(crate) mod tenants;
pub(crate) mod tickets;
pub(crate) mod tokens;

use sqlx::migrate::Migrator;

use crate::{Error, Result, Schema};

/// The version a schema must have, and whether a target exists.
pub(crate) fn latest(migrator: &Migrator) -> i64 {
    migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// The version that a database has, by what was applied to it: what is missing before the newest is still to come.
pub(crate) fn reached(migrator: &Migrator, applied: &[i64]) -> i64 {
    let known = || migrator.iter().map(|migration| migration.version);
    let newest = applied.iter().copied().max().unwrap_or(0);
    let missing = known().filter(|version| !applied.contains(version)).min();
    match missing {
        Some(missing) if missing < newest => known().filter(|version| *version < missing).max().unwrap_or(0),
        _ => newest,
    }
}

/// Refuses a schema that this program does not fit.
pub(crate) fn fits(schema: Schema) -> Result<()> {
    let Schema { current, latest } = schema;
    match current.cmp(&latest) {
        std::cmp::Ordering::Less => Err(Error::NotMigrated { current, latest }),
        std::cmp::Ordering::Greater => Err(Error::NewerSchema { current, latest }),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{latest, reached};

    #[test]
    fn a_migration_that_was_passed_over_is_still_to_come() {
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
