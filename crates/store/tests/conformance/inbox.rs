//! Claims and limits of webhook events.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Added, Claim, DueEvents, EventKind, InboxLimits, Job, JobKind, RunState, Store, WebhookEvent};

use crate::sample::{acme, each, now};

const LIMITS: InboxLimits = InboxLimits {
    resolved: 9,
    changed: 2,
    bytes: 100,
};

fn event(name: &str, kind: EventKind, body_bytes: usize) -> WebhookEvent {
    WebhookEvent::new(name.into(), kind, "x".repeat(body_bytes), now(), now())
}

async fn add(store: &Store, name: &str, kind: EventKind, body_bytes: usize) -> Added {
    let events = [event(name, kind, body_bytes)];
    store.add_events(&acme(), &events, &LIMITS).await.expect("added")[0]
}

/// Claims at most three events and 60 bytes for a minute, `minutes` later; returns their names and deaths.
async fn claim(store: &Store, minutes: i64, suspect: bool) -> Vec<(String, u32)> {
    let now = now() + TimeDelta::minutes(minutes);
    let claim = Claim {
        kind: EventKind::Resolved,
        suspect,
        events: 3,
        bytes: 60,
        now,
        until: now + TimeDelta::minutes(1),
    };
    let claimed = store.claim_events(&acme(), claim).await.expect("claimed");
    let mut claimed: Vec<_> = claimed
        .into_iter()
        .map(|event| (event.id.clone(), event.deaths()))
        .collect();
    claimed.sort();
    claimed
}

fn named(names: &[&str], deaths: u32) -> Vec<(String, u32)> {
    names.iter().map(|name| ((*name).to_owned(), deaths)).collect()
}

async fn due(store: &Store, minutes: i64) -> Vec<DueEvents> {
    let now = now() + TimeDelta::minutes(minutes);
    store.due_events(now).await.expect("read")
}

#[tokio::test]
async fn events_are_claimed_by_size_and_are_suspects_after_an_expired_claim() {
    each(async |stored| {
        let store = &stored.store;
        for (name, bytes) in [("a", 25), ("b", 25), ("c", 25), ("d", 20)] {
            assert_eq!(add(store, name, EventKind::Resolved, bytes).await, Added::Stored);
        }
        assert_eq!(claim(store, 0, true).await, []);
        assert_eq!(claim(store, 0, false).await, named(&["a", "b"], 0));
        assert_eq!(claim(store, 0, false).await, named(&["c", "d"], 0));
        assert_eq!(due(store, 0).await, []);

        // The claims expire; an event that is received again stays a suspect.
        let suspects = DueEvents {
            tenant: acme(),
            kind: EventKind::Resolved,
            suspect: true,
        };
        assert_eq!(due(store, 1).await, [suspects]);
        assert_eq!(add(store, "a", EventKind::Resolved, 25).await, Added::Stored);
        assert_eq!(claim(store, 1, false).await, []);
        assert_eq!(claim(store, 1, true).await, named(&["a", "b"], 1));
        let survivor = event("b", EventKind::Resolved, 25).requeue(now());
        let postponed = store.postpone_event(&acme(), &survivor).await;
        postponed.expect("stored");
        assert_eq!(claim(store, 1, false).await, named(&["b"], 0));
        assert_eq!(claim(store, 2, true).await, named(&["c", "d"], 1));
        // A single event may be larger than a claim.
        store
            .add_events(
                &acme(),
                &[event("large", EventKind::Resolved, 90)],
                &InboxLimits { bytes: 999, ..LIMITS },
            )
            .await
            .expect("added");
        assert_eq!(claim(store, 2, false).await, named(&["large"], 0));
    })
    .await;
}

#[tokio::test]
async fn events_beyond_the_limits_are_refused_one_by_one() {
    each(async |stored| {
        let store = &stored.store;
        let (changed, resolved) = (EventKind::Changed, EventKind::Resolved);
        for (name, kind, bytes, expected) in [
            ("1", changed, 1, Added::Stored),
            ("2", changed, 1, Added::Stored),
            ("3", changed, 1, Added::Full),
            ("2", changed, 1, Added::Stored),
            ("a", resolved, 60, Added::Stored),
            ("b", resolved, 41, Added::Full),
            ("c", resolved, 40, Added::Stored),
        ] {
            assert_eq!(add(store, name, kind, bytes).await, expected, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_sync_is_requested_once_and_again_while_one_is_under_way() {
    each(async |stored| {
        let store = &stored.store;
        let acme = &acme();
        let request = async |due_at: DateTime<Utc>| store.request_sync(acme, due_at).await.expect("asked");
        let jobs = async || store.jobs(None).await.expect("read");
        assert!(!request(now()).await, "never imported");
        assert_eq!(jobs().await, []);
        let state = RunState::Finished;
        let ended = store.set_run_state(acme, stored.run, state, None, now());
        ended.await.expect("ended");

        let second = |seconds| now() + TimeDelta::seconds(seconds);
        let job = |seconds| Job::new(acme.clone(), JobKind::Sync, None, second(seconds));
        assert!(request(second(1)).await && request(second(2)).await);
        assert_eq!(jobs().await, [job(1)]);
        let begun = store.begin_attempt((acme, JobKind::Sync), 1, (false, 3), second(3));
        begun.await.expect("noted");
        assert!(request(second(4)).await && request(second(5)).await);
        assert_eq!(jobs().await, [job(4)]);
        let completed = store
            .complete_job(acme, JobKind::Sync, None, Some(second(3)))
            .await;
        assert!(!completed.expect("kept for the next sync"));
        let completed = store
            .complete_job(acme, JobKind::Sync, None, Some(second(6)))
            .await;
        assert!(completed.expect("done"));

        store
            .request_job(&job(1).dead_letter(now()))
            .await
            .expect("stored");
        assert!(!request(second(7)).await, "dead-lettered");
    })
    .await;
}
