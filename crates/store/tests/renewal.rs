//! Tickets that arrive again: the same, in another form, out of order, or for another customer.

#[path = "sample/rows.rs"]
mod rows;
#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;

use chrono::{DateTime, TimeDelta, Utc};
use rows::{batch, id, now, tenant, ticket};
use store::{
    Applied, Batch, Change, Error, Incoming, LearnedChange, LearnedSettings, Store, TicketOrigin, Withdrawal,
};
use ticket::TicketId;

/// Runs a case on both databases, with tenant acme.
async fn each(case: impl AsyncFn(Store)) {
    let scratch = scratch::Scratch::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for url in [
        scratch.url.clone(),
        format!("sqlite://{}/test.db", folder.path().display()),
    ] {
        let store = Store::connect(&url).await.expect("connected");
        store.migrate(None).await.expect("migrated");
        store.add_tenant(&tenant("acme")).await.expect("added");
        case(store).await;
    }
}

async fn apply(store: &Store, batch: &Batch) -> Applied {
    store.apply(&id("acme"), batch).await.expect("applied")
}

/// Imported, updated, skipped.
async fn counts(store: &Store, tickets: Vec<Incoming>) -> [u64; 3] {
    let counts = apply(store, &batch(tickets)).await.counts;
    [counts.imported, counts.updated, counts.skipped]
}

async fn row(store: &Store, number: &str) -> Change {
    let all = store.changes(&id("acme"), (-1, ""), 100).await.expect("read");
    let found = all.into_iter().find(|change| change.id.as_str() == number);
    found.expect("stored")
}

async fn source_digest(store: &Store, number: &str) -> Option<Vec<u8>> {
    let number = TicketId::new(number).expect("an id");
    let known = store.known(&id("acme"), std::slice::from_ref(&number)).await;
    known.expect("read").remove(&number).expect("known").source_digest
}

fn with_digest(number: &str, digest: u8) -> Incoming {
    Incoming {
        source_digest: Some(vec![digest; 32]),
        ..ticket(number)
    }
}

/// A report of a ticket that was resolved some minutes after `now`.
fn report(minutes: i64, resolution: &str) -> Batch {
    let mut incoming = ticket("1");
    incoming.source_digest = None;
    incoming.ticket.resolution = resolution.into();
    incoming.ticket.resolved_at = now() + TimeDelta::minutes(minutes);
    incoming.ticket.source_updated_at = Some(incoming.ticket.resolved_at);
    Batch {
        reported: true,
        tickets: vec![incoming],
        ..Batch::new(None, TicketOrigin::WebhookResolved, at(minutes))
    }
}

fn at(minutes: i64) -> DateTime<Utc> {
    now() + TimeDelta::minutes(minutes)
}

/// A withdrawal of a ticket that the source shows no longer, some minutes after `now`.
fn withdrawal(minutes: i64) -> Batch {
    Batch {
        withdrawals: vec![Withdrawal {
            id: TicketId::new("1").expect("an id"),
            changed_at: None,
        }],
        ..Batch::new(None, TicketOrigin::Sync, at(minutes))
    }
}

#[tokio::test]
async fn a_ticket_in_another_form_of_the_source_is_unchanged_and_gets_the_new_digest() {
    each(async |store| {
        let before = vec![with_digest("1", 1), with_digest("2", 1)];
        assert_eq!(counts(&store, before).await, [2, 0, 0]);
        let first = row(&store, "1").await;
        let after = vec![with_digest("1", 2), with_digest("2", 1), with_digest("3", 2)];
        assert_eq!(counts(&store, after).await, [1, 0, 2]);
        assert_eq!(row(&store, "1").await, first, "no reader sees a change");
        assert_eq!(source_digest(&store, "1").await, Some(vec![2; 32]));
        assert_eq!(source_digest(&store, "2").await, Some(vec![1; 32]));
        // A report has no source form.
        let without = Incoming {
            source_digest: None,
            ..ticket("1")
        };
        assert_eq!(counts(&store, vec![without]).await, [0, 0, 1]);
        assert_eq!(source_digest(&store, "1").await, Some(vec![2; 32]));
        // Other content is a change.
        let mut changed = with_digest("1", 3);
        changed.ticket.resolution = "Replaced the switch".into();
        assert_eq!(counts(&store, vec![changed]).await, [0, 1, 0]);
        assert!(row(&store, "1").await.revision > first.revision);
    })
    .await;
}

