//! State that runs share in both databases: the pace, sightings, and the watermark of the first import.

#[path = "sample/rows.rs"]
mod rows;
#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;

use chrono::{DateTime, TimeDelta, Utc};
use rows::{batch, id, now, tenant, ticket};
use store::{Batch, Checkpoint, NewRun, NewRunWindow, RemoteAnswer, RunKind, RunState, Store, TicketOrigin};
use ticket::TicketId;
use uuid::Uuid;

/// Runs a case on both databases, with tenants acme and other.
async fn each(case: impl AsyncFn(Store)) {
    let scratch = scratch::Scratch::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for url in [
        scratch.url.clone(),
        format!("sqlite://{}/test.db", folder.path().display()),
    ] {
        let store = Store::connect(&url).await.expect("connected");
        store.migrate(None).await.expect("migrated");
        for name in ["acme", "other"] {
            store.add_tenant(&tenant(name)).await.expect("added");
        }
        case(store).await;
    }
}

fn number(text: &str) -> TicketId {
    TicketId::new(text).expect("an id")
}

fn at(minutes: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minutes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pace_is_changed_by_one_caller_at_a_time_and_belongs_to_one_tenant() {
    each(async |store| {
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let store = store.clone();
            callers.spawn(async move {
                let more = |state: Option<&str>, now_ms: i64| {
                    assert!(now_ms > 1_700_000_000_000, "{now_ms}");
                    let count: u32 = state.map_or(0, |state| state.parse().expect("a number"));
                    (count + 1).to_string()
                };
                store.update_pace(&id("acme"), &more).await.expect("changed");
            });
        }
        callers.join_all().await;
        let look = |expected: Option<&'static str>| {
            move |state: Option<&str>, _: i64| {
                assert_eq!(state, expected);
                state.unwrap_or_default().to_owned()
            }
        };
        store
            .update_pace(&id("acme"), &look(Some("20")))
            .await
            .expect("read");
        store.update_pace(&id("other"), &look(None)).await.expect("read");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_that_no_list_shows_are_found_and_answers_are_stored() {
    each(async |store| {
        let acme = id("acme");
        let tickets = ["1", "2", "3", "4", "5"].map(ticket).into();
        store.apply(&acme, &batch(tickets)).await.expect("stored");
        let began = at(1);
        let seen = Batch {
            seen: vec![number("1"), number("2"), number("2"), number("99")],
            ..Batch::new(None, TicketOrigin::Sync, at(2))
        };
        store.apply(&acme, &seen).await.expect("noted");
        let range = (at(-1_000_000), at(1_000_000));
        assert_eq!(store.count_tickets(&acme, range).await.expect("counted"), 5);
        let unseen = async |since, archived_since| {
            let ids = store
                .unseen_tickets(&acme, range, (since, archived_since), 9)
                .await
                .expect("read");
            ids.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(unseen(began, began).await, ["3", "4", "5"]);
        for (name, answer) in [
            ("3", RemoteAnswer::Archived),
            ("4", RemoteAnswer::There),
            ("5", RemoteAnswer::Gone),
        ] {
            store
                .record_answer(&acme, &number(name), answer, at(3))
                .await
                .expect("noted");
        }
        assert_eq!(unseen(began, began).await, Vec::<String>::new());
        assert_eq!(
            store.missing_tickets(&acme, began).await.expect("read"),
            [(number("5"), RemoteAnswer::Gone)]
        );
        // In the next run only the answer that a ticket is archived still counts.
        assert_eq!(unseen(at(10), began).await, ["1", "2", "4", "5"]);
        assert_eq!(unseen(at(10), at(10)).await, ["1", "2", "3", "4", "5"]);
        assert_eq!(store.missing_tickets(&acme, at(10)).await.expect("read"), []);
        // A ticket that was stored since is not unseen.
        let stored = Batch {
            now: at(11),
            ..batch(vec![ticket("6")])
        };
        store.apply(&acme, &stored).await.expect("stored");
        assert!(!unseen(at(10), at(10)).await.contains(&"6".to_owned()));
    })
    .await;
}

async fn start(store: &Store, kind: RunKind, at: DateTime<Utc>) -> Uuid {
    let run = NewRun {
        id: Uuid::now_v7(),
        kind,
        request: kind.as_str().to_owned(),
        from: now(),
        to: now(),
        windows: vec![NewRunWindow { plan: "a".into() }],
    };
    store.start_run(&id("acme"), &run, at).await.expect("started").id
}

/// Stores a batch of a run whose latest change is this one.
async fn meet(store: &Store, run: Uuid, latest_change: Option<DateTime<Utc>>) {
    let checkpoint = Checkpoint {
        run,
        window: 0,
        cursor: None,
        window_done: false,
        latest_change,
    };
    let batch = Batch {
        checkpoint: Some(checkpoint),
        ..Batch::new(None, TicketOrigin::Sync, now())
    };
    store.apply(&id("acme"), &batch).await.expect("stored");
}

async fn end(store: &Store, run: Uuid, at: DateTime<Utc>) {
    let acme = id("acme");
    let ended = store.set_run_state(&acme, run, RunState::Finished, None, at);
    ended.await.expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_watermark_is_the_latest_change_less_the_duration_of_the_run() {
    each(async |store| {
        let acme = id("acme");
        // A sync proves nothing for an import.
        let sync = start(&store, RunKind::Sync, at(0)).await;
        meet(&store, sync, Some(at(500))).await;
        end(&store, sync, at(1)).await;
        assert_eq!(store.import_watermark(&acme).await.expect("read"), None);

        let import = start(&store, RunKind::Import, at(2)).await;
        for latest_change in [Some(at(-60)), None, Some(at(-30)), Some(at(-90))] {
            meet(&store, import, latest_change).await;
        }
        assert_eq!(store.import_watermark(&acme).await.expect("read"), None);
        end(&store, import, at(12)).await;
        assert_eq!(store.import_watermark(&acme).await.expect("read"), Some(at(-40)));

        // A later import proves nothing about changes before it.
        let second = start(&store, RunKind::Import, at(20)).await;
        meet(&store, second, Some(at(19))).await;
        end(&store, second, at(21)).await;
        assert_eq!(store.import_watermark(&acme).await.expect("read"), Some(at(-40)));

        // Ended syncs expire; imports stay.
        start(&store, RunKind::Sync, at(60 * 24 * 15)).await;
        let kinds = store
            .runs(&acme, None, 9)
            .await
            .expect("read")
            .into_iter()
            .map(|run| run.kind);
        assert_eq!(
            kinds.collect::<Vec<_>>(),
            [RunKind::Sync, RunKind::Import, RunKind::Import]
        );
    })
    .await;
}
