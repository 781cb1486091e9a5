//! No method of the store reads or changes rows of another tenant.
//!
//! On PostgreSQL row-level security protects a statement that forgets its tenant; on SQLite only the statement itself
//! does. So every method runs on both.

use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};
use store::{
    Added, Batch, Claim, Deaths, Error, EventKind, Freshness, Job, JobKind, LearnedChange, NewRun,
    NewRunWindow, RemoteAnswer, RunKind, RunState, RunWindow, Store, Tenant, TicketOrigin, WebhookEvent,
    Withdrawal,
};
use ticket::TicketId;
use uuid::Uuid;

use crate::sample::{LIMITS, SECRET, batch, entry, event, filled, id, now, tenant, ticket, token, webhook};
use crate::scratch;

/// Fails if a value holds anything of tenant `theirs`.
fn assert_sees_nothing(value: &impl Debug) {
    let seen = format!("{value:?}");
    assert!(!seen.contains("theirs: ") && !seen.contains("Ticket {"), "{seen}");
}

/// Ids of the tickets of tenant `theirs`.
fn their_ids() -> [TicketId; 2] {
    [ticket("1").ticket.id, ticket("2").ticket.id]
}

fn job(tenant: &str) -> Job {
    Job::new(id(tenant), JobKind::Import, Some(SECRET.into()), now())
}

/// A range in which every sample ticket was resolved.
fn range() -> (DateTime<Utc>, DateTime<Utc>) {
    (now() - TimeDelta::days(9), now() + TimeDelta::days(9))
}

#[tokio::test]
async fn no_method_reads_or_changes_rows_of_another_tenant() {
    let scratch = scratch::Scratch::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for url in [
        scratch.url.clone(),
        format!("sqlite://{}/test.db", folder.path().display()),
    ] {
        let (store, run) = filled(&url).await;
        assert_eq!(store.isolation_gaps().await.expect("read"), Vec::<String>::new());
        add_more_of_theirs(&store).await;
        let before = everything_of_theirs(&store, run).await;
        let unchanged = async |after: &str| {
            assert_eq!(everything_of_theirs(&store, run).await, before, "{after}");
        };
        read_tickets(&store).await;
        read_rows_about_tickets(&store, run).await;
        unchanged("reads").await;
        read_and_write_events(&store).await;
        unchanged("events").await;
        write_settings(&store, run).await;
        unchanged("settings").await;
        write_jobs_and_rejections(&store).await;
        unchanged("jobs and rejections").await;
        write_sightings_and_pace(&store).await;
        unchanged("sightings and pace").await;
        write_tickets(&store, run).await;
        unchanged("tickets").await;
        erase(&store).await;
        unchanged("erasure").await;
    }
}

/// Adds rows of tenant `theirs` that a statement without its tenant would find: an answer, a pace, a dead-lettered
/// event, an unfinished run, and an ended sync that has the id of one of `mine`.
async fn add_more_of_theirs(store: &Store) {
    let theirs = &id("theirs");
    let [ticket, _] = their_ids();
    let answer = RemoteAnswer::Gone;
    let stored = store.record_answer(theirs, &ticket, answer, now()).await;
    stored.expect("stored");
    // An attempt that ended with the death of its process.
    for epoch in [0, 1] {
        let attempt = (theirs, JobKind::Import);
        let begun = store.begin_attempt(attempt, epoch, (false, 3), now()).await;
        begun.expect("stored");
    }
    let change = |_: Option<&str>, _: i64| SECRET.to_owned();
    store.update_pace(theirs, &change).await.expect("stored");
    let sync = new_sync("sync");
    for tenant in [theirs, &id("mine")] {
        store.start_run(tenant, &sync, now()).await.expect("stored");
        let ended = store.set_run_state(tenant, sync.id, RunState::Finished, None, now());
        ended.await.expect("stored");
    }
    let unfinished = new_sync("only theirs");
    store.start_run(theirs, &unfinished, now()).await.expect("stored");
    let failed = WebhookEvent {
        id: "failed".into(),
        failed_at: Some(now()),
        ..event()
    };
    let added = store.add_events(theirs, std::slice::from_ref(&failed), &LIMITS);
    added.await.expect("stored");
    store.postpone_event(theirs, &failed).await.expect("stored");
}

