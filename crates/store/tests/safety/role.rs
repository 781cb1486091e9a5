//! Gaps in the isolation of tenants.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use store::{Error, Store};
use uuid::Uuid;

use crate::sample::{batch, entry, filled, id, now, ticket};
use crate::scratch;

#[tokio::test]
async fn gaps_in_the_isolation_are_reported_and_no_call_works_without_the_role() {
    let scratch = scratch::Scratch::new().await;
    let (store, run) = filled(&scratch.url).await;
    let mut owner = PgConnection::connect(&scratch.url).await.expect("connected");
    owner
        .execute(
            "alter table ticket_history no force row level security;
             drop policy precedent_tenant on import_runs",
        )
        .await
        .expect("changed");
    let gaps = store.isolation_gaps().await.expect("read").join("; ");
    assert!(
        gaps.contains("ticket_history") && gaps.contains("import_runs"),
        "{gaps}"
    );
    assert!(!gaps.contains("audit_log"), "{gaps}");

    // A user who may read and write every table, but not switch to the role.
    let name = format!("unrelated_{}", Uuid::new_v4().simple());
    let make = format!(
        "create role {name} login password '{name}';
         grant select, insert, update, delete on all tables in schema public to {name}"
    );
    owner.execute(AssertSqlSafe(make)).await.expect("made");
    let (_, server) = scratch.url.rsplit_once('@').expect("a URL with a user");
    let url = format!("postgres://{name}:{name}@{server}");
    // Each call uses a new connection.
    let unrelated = async || Store::connect(&url).await.expect("connected");
    let mine = id("mine");
    let batch = batch(0, run, vec![ticket("3")]);
    for refused in [
        unrelated().await.tenant(&mine).await.err(),
        unrelated().await.tenants().await.err(),
        unrelated().await.audit(&entry(None)).await.err(),
        unrelated().await.acquire_lease(&mine, "here", now()).await.err(),
        unrelated().await.apply(&mine, &batch).await.err(),
    ] {
        assert!(matches!(refused, Some(Error::NotIsolated(_))), "{refused:?}");
    }
    let gaps = unrelated().await.isolation_gaps().await.expect("read").join("; ");
    assert!(gaps.contains("may not switch to the role"), "{gaps}");
    let drop = format!("drop owned by {name}; drop role {name}");
    owner.execute(AssertSqlSafe(drop)).await.expect("dropped");
}
