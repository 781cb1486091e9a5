//! Statements that are the same in both databases.
//!
//! sqlx keeps the databases apart by type, so each of them gets its own copy of these functions from one text:
//! a macro for each concern, used in `postgres/statements.rs` and `sqlite/statements.rs`.

pub(crate) mod freshness;
pub(crate) mod inbox;
pub(crate) mod journal;
pub(crate) mod leases;
pub(crate) mod rejections;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod schema;
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

/// Refuses a schema that this program does not fit.
pub(crate) fn fits(schema: Schema) -> Result<()> {
    let Schema { current, latest } = schema;
    match current.cmp(&latest) {
        std::cmp::Ordering::Less => Err(Error::NotMigrated { current, latest }),
        std::cmp::Ordering::Greater => Err(Error::NewerSchema { current, latest }),
        std::cmp::Ordering::Equal => Ok(()),
    }
}