fn new_sync(request: &str) -> NewRun {
    NewRun {
        kind: RunKind::Sync,
        id: Uuid::now_v7(),
        request: request.into(),
        from: now(),
        to: now(),
        windows: vec![NewRunWindow { plan: SECRET.into() }],
    }
}

async fn windows_of_all_runs(store: &Store) -> Vec<RunWindow> {
    let theirs = &id("theirs");
    let mut windows = Vec::new();
    for run in store.runs(theirs, None, 9).await.expect("read") {
        let whole = store.run(theirs, run.id).await.expect("read").expect("there");
        windows.extend(whole.windows);
    }
    windows
}

/// Returns everything that the store has of tenant `theirs`, as text.
async fn everything_of_theirs(store: &Store, run: Uuid) -> Vec<String> {
    let theirs = &id("theirs");
    let ids = &their_ids();
    let unchanged = |state: Option<&str>, _: i64| {
        assert_eq!(state, Some(SECRET));
        SECRET.to_owned()
    };
    store.update_pace(theirs, &unchanged).await.expect("read");
    let jobs = store.jobs(None).await.expect("read");
    let suspects = store.suspects().await.expect("read");
    let all: [&dyn Debug; 15] = [
        &suspects,
        &store.tenant(theirs).await.expect("read"),
        &store.tickets(theirs, ids).await.expect("read"),
        &store.changes(theirs, (-1, ""), 9).await.expect("read"),
        &store.history(theirs).await.expect("read"),
        &store.freshness(theirs).await.expect("read"),
        &store.run(theirs, run).await.expect("read"),
        &windows_of_all_runs(store).await,
        &store.rejections(theirs, None, 9).await.expect("read"),
        &store
            .missing_tickets(theirs, DateTime::UNIX_EPOCH)
            .await
            .expect("read"),
        &jobs
            .iter()
            .filter(|job| job.tenant == *theirs)
            .collect::<Vec<_>>(),
        &store.webhook(theirs).await.expect("read"),
        &store.events(theirs, None, 9).await.expect("read"),
        &store.audit_entries(Some(theirs), None, 9).await.expect("read"),
        &store.tokens(theirs, None).await.expect("read"),
    ];
    let all = all.map(|value| format!("{value:?}"));
    assert!(
        all.iter().all(|value| value != "None" && value != "[]"),
        "{all:?}"
    );
    all.to_vec()
}

async fn read_tickets(store: &Store) {
    let mine = &id("mine");
    let theirs = &their_ids();
    let (from, to) = range();
    assert!(store.known(mine, theirs).await.expect("read").is_empty());
    assert!(
        store
            .content_digests(mine, theirs)
            .await
            .expect("read")
            .is_empty()
    );
    assert_eq!(store.tickets(mine, theirs).await.expect("read"), []);
    assert_eq!(store.excerpts(mine, theirs).await.expect("read"), []);
    assert_eq!(store.newest_tickets(mine, 9).await.expect("read"), []);
    assert_eq!(store.changes(mine, (-1, ""), 9).await.expect("read"), []);
    assert_eq!(store.digests(mine, from, to, "", 9).await.expect("read"), []);
    assert_eq!(store.earliest_resolution(mine).await.expect("read"), None);
    assert_eq!(store.count_tickets(mine, range()).await.expect("read"), 0);
    let unseen = store.unseen_tickets(mine, range(), (to, to), 9).await;
    assert_eq!(unseen.expect("read"), []);
    assert_eq!(store.missing_tickets(mine, from).await.expect("read"), []);
    assert_sees_nothing(&store.history(mine).await.expect("read"));
}

