//! Raw SQL as the service's role: no statement reads or changes rows of another tenant.

use sqlx::Row;

use crate::sample::{SECRET, as_service, filled};
use crate::scratch;

/// Tables with rows of tenants.
const TABLES: [&str; 13] = [
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
    "pace",
    "sightings",
];

/// Statements that would undo the isolation.
const FORBIDDEN: [&str; 11] = [
    "insert into audit_log values ('theirs', 'x', now(), '', '', '', '')",
    "insert into rejected_tickets values ('theirs', 'k', null, 'r', 'raw', '', now())",
    "update tenant_configs set tenant_id = 'theirs'",
    "alter table ticket_history disable row level security",
    "alter table ticket_history no force row level security",
    "drop policy precedent_tenant on ticket_history",
    "create policy all_rows on ticket_history using (true)",
    "truncate ticket_history",
    "drop table ticket_history",
    "alter role precedent_service bypassrls",
    "copy ticket_history to program 'cat'",
];

/// Fails unless the statement is refused or has no row.
async fn assert_no_row(url: &str, tenant: &str, statement: &str) {
    let rows = as_service(url, tenant, statement).await;
    assert!(
        rows.is_err() || rows.as_ref().is_ok_and(Vec::is_empty),
        "{statement}: {rows:?}"
    );
}

#[tokio::test]
async fn no_statement_of_the_service_reads_or_changes_rows_of_another_tenant() {
    let scratch = scratch::Scratch::new().await;
    filled(&scratch.url).await;
    // For a third tenant, every row belongs to another one.
    for table in TABLES {
        for statement in [
            format!("select * from {table}"),
            format!("select * from {table} where tenant_id = 'theirs'"),
            format!("select * from {table} where tenant_id = 'theirs' or true"),
            format!("select count(*) from {table} having count(*) > 0"),
            format!("select a.tenant_id from {table} a join {table} b using (tenant_id)"),
            format!("with all_rows as (select * from {table}) select * from all_rows"),
            format!("update {table} set tenant_id = 'third' returning *"),
            format!("delete from {table} where tenant_id = 'theirs' returning *"),
            format!("delete from {table} returning *"),
        ] {
            assert_no_row(&scratch.url, "third", &statement).await;
        }
    }
    for forbidden in FORBIDDEN {
        assert_no_row(&scratch.url, "mine", forbidden).await;
    }
    // A session without a tenant sees no row.
    let rows = as_service(&scratch.url, "", "select * from ticket_history").await;
    assert!(rows.expect("allowed").is_empty());
    let rows = as_service(&scratch.url, "theirs", "select subject from ticket_history").await;
    let rows = rows.expect("its own");
    let subjects: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(subjects, [SECRET, SECRET]);
}
