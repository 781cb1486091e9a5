//! Checks that the database isolates tenants.

use sqlx::postgres::PgPool;

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
pub(super) async fn gaps(pool: &PgPool) -> Result<Vec<String>> {
    let mut gaps = Vec::new();
    let role: Option<(bool, bool, bool)> = sqlx::query_as(
        "select rolsuper, rolbypassrls, pg_has_role(current_user, oid, 'member')
         from pg_roles where rolname = 'precedent_service'",
    )
    .fetch_optional(pool)
    .await?;
    match role {
        None => gaps.push("the role precedent_service is missing".to_owned()),
        Some((superuser, bypasses, member)) => {
            if superuser || bypasses {
                gaps.push("the role precedent_service bypasses row-level security".to_owned());
            }
            if !member {
                gaps.push("this user may not switch to the role precedent_service".to_owned());
            }
        }
    }
    for table in PROTECTED {
        let found: Option<(bool, bool, bool, i64)> = sqlx::query_as(
            "select relrowsecurity, relforcerowsecurity, relowner::regrole::text = 'precedent_service',
                    (select count(*) from pg_policy
                     where polrelid = pg_class.oid and polname = 'precedent_tenant')
             from pg_class where oid = to_regclass($1)",
        )
        .bind(table)
        .fetch_optional(pool)
        .await?;
        match found {
            None => gaps.push(format!("the table {table} is missing")),
            Some((enabled, forced, owned, policies)) => {
                if !enabled || !forced || policies == 0 {
                    gaps.push(format!(
                        "row-level security of {table} is not enabled, forced and by tenant"
                    ));
                }
                if owned {
                    gaps.push(format!("the role precedent_service owns {table}"));
                }
            }
        }
    }
    Ok(gaps)
}

/// Returns `NotIsolated` if this user cannot switch to the role; the statement is not at fault then.
pub(super) fn explain(error: sqlx::Error) -> Error {
    let code = error.as_database_error().and_then(|error| error.code());
    match code.as_deref() {
        Some("22023" | "42704" | "42501") => {
            Error::NotIsolated("this user cannot switch to the role precedent_service".to_owned())
        }
        _ => error.into(),
    }
}