async fn read_rows_about_tickets(store: &Store, run: Uuid) {
    let mine = &id("mine");
    assert_sees_nothing(&store.tenant(mine).await.expect("read"));
    assert_sees_nothing(&store.unfinished_run(mine, "90 days").await.expect("read"));
    let unfinished = store.unfinished_run(mine, "only theirs").await;
    assert_eq!(unfinished.expect("read"), None);
    assert_sees_nothing(&store.run(mine, run).await.expect("read"));
    assert_eq!(store.runs(mine, None, 9).await.expect("read").len(), 2);
    assert_eq!(store.import_watermark(mine).await.expect("read"), None);
    assert_eq!(store.rejections(mine, None, 9).await.expect("read"), []);
    assert_eq!(store.rejection(mine, "99").await.expect("read"), None);
    let entries = store.audit_entries(Some(mine), None, 9).await;
    assert_eq!(entries.expect("read"), []);
    assert_eq!(store.tokens(mine, Some("agent-1")).await.expect("read"), []);
    assert_eq!(store.webhook(mine).await.expect("read"), None);
    assert_eq!(store.jobs(Some(mine)).await.expect("read"), []);
}

async fn read_and_write_events(store: &Store) {
    let mine = &id("mine");
    let (_, far) = range();
    assert_eq!(store.events(mine, None, 9).await.expect("read"), []);
    for suspect in [false, true] {
        let claim = Claim {
            kind: EventKind::Changed,
            suspect,
            events: 9,
            bytes: 99,
            now: far,
            until: far,
        };
        let claimed = store.claim_events(mine, claim).await;
        assert_eq!(claimed.expect("read"), []);
    }
    assert!(!store.request_sync(mine, far).await.expect("never imported"));
    store.ack_events(mine, &[event()], far).await.expect("none");
    let failed = event().requeue(far);
    store.postpone_event(mine, &failed).await.expect("none");
    store.set_webhook(&webhook("mine")).await.expect("mine");
    let added = store.add_events(mine, &[event()], &LIMITS).await;
    assert_eq!(added.expect("mine"), [Added::Stored]);
}

async fn write_settings(store: &Store, run: Uuid) {
    let mine = &id("mine");
    let exists = store.add_tenant(&tenant("mine")).await;
    assert!(matches!(exists, Err(Error::TenantExists(_))), "{exists:?}");
    store.update_tenant(&tenant("mine")).await.expect("mine");
    let change = LearnedChange {
        pace: Some(Some(7)),
        ..LearnedChange::default()
    };
    store.set_learned(mine, &change).await.expect("mine");
    let replaced = store.replace_envelope(mine, "v1.sealed", "v2.sealed").await;
    assert!(replaced.expect("mine"));
    let revoked = store.revoke_token(mine, "agent-1", now()).await;
    assert!(!revoked.expect("none"));
    store.add_token(&token("mine")).await.expect("mine");
    let synced = Freshness {
        synced_to: Some(now()),
        ..Freshness::default()
    };
    store.set_freshness(mine, 0, &synced).await.expect("mine");
    assert_eq!(store.freshness(mine).await.expect("mine"), synced);
    // Deletes ended syncs that are past their retention.
    let long_after = now() + TimeDelta::days(99);
    let started = store.start_run(mine, &new_sync("sync"), long_after).await;
    started.expect("mine");
    let state = RunState::Finished;
    let ended = store.set_run_state(mine, run, state, None, now()).await;
    ended.expect("mine");
    store.audit(&entry(Some(mine.clone()))).await.expect("mine");
}

async fn write_jobs_and_rejections(store: &Store) {
    let mine = &id("mine");
    assert!(!store.reschedule_job(&job("mine")).await.expect("none"));
    let completed = store.complete_job(mine, JobKind::Import, None, None).await;
    assert!(!completed.expect("none"));
    store.request_job(&job("mine")).await.expect("mine");
    let attempt = (mine, JobKind::Import);
    let begun = store.begin_attempt(attempt, 9, (false, 3), now()).await;
    assert_eq!(begun.expect("mine"), Deaths::default());
    let ended = store.end_attempt(mine, JobKind::Import, 9).await;
    ended.expect("mine");
    store.delete_rejection(mine, "99").await.expect("none");
    let changed = store.set_rejection_reason(mine, "99", "mine").await;
    changed.expect("none");
}