#[tokio::test]
async fn a_report_that_is_not_newer_changes_nothing() {
    each(async |store| {
        let replayed = report(0, "Reset it");
        assert_eq!(apply(&store, &replayed).await.counts.imported, 1);
        let stored = row(&store, "1").await;
        assert_eq!(apply(&store, &replayed).await.counts.skipped, 1);
        assert_eq!(row(&store, "1").await, stored);
        apply(&store, &withdrawal(5)).await;
        let withdrawn = row(&store, "1").await;
        assert_eq!(withdrawn.ticket, None);
        // Sent again, from before the withdrawal, and from the time of the withdrawal.
        for old in [&replayed, &report(4, "Reset it"), &report(5, "Reset it")] {
            assert_eq!(apply(&store, old).await.counts.skipped, 1);
            assert_eq!(row(&store, "1").await, withdrawn);
        }
        assert_eq!(apply(&store, &report(6, "Replaced it")).await.counts.updated, 1);
        let revived = row(&store, "1").await.ticket.expect("served");
        assert_eq!(revived.resolution, "Replaced it");
        // Of two reports of one time the later wins, but none replaces a form that was read at the source.
        assert_eq!(apply(&store, &report(6, "Swapped it")).await.counts.updated, 1);
        let mut read = with_digest("1", 1);
        read.ticket.resolved_at = at(6);
        read.ticket.source_updated_at = Some(at(6));
        assert_eq!(counts(&store, vec![read]).await, [0, 1, 0]);
        assert_eq!(apply(&store, &report(6, "Swapped it")).await.counts.skipped, 1);
        assert_eq!(
            apply(&store, &report(7, "Swapped it again")).await.counts.updated,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_ticket_that_was_read_at_its_source_is_served_again_whatever_its_time() {
    each(async |store| {
        apply(&store, &report(0, "Reset it")).await;
        apply(&store, &withdrawal(5)).await;
        assert_eq!(counts(&store, vec![with_digest("1", 1)]).await, [0, 1, 0]);
        assert!(row(&store, "1").await.ticket.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_report_deletes_a_rejection_only_if_it_is_stored() {
    each(async |store| {
        apply(&store, &report(0, "Reset it")).await;
        let rejecting = Batch {
            rejections: vec![store::Rejection {
                ticket_id: Some("1".into()),
                reason: "cannot be read".into(),
                raw: "{}".into(),
            }],
            ..batch(Vec::new())
        };
        apply(&store, &rejecting).await;
        apply(&store, &report(0, "Reset it")).await;
        assert_eq!(
            store.rejections(&id("acme"), None, 9).await.expect("read").len(),
            1
        );
        apply(&store, &report(1, "Replaced it")).await;
        assert_eq!(store.rejections(&id("acme"), None, 9).await.expect("read"), []);
    })
    .await;
}

#[tokio::test]
async fn a_learned_fact_is_not_replaced_by_an_older_one() {
    each(async |store| {
        let acme = id("acme");
        let at_the_start = store.tenant(&acme).await.expect("read").expect("there").learned;
        let probe = LearnedChange {
            probe: Some(Some("newer".into())),
            ..LearnedChange::default()
        };
        store.set_learned(&acme, &probe).await.expect("learned");
        let at_the_end = LearnedSettings {
            pace: Some(40),
            ..at_the_start.clone()
        };
        let news = at_the_end.changes_since(&at_the_start);
        store.set_learned(&acme, &news).await.expect("learned");
        let learned = store.tenant(&acme).await.expect("read").expect("there").learned;
        assert_eq!(
            (learned.pace, learned.probe.as_deref()),
            (Some(40), Some("newer"))
        );
        let forgotten = LearnedSettings::default().changes_since(&learned);
        store.set_learned(&acme, &forgotten).await.expect("forgotten");
        let learned = store.tenant(&acme).await.expect("read").expect("there").learned;
        assert_eq!(learned, LearnedSettings::default());
    })
    .await;
}

#[tokio::test]
async fn an_id_with_rows_left_is_refused_until_they_are_adopted_or_erased() {
    each(async |store| {
        let acme = id("acme");
        let many = (0..30).map(|number| ticket(&number.to_string())).collect();
        apply(&store, &batch(many)).await;
        apply(&store, &withdrawal(1)).await;
        let revision = store.history(&acme).await.expect("read").revision;
        assert!(matches!(
            store.erase_left(&acme, 10).await,
            Err(Error::TenantExists(_))
        ));
        store.remove_tenant(&acme).await.expect("removed");
        let refused = store.add_tenant(&tenant("acme")).await;
        assert!(matches!(refused, Err(Error::RowsLeft(_))), "{refused:?}");
        assert_eq!(store.tenant(&acme).await.expect("read"), None);

        store.adopt_tenant(&tenant("acme")).await.expect("adopted");
        assert_eq!(
            store.history(&acme).await.expect("read").revision,
            revision,
            "later revisions are new to a reader"
        );
        assert_eq!(store.newest_tickets(&acme, 99).await.expect("read").len(), 29);

        store.remove_tenant(&acme).await.expect("removed");
        assert_eq!(store.erase_left(&acme, 10).await.expect("erased"), 10);
        assert!(matches!(
            store.add_tenant(&tenant("acme")).await,
            Err(Error::RowsLeft(_))
        ));
        while store.erase_left(&acme, 10).await.expect("erased") > 0 {}
        store.add_tenant(&tenant("acme")).await.expect("no row is left");
        assert_eq!(store.newest_tickets(&acme, 99).await.expect("read"), []);
    })
    .await;
}

/// A ticket that was never edited has no time of change. A form that was read before a newer one was stored is old.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_a_time_replaces_only_a_row_stored_before_it_was_read() {
    each(async |store| {
        let edited = Batch {
            now: at(5),
            read_at: at(4),
            ..batch(vec![ticket("1")])
        };
        apply(&store, &edited).await;
        let mut never_edited = ticket("1");
        never_edited.ticket.source_updated_at = None;
        never_edited.ticket.resolution = String::new();
        let read = |minutes: i64| Batch {
            now: at(10),
            read_at: at(minutes),
            ..batch(vec![never_edited.clone()])
        };
        assert_eq!(
            apply(&store, &read(3)).await.counts.updated,
            0,
            "read before, stored after"
        );
        let withdrawn = |minutes: i64| Batch {
            withdrawals: vec![Withdrawal {
                id: TicketId::new("1").expect("an id"),
                changed_at: None,
            }],
            now: at(10),
            read_at: at(minutes),
            ..batch(Vec::new())
        };
        assert_eq!(
            apply(&store, &withdrawn(3)).await.withdrawn,
            0,
            "seen before, withdrawn after"
        );
        assert_eq!(apply(&store, &read(6)).await.counts.updated, 1);
        assert_eq!(apply(&store, &withdrawn(11)).await.withdrawn, 1);
    })
    .await;
}
