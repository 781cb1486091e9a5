//! Checks row-level security and the policies of each table.

use super::PROTECTED;
use crate::Result;
use crate::transaction::Transaction;

#[derive(sqlx::FromRow)]
struct Table {
    name: String,
    /// The rest is `None` if the table is missing.
    enabled: Option<bool>,
    forced: Option<bool>,
    owned_by_role: Option<bool>,
}

#[derive(sqlx::FromRow)]
struct Policy {
    table_name: String,
    name: String,
    /// `*` for all commands, `r` for select, `a` for insert.
    command: String,
    /// Roles that it binds, ordered by name, with a blank between; `public` for all.
    roles: String,
    /// Condition on rows that are read; in lower case, without casts, brackets and blanks.
    reads: Option<String>,
    /// Condition on rows that are written; `None` if it is the same.
    writes: Option<String>,
}

/// A policy as a migration creates it: name, command, roles, conditions.
type Expected = (
    &'static str,
    &'static str,
    &'static str,
    [Option<&'static str>; 2],
);

const OF_TENANT: &str = "tenant_id=current_setting'precedent.tenant_id',true";

const TENANT: Expected = (
    "precedent_tenant",
    "*",
    "precedent_service",
    [Some(OF_TENANT), Some(OF_TENANT)],
);

/// The condition without the name of the table in it.
const OTHERS: Expected = (
    "precedent_others",
    "*",
    "public",
    [
        Some(
            "casewhencurrent_user=anyarray'precedent_service','precedent_scheduler','precedent_operator'thenfalse\
             whenpg_has_role'precedent_service','usage'orpg_has_role'precedent_scheduler','usage'\
             orpg_has_role'precedent_operator','usage'thenpg_has_roleselectrelownerfrompg_classwhereoid=table,'usage'\
             elsetrueend",
        ),
        None,
    ],
);

const LISTS: Expected = (
    "precedent_operator",
    "r",
    "precedent_operator precedent_scheduler",
    [Some("true"), None],
);

const AUDIT: Expected = (
    "precedent_operator",
    "r",
    "precedent_operator",
    [Some("true"), None],
);

const INSTALLATION: Expected = (
    "precedent_installation",
    "a",
    "precedent_operator",
    [None, Some("tenant_id=''")],
);

/// Returns the policies of a table.
fn expected(table: &str) -> Vec<Expected> {
    let further: &[Expected] = match table {
        "audit_log" => &[AUDIT, INSTALLATION],
        "tenant_configs" | "import_runs" | "api_tokens" | "webhooks" | "inbox" | "jobs" | "attempts" => {
            &[LISTS]
        }
        _ => &[],
    };
    [&[TENANT, OTHERS], further].concat()
}

/// Returns each gap as text for an operator.
pub(super) async fn gaps(transaction: &mut Transaction<'_>) -> Result<Vec<String>> {
    let policies = policies(transaction).await?;
    let mut gaps = Vec::new();
    for table in tables(transaction).await? {
        let name = &table.name;
        let Some(enabled) = table.enabled else {
            gaps.push(format!("the table {name} is missing"));
            continue;
        };
        if table.owned_by_role == Some(true) {
            gaps.push(format!("a role of Precedent owns {name}"));
        }
        let of_table: Vec<_> = policies
            .iter()
            .filter(|policy| policy.table_name == *name)
            .collect();
        let by_tenant = of_table.iter().any(|policy| policy.name == TENANT.0);
        if !enabled || table.forced != Some(true) || !by_tenant {
            gaps.push(format!(
                "row-level security of {name} is not enabled, forced and by tenant"
            ));
        }
        gaps.extend(changed(name, &of_table));
    }
    Ok(gaps)
}

/// Returns gaps for the policies of a table that are missing, changed or not Precedent's.
fn changed(table: &str, policies: &[&Policy]) -> Vec<String> {
    let mut gaps = Vec::new();
    let expected = expected(table);
    for (name, command, roles, conditions) in &expected {
        match policies.iter().find(|policy| policy.name == *name) {
            None if *name == TENANT.0 => {}
            None => gaps.push(format!("the policy {name} of {table} is missing")),
            Some(found) => {
                let conditions_found = [found.reads.as_deref(), found.writes.as_deref()];
                if found.command != *command || found.roles != *roles || conditions_found != *conditions {
                    gaps.push(format!("the policy {name} of {table} was changed"));
                }
            }
        }
    }
    let is_bound = |policy: &&&Policy| {
        let bound = |role: &str| role == "public" || role.starts_with("precedent_");
        policy.roles.split(' ').any(bound) && !expected.iter().any(|(name, ..)| policy.name == *name)
    };
    for added in policies.iter().filter(is_bound) {
        gaps.push(format!(
            "the policy {} of {table} is not Precedent's and may show more rows",
            added.name
        ));
    }
    gaps
}

async fn tables(transaction: &mut Transaction<'_>) -> Result<Vec<Table>> {
    transaction
        .query(
            "select wanted.name, relrowsecurity as enabled, relforcerowsecurity as forced,
                 relowner::regrole::text in ('precedent_service', 'precedent_scheduler', 'precedent_operator')
                     as owned_by_role
             from unnest($1) with ordinality as wanted (name, position)
             left join pg_class on pg_class.oid = to_regclass(wanted.name)
             order by position",
        )
        .bind_list(PROTECTED)
        .fetch_all()
        .await
}

/// Returns the permissive policies. A restrictive one cannot show more rows.
async fn policies(transaction: &mut Transaction<'_>) -> Result<Vec<Policy>> {
    transaction
        .query(
            r"select wanted.name as table_name, polname::text as name, polcmd::text as command,
                 array_to_string(array(
                     select coalesce(rolname::text, 'public')
                     from unnest(polroles) as bound (id) left join pg_roles on pg_roles.oid = bound.id
                     order by 1
                 ), ' ') as roles,
                 lower(regexp_replace(
                     regexp_replace(pg_get_expr(polqual, polrelid), '''[^'']*''::regclass', 'table'),
                     '::\w+|pg_class\.|[][()\s]', '', 'gi'
                 )) as reads,
                 lower(regexp_replace(pg_get_expr(polwithcheck, polrelid), '::\w+|[][()\s]', '', 'gi')) as writes
             from unnest($1) as wanted (name)
             join pg_policy on polrelid = to_regclass(wanted.name)
             where polpermissive",
        )
        .bind_list(PROTECTED)
        .fetch_all()
        .await
}