async fn write_sightings_and_pace(store: &Store) {
    let mine = &id("mine");
    let change = |state: Option<&str>, _: i64| {
        assert_eq!(state, None);
        "mine".to_owned()
    };
    store.update_pace(mine, &change).await.expect("mine");
    let [ticket, _] = their_ids();
    let answer = RemoteAnswer::There;
    let stored = store.record_answer(mine, &ticket, answer, now()).await;
    stored.expect("mine");
    let seen = Batch {
        seen: their_ids().into(),
        ..Batch::new(None, TicketOrigin::Sync, now())
    };
    store.apply(mine, &seen).await.expect("mine");
}

async fn write_tickets(store: &Store, run: Uuid) {
    let mine = &id("mine");
    let keeping = Tenant {
        keep_days: Some(1),
        ..tenant("mine")
    };
    store.update_tenant(&keeping).await.expect("mine");
    let (_, far) = range();
    let before = store.history(mine).await.expect("mine");
    let expired = store.expire(mine, 0, far, 9).await.expect("none");
    assert!(expired.is_empty(), "{expired:?}");
    assert_eq!(store.history(mine).await.expect("mine"), before);
    let usage = store.usage(mine, now(), 0).await.expect("mine");
    assert_eq!(usage.stored_bytes, 0, "no ticket is mine");
    store.update_tenant(&tenant("mine")).await.expect("mine");
    let withdrawal = |id| Withdrawal { id, changed_at: None };
    let withdrawing = Batch {
        withdrawals: their_ids().map(withdrawal).into(),
        ..Batch::new(Some(0), TicketOrigin::Sync, now())
    };
    let applied = store.apply(mine, &withdrawing).await.expect("none");
    assert_eq!(applied.withdrawn, 0);
    let mut mine_too = batch(0, run, vec![ticket("1")]);
    let checkpoint = mine_too.checkpoint.as_mut().expect("of a run");
    checkpoint.cursor = Some("mine".into());
    let applied = store.apply(mine, &mine_too).await.expect("mine");
    assert_eq!(applied.counts.imported, 1);
    store.update_tenant(&keeping).await.expect("mine");
    let expired = store.expire(mine, 0, far, 9).await.expect("mine");
    assert_eq!((expired.tickets, expired.rejections), (1, 1));
}

async fn erase(store: &Store) {
    let mine = &id("mine");
    let lease = store.acquire_lease(mine, "me", now()).await.expect("mine");
    while store.erase(mine, lease.epoch, 1).await.expect("mine") > 0 {}
    let fenced = store.erase(mine, 0, 1).await;
    assert!(matches!(fenced, Err(Error::Fenced(_))), "{fenced:?}");
    let fenced = store.remove_erased(mine, 0).await;
    assert!(matches!(fenced, Err(Error::Fenced(_))), "{fenced:?}");
    assert!(store.remove_erased(mine, lease.epoch).await.expect("mine"));
    assert_eq!(store.tokens(mine, None).await.expect("read"), []);
    store.add_tenant(&tenant("mine")).await.expect("no row is left");
    let exists = store.erase_left(mine, 9).await;
    assert!(matches!(exists, Err(Error::TenantExists(_))), "{exists:?}");
    store.remove_tenant(mine).await.expect("mine");
    while store.erase_left(mine, 9).await.expect("mine") > 0 {}
    store.adopt_tenant(&tenant("mine")).await.expect("mine");
    let lease_of_another = store.acquire_lease(mine, "me", now()).await;
    assert!(
        matches!(lease_of_another, Err(Error::Held { .. })),
        "{lease_of_another:?}"
    );
    store.release_lease(mine, lease).await.expect("mine");
    store.remove_tenant(mine).await.expect("mine");
}
