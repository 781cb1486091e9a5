//! What runs that go on in turns keep in both databases: the shared pace, what was met, what was proven.

#[path = "sample/rows.rs"]
mod rows;
#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rows::{batch, id, now, tenant, ticket};
use store::{Answer, Batch, NewRun, NewWindow, Progress, RunKind, RunState, Source, Store};
use ticket::TicketId;
use uuid::Uuid;

/// Runs a case on both databases, with tenants acme and other.
async fn each(case: impl AsyncFn(Arc<dyn Store>)) {
    let scratch = scratch::Scratch::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for url in [
        scratch.url.clone(),
        format!("sqlite://{}/test.db", folder.path().display()),
    ] {
        let store = store::connect(&url).await.expect("connected");
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
async fn a_pace_is_changed_by_one_at_a_time_and_is_the_tenants_own() {
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
async fn what_no_list_shows_is_found_and_answers_are_remembered() {
    each(async |store| {
        let acme = id("acme");
        let tickets = ["1", "2", "3", "4", "5"].map(ticket).into();
        store.apply(&acme, &batch(tickets)).await.expect("stored");
        let began = at(1);
        let seen = Batch {
            seen: vec![number("1"), number("2"), number("2"), number("99")],
            ..Batch::new(None, Source::Sync, at(2))
        };
        store.apply(&acme, &seen).await.expect("noted");
        let range = (at(-1_000_000), at(1_000_000));
        assert_eq!(store.served(&acme, range).await.expect("counted"), 5);
        let unseen = async |since, archived_since| {
            let ids = store
                .unseen(&acme, range, (since, archived_since), 9)
                .await
                .expect("read");
            ids.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(unseen(began, began).await, ["3", "4", "5"]);
        for (name, answer) in [("3", Answer::Archived), ("4", Answer::There), ("5", Answer::Gone)] {
            store
                .note_answer(&acme, &number(name), answer, at(3))
                .await
                .expect("noted");
        }
        assert_eq!(unseen(began, began).await, Vec::<String>::new());
        assert_eq!(
            store.lost(&acme, began).await.expect("read"),
            [(number("5"), Answer::Gone)]
        );
        // The next run: only what is archived is believed for longer.
        assert_eq!(unseen(at(10), began).await, ["1", "2", "4", "5"]);
        assert_eq!(unseen(at(10), at(10)).await, ["1", "2", "3", "4", "5"]);
        assert_eq!(store.lost(&acme, at(10)).await.expect("read"), []);
        // What was stored since needs no question.
        let stored = Batch {
            now: at(11),
            ..batch(vec![ticket("6")])
        };
        store.apply(&acme, &stored).await.expect("stored");
        assert!(!unseen(at(10), at(10)).await.contains(&"6".to_owned()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_proves_what_it_met_less_the_time_that_it_took() {
    each(async |store| {
        let acme = id("acme");
        let start = async |kind: RunKind, at| {
            let run = NewRun {
                id: Uuid::now_v7(),
                kind,
                request: kind.as_str().to_owned(),
                from: now(),
                to: now(),
                windows: vec![NewWindow { plan: "a".into() }],
            };
            store.start_run(&acme, &run, at).await.expect("started").id
        };
        let meet = async |run, latest_change| {
            let progress = Progress {
                run,
                window: 0,
                cursor: None,
                window_done: false,
                latest_change,
            };
            let batch = Batch {
                progress: Some(progress),
                ..Batch::new(None, Source::Sync, now())
            };
            store.apply(&acme, &batch).await.expect("noted");
        };
        let end = async |run, at| {
            let ended = store.set_run_state(&acme, run, RunState::Finished, None, at);
            ended.await.expect("ended");
        };
        // A sync of another kind of run proves nothing for an import.
        let sync = start(RunKind::Sync, at(0)).await;
        meet(sync, Some(at(500))).await;
        end(sync, at(1)).await;
        assert_eq!(store.imported_to(&acme).await.expect("read"), None);

        let import = start(RunKind::Import, at(2)).await;
        for latest_change in [Some(at(-60)), None, Some(at(-30)), Some(at(-90))] {
            meet(import, latest_change).await;
        }
        assert_eq!(store.imported_to(&acme).await.expect("read"), None);
        end(import, at(12)).await;
        assert_eq!(store.imported_to(&acme).await.expect("read"), Some(at(-40)));

        // A later import says nothing of what changed before it.
        let second = start(RunKind::Import, at(20)).await;
        meet(second, Some(at(19))).await;
        end(second, at(21)).await;
        assert_eq!(store.imported_to(&acme).await.expect("read"), Some(at(-40)));

        // Runs that come again and again are not kept for ever; imports are.
        start(RunKind::Sync, at(60 * 24 * 15)).await;
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
