//! Checks that the database isolates tenants.

mod login;
mod policies;
mod privileges;

use super::version::become_service;
use crate::transaction::Transaction;
use crate::{Error, Result};

/// Tables under row-level security by tenant.
const PROTECTED: [&str; 14] = [
    "tenant_configs",
    "ticket_history",
    "ticket_history_duplicates",
    "import_runs",
    "import_windows",
    "rejected_tickets",
    "audit_log",
    "api_tokens",
    "webhooks",
    "inbox",
    "jobs",
    "attempts",
    "pace",
    "sightings",
];

/// Returns each gap as text for an operator.
pub(super) async fn gaps(mut transaction: Transaction<'_>) -> Result<Vec<String>> {
    let mut gaps = login::gaps(&mut transaction).await?;
    // The login of the service may not be able to use the schema of the tables.
    become_service(&mut transaction).await?;
    gaps.extend(policies::gaps(&mut transaction).await?);
    gaps.extend(privileges::gaps(&mut transaction).await?);
    transaction.rollback().await?;
    Ok(gaps)
}

/// Returns notes about the login as texts for an operator.
pub(super) async fn notes(mut transaction: Transaction<'_>) -> Result<Vec<String>> {
    let notes = login::notes(&mut transaction).await?;
    transaction.rollback().await?;
    Ok(notes)
}

/// Returns `NotIsolated` if this user cannot switch to the role; the statement is not at fault then.
pub(super) fn explain(error: sqlx::Error) -> Error {
    let Some(database) = error.as_database_error() else {
        return error.into();
    };
    match database.code().as_deref() {
        Some("22023" | "42704" | "42501") => {
            let why = format!("this user cannot switch to the role ({})", database.message());
            Error::NotIsolated(why)
        }
        _ => error.into(),
    }
}
