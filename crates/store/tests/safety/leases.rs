//! One writer per tenant.

use std::time::{Duration, Instant};

use sqlx::{Connection, Executor, PgConnection};
use store::{Error, Freshness, Lease, Store};
use ticket::TenantId;

use crate::sample::{SECRET, batch, filled, id, now, ticket};
use crate::scratch;

#[tokio::test]
async fn one_process_holds_a_lease_and_an_earlier_holder_writes_nothing() {
    let scratch = scratch::Scratch::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for url in [
        scratch.url.clone(),
        format!("sqlite://{}/test.db", folder.path().display()),
    ] {
        let (store, run) = filled(&url).await;
        let mine = id("mine");
        let first = store
            .acquire_lease(&mine, "desk-7, process 12", now())
            .await
            .expect("free");
        let held = store
            .acquire_lease(&mine, "another", now())
            .await
            .expect_err("held");
        assert!(held.to_string().contains("desk-7, process 12 since"), "{held}");
        store
            .acquire_lease(&id("theirs"), "another", now())
            .await
            .expect("another tenant is free");
        let stale = batch(first.epoch, run, vec![ticket("1")]);
        store.apply(&mine, &stale).await.expect("the holder writes");
        drop(first);

        let second = wait_for_lease(&store, &mine).await;
        let fenced = store.apply(&mine, &stale).await.expect_err("taken over");
        assert!(matches!(fenced, Error::Fenced(_)), "{fenced}");
        let synced = store
            .set_freshness(&mine, stale.epoch.unwrap_or_default(), &Freshness::default())
            .await;
        assert!(matches!(synced, Err(Error::Fenced(_))));
        assert_eq!(store.newest_tickets(&mine, 9).await.expect("read").len(), 1);
        store.release_lease(&mine, second).await.expect("released");
        store
            .acquire_lease(&mine, "third", now())
            .await
            .expect("free at once");
    }
}

#[tokio::test]
async fn a_row_that_the_platform_stores_at_the_same_time_is_updated_not_refused() {
    let scratch = scratch::Scratch::new().await;
    let (store, run) = filled(&scratch.url).await;
    let mut platform = PgConnection::connect(&scratch.url).await.expect("connected");
    platform
        .execute(
            "begin; insert into ticket_history (tenant_id, ticket_id, description)
             values ('mine', '2', 'written by the platform')",
        )
        .await
        .expect("inserted, not yet to be seen");
    let tickets = vec![ticket("1"), ticket("2"), ticket("3")];
    let applied = tokio::spawn({
        let store = store.clone();
        async move { store.apply(&id("mine"), &batch(0, run, tickets)).await }
    });
    let mut waits = false;
    while !waits {
        assert!(!applied.is_finished(), "it did not wait for the platform's row");
        tokio::time::sleep(Duration::from_millis(5)).await;
        waits = sqlx::query_scalar(
            "select exists (select from pg_stat_activity
                            where datname = current_database() and wait_event_type = 'Lock')",
        )
        .fetch_one(&mut platform)
        .await
        .expect("asked");
    }
    platform.execute("commit").await.expect("committed");
    let applied = applied.await.expect("no panic").expect("applied");
    assert_eq!(
        (
            applied.counts.imported,
            applied.counts.updated,
            applied.rejections
        ),
        (2, 1, Vec::new())
    );
    let stored = store.newest_tickets(&id("mine"), 9).await.expect("read");
    assert!(stored.len() == 3 && stored.iter().all(|ticket| ticket.description == SECRET));
}

/// Acquires the lease of a holder that is gone; the database may notice that later.
async fn wait_for_lease(store: &Store, tenant: &TenantId) -> Lease {
    loop {
        match store.acquire_lease(tenant, "another", now()).await {
            Err(Error::Held { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            lease => return lease.expect("free again"),
        }
    }
}

#[test]
fn a_holder_that_hangs_loses_its_lease_and_a_live_one_keeps_it() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    };
    // The hanging runtime makes progress only inside `block_on`.
    let (hanging, living) = (runtime(), runtime());
    let scratch = living.block_on(scratch::Scratch::new());
    let (store, run) = living.block_on(filled(&scratch.url));
    let other = hanging.block_on(Store::connect(&scratch.url)).expect("connected");
    let lost = hanging
        .block_on(other.acquire_lease(&id("mine"), "hangs", now()))
        .expect("free");
    living.block_on(async {
        let kept = store
            .acquire_lease(&id("theirs"), "lives", now())
            .await
            .expect("free");
        let third = Store::connect(&scratch.url).await.expect("connected");
        let started = Instant::now();
        let taken = wait_for_lease(&store, &id("mine")).await;
        let waited = started.elapsed();
        assert!(
            Duration::from_secs(10) < waited && waited < Duration::from_secs(40),
            "{waited:?}"
        );
        let theirs = third.acquire_lease(&id("theirs"), "another", now()).await;
        assert!(matches!(theirs, Err(Error::Held { .. })), "{theirs:?}");
        store
            .apply(&id("mine"), &batch(taken.epoch, run, vec![ticket("1")]))
            .await
            .expect("its own");
        store.release_lease(&id("theirs"), kept).await.expect("released");
    });
    let late = batch(lost.epoch, run, vec![ticket("1")]);
    let late = hanging.block_on(other.apply(&id("mine"), &late));
    assert!(matches!(late, Err(Error::Fenced(_))), "{late:?}");
}
