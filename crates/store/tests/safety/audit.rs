//! The audit log, which only grows.

use sqlx::{Connection, Executor};
use ticket::TenantId;

use crate::sample::{as_service, entry, filled, id};
use crate::scratch;

#[tokio::test]
async fn the_audit_log_only_grows() {
    let scratch = scratch::Scratch::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for url in [
        scratch.url.clone(),
        format!("sqlite://{}/test.db", folder.path().display()),
    ] {
        let (store, _) = filled(&url).await;
        let (mine, installation) = (entry(Some(id("mine"))), entry(None));
        for entry in [&mine, &mine, &installation] {
            store.audit(entry).await.expect("noted");
        }
        let entries =
            async |tenant: Option<&TenantId>| store.audit_entries(tenant, None, 9).await.expect("read");
        assert_eq!(entries(Some(&id("mine"))).await, std::slice::from_ref(&mine));
        assert_eq!(entries(None).await.len(), 3);
        for statement in ["update audit_log set actor = 'x'", "delete from audit_log"] {
            let changed = if url.starts_with("sqlite") {
                let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("connected");
                connection
                    .execute(statement)
                    .await
                    .map(|done| done.rows_affected())
            } else {
                as_service(&url, "mine", statement)
                    .await
                    .map(|rows| rows.len() as u64)
            };
            assert!(changed.is_err(), "{statement}: {changed:?}");
        }
    }
}
