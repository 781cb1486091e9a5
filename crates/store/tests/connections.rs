//! A connection with a failed or open transaction is not used again.

#[path = "sample/rows.rs"]
mod rows;
#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;

use std::collections::HashSet;
use std::time::Duration;

use rows::{batch, id, now, tenant, ticket};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use store::{Error, Store};

/// Number of connections in the pool; as many attempts use each of them.
const POOL: usize = 5;

async fn migrated(url: &str) -> Store {
    let store = Store::connect(url).await.expect("connected");
    store.migrate(None).await.expect("migrated");
    store.add_tenant(&tenant("acme")).await.expect("added");
    store
}

/// A transaction that locks the tenant's row until it is rolled back.
async fn lock_tenant(url: &str) -> PgConnection {
    let mut locking = PgConnection::connect(url).await.expect("connected");
    locking
        .execute("begin; select from tenant_configs where tenant_id = 'acme' for update")
        .await
        .expect("locked");
    locking
}

/// Waits until the server has `wanted` sessions of ours with a condition.
async fn wait_for_sessions(url: &str, condition: &str, wanted: i64) {
    let mut watching = PgConnection::connect(url).await.expect("connected");
    let count = format!(
        "select count(*) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and {condition}"
    );
    let watched = async {
        loop {
            let (found,): (i64,) = sqlx::query_as(AssertSqlSafe(count.clone()))
                .fetch_one(&mut watching)
                .await
                .expect("a count");
            if found == wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let reached = tokio::time::timeout(Duration::from_secs(15), watched).await;
    assert!(reached.is_ok(), "never {wanted} sessions with {condition}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_met_a_lock_timeout_is_stored_when_the_lock_is_free() {
    let scratch = scratch::Scratch::new().await;
    let url = format!("{}?options=-c%20lock_timeout%3D100", scratch.url);
    let store = migrated(&url).await;
    let mut locking = lock_tenant(&scratch.url).await;
    let applied = tokio::spawn({
        let store = store.clone();
        async move { store.apply(&id("acme"), &batch(vec![ticket("1")])).await }
    });
    // The second session that waits for the lock: the first one's message has failed.
    let mut watching = PgConnection::connect(&scratch.url).await.expect("connected");
    let mut waiting = HashSet::new();
    while waiting.len() < 2 {
        assert!(!applied.is_finished(), "it ended before the lock did");
        let found: Vec<(i32,)> = sqlx::query_as(
            "select pid from pg_stat_activity
                            where wait_event_type = 'Lock' and datname = current_database()",
        )
        .fetch_all(&mut watching)
        .await
        .expect("read");
        waiting.extend(found);
    }
    locking.execute("rollback").await.expect("released");
    let applied = applied.await.expect("no panic").expect("stored");
    assert_eq!(applied.counts.imported, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_whose_transaction_failed_to_begin_works_again_in_every_scope() {
    let scratch = scratch::Scratch::new().await;
    migrated(&scratch.url).await;
    let role = format!("begin_{}", uuid::Uuid::new_v4().simple());
    let mut admin = PgConnection::connect(&scratch.url).await.expect("connected");
    let mut say = async |statement: String| admin.execute(AssertSqlSafe(statement)).await.expect("done");
    say(format!(
        "create role {role} login password 'x'; grant precedent_service, precedent_scheduler to {role}"
    ))
    .await;
    let (_, server) = scratch.url.split_once('@').expect("a URL with a user");
    let store = Store::connect(&format!("postgres://{role}:x@{server}"))
        .await
        .expect("connected");
    let acme = id("acme");
    let one_of_each_scope = async || {
        let first = store.tenants().await.map(drop);
        let second = store.tenant(&acme).await.map(drop);
        let third = store.apply(&acme, &batch(vec![ticket("1")])).await.map(drop);
        [first, second, third]
    };
    for result in one_of_each_scope().await {
        result.expect("works");
    }
    say(format!(
        "revoke precedent_service, precedent_scheduler from {role}"
    ))
    .await;
    for _ in 0..POOL {
        for result in one_of_each_scope().await {
            assert!(matches!(result, Err(Error::NotIsolated(_))), "{result:?}");
        }
    }
    say(format!("grant precedent_service, precedent_scheduler to {role}")).await;
    for result in one_of_each_scope().await {
        result.expect("works again");
    }
    drop(store);
    wait_for_sessions(&scratch.url, &format!("usename = '{role}'"), 0).await;
    say(format!(
        "revoke precedent_service, precedent_scheduler from {role}; drop role {role}"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_cancelled_while_its_transaction_begins_leaves_no_lock() {
    let scratch = scratch::Scratch::new().await;
    let store = migrated(&scratch.url).await;
    let mut locking = lock_tenant(&scratch.url).await;
    let leaving = tokio::spawn({
        let store = store.clone();
        async move {
            store
                .apply(&id("acme"), &batch(vec![ticket("1")]))
                .await
                .map(drop)
        }
    });
    wait_for_sessions(&scratch.url, "wait_event_type = 'Lock'", 1).await;
    leaving.abort();
    leaving.await.expect_err("cancelled");
    locking.execute("rollback").await.expect("released");
    wait_for_sessions(&scratch.url, "state like 'idle in transaction%'", 0).await;
    wait_for_sessions(&scratch.url, "wait_event_type = 'Lock'", 0).await;
    wait_for_sessions(&scratch.url, "state like 'idle in transaction%'", 0).await;
    let others = lock_tenant(&scratch.url);
    tokio::time::timeout(Duration::from_secs(5), others)
        .await
        .expect("nothing holds the row");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_transaction_and_an_internal_error_are_retried_on_another_connection() {
    for code in ["XX000", "25P02", "25006"] {
        let scratch = scratch::Scratch::new().await;
        let store = migrated(&scratch.url).await;
        let mut owner = PgConnection::connect(&scratch.url).await.expect("connected");
        // Fails on the connection that wrote first, as a connection to a lost node does.
        let trigger = format!(
            "create table lost_backend (pid integer);
             grant all on lost_backend to public;
             insert into lost_backend select pid from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid();
             create function fail() returns trigger language plpgsql as $$
             begin
                 if exists (select from lost_backend where pid = pg_backend_pid()) then
                     raise exception 'a node is away' using errcode = '{code}';
                 end if;
                 return new;
             end $$;
             create trigger fail before insert on ticket_history for each row execute function fail()"
        );
        owner.execute(AssertSqlSafe(trigger)).await.expect("made");
        let applied = store
            .apply(&id("acme"), &batch(vec![ticket("1")]))
            .await
            .expect(code);
        assert_eq!(applied.counts.imported, 1, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_waits_for_a_locked_file_and_leaves_no_lock() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}/test.db", folder.path().display());
    let store = migrated(&url).await;
    let mut locking = SqliteConnection::connect(&url).await.expect("connected");
    locking.execute("begin immediate").await.expect("locked");
    // Calls that are cancelled while they wait for the lock.
    for number in 0..POOL {
        let ticket = ticket(&number.to_string());
        let acme = id("acme");
        let left = batch(vec![ticket]);
        let applied = store.apply(&acme, &left);
        let left = tokio::time::timeout(Duration::from_millis(50), applied).await;
        assert!(left.is_err());
    }
    locking.execute("rollback").await.expect("released");
    let applied = store.apply(&id("acme"), &batch(vec![ticket("9")])).await;
    assert_eq!(applied.expect("stored").counts.imported, 1);
    locking
        .execute("begin immediate; rollback")
        .await
        .expect("nothing holds the file");
    assert_eq!(store.history(&id("acme")).await.expect("read").since, now());
}
