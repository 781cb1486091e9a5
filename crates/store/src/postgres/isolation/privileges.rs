//! Checks that the three roles may not do more than they need.

use super::PROTECTED;
use crate::Result;
use crate::postgres::{OPERATOR, SERVICE};
use crate::transaction::Transaction;

/// Tables without rows of tenants.
const OTHER: [&str; 2] = ["retired_keys", "_sqlx_migrations"];

#[derive(sqlx::FromRow)]
struct Granted {
    role: String,
    table_name: String,
    privilege: String,
}

/// Returns each gap as text for an operator.
pub(super) async fn gaps(transaction: &mut Transaction<'_>) -> Result<Vec<String>> {
    let granted = granted(transaction).await?;
    let excess = granted.iter().filter(|granted| !is_needed(granted));
    let mut gaps: Vec<_> = excess
        .map(
            |Granted {
                 role,
                 table_name,
                 privilege,
             }| format!("the role {role} may {privilege} {table_name}"),
        )
        .collect();
    let creating: Vec<(String,)> = transaction
        .query(
            "select rolname::text from pg_roles
             where rolname in ('precedent_service', 'precedent_scheduler', 'precedent_operator')
                 and has_schema_privilege(oid, current_schema(), 'create')
             order by rolname",
        )
        .fetch_all()
        .await?;
    gaps.extend(
        creating
            .into_iter()
            .map(|(role,)| format!("the role {role} may create tables")),
    );
    Ok(gaps)
}

/// Returns whether a role needs a right to change a table.
fn is_needed(granted: &Granted) -> bool {
    let Granted {
        role,
        table_name,
        privilege,
    } = granted;
    match (role.as_str(), table_name.as_str(), privilege.as_str()) {
        (SERVICE, "retired_keys" | "_sqlx_migrations", _) => false,
        (SERVICE | OPERATOR, "audit_log", "insert") | (OPERATOR, "retired_keys", "insert") => true,
        (SERVICE, table, "insert" | "update" | "delete") => table != "audit_log",
        _ => false,
    }
}

/// Returns the rights of the three roles to change tables.
async fn granted(transaction: &mut Transaction<'_>) -> Result<Vec<Granted>> {
    transaction
        .query(
            "select rolname::text as role, wanted.name as table_name, privilege
             from pg_roles
             cross join unnest($1) as wanted (name)
             cross join unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
                 as asked (privilege)
             where rolname in ('precedent_service', 'precedent_scheduler', 'precedent_operator')
                 and has_table_privilege(pg_roles.oid, to_regclass(wanted.name), privilege)
             order by rolname, wanted.name, privilege",
        )
        .bind_list(PROTECTED.into_iter().chain(OTHER))
        .fetch_all()
        .await
}
