//! Expiry of rows that are older than a tenant keeps.

use chrono::TimeDelta;
use store::{Batch, Error, Expired, Incoming, Rejection, Tenant, Withdrawal};

use crate::sample::{Stored, acme, counts, each, now, tenant, ticket};

fn resolved_before(id: &str, days: i64) -> Incoming {
    let mut incoming = ticket(id, "secret");
    incoming.ticket.resolved_at = now() - TimeDelta::days(days);
    incoming
}

/// Tickets of which one is younger than 30 days.
fn tickets() -> Vec<Incoming> {
    [("1", 29), ("2", 31), ("3", 400), ("4", 31)]
        .map(|(id, days)| resolved_before(id, days))
        .into()
}

fn rejection(id: &str) -> Rejection {
    Rejection {
        ticket_id: Some(id.into()),
        reason: "no".into(),
        raw: "secret".into(),
    }
}

/// Stores the tickets, withdraws one of them, and stores one rejection 31 days ago and two now.
async fn store_tickets_and_rejections(stored: &Stored) {
    stored.apply(tickets()).await;
    let withdrawal = Withdrawal {
        id: resolved_before("4", 31).ticket.id,
        changed_at: None,
    };
    let before = Batch {
        withdrawals: vec![withdrawal],
        rejections: vec![rejection("8")],
        now: now() - TimeDelta::days(31),
        ..stored.batch(Vec::new())
    };
    let after = Batch {
        rejections: vec![rejection("2"), rejection("9")],
        ..stored.batch(Vec::new())
    };
    for batch in [before, after] {
        stored.store.apply(&acme(), &batch).await.expect("applied");
    }
}

async fn keep(stored: &Stored, days: Option<u32>) {
    let keeping = Tenant {
        keep_days: days,
        ..tenant(acme())
    };
    stored.store.update_tenant(&keeping).await.expect("changed");
}

async fn expire(stored: &Stored, limit: u32) -> Expired {
    let expired = stored.store.expire(&acme(), stored.epoch, now(), limit).await;
    expired.expect("expired")
}

async fn revision(stored: &Stored) -> i64 {
    stored.store.history(&acme()).await.expect("read").revision
}

#[tokio::test]
async fn rows_older_than_a_tenant_keeps_expire_and_are_not_stored_again() {
    each(async |stored| {
        let store = &stored.store;
        store_tickets_and_rejections(&stored).await;
        let revision_before = revision(&stored).await;
        assert!(expire(&stored, 9).await.is_empty(), "no limit");

        keep(&stored, Some(30)).await;
        let first = expire(&stored, 2).await;
        assert_eq!((first.tickets, first.rejections, first.events), (2, 1, 0));
        let second = expire(&stored, 2).await;
        assert_eq!(
            (second.tickets, second.rejections),
            (1, 0),
            "also the withdrawn one"
        );
        assert!(expire(&stored, 2).await.is_empty());
        assert_eq!(stored.tickets().await, [resolved_before("1", 29).ticket]);
        let changes = store.changes(&acme(), (revision_before, ""), 9).await;
        let mut expired = changes.expect("read");
        expired.retain(|change| change.expired);
        assert_eq!(expired.len(), 3, "a copy sees all three");
        assert!(expired.iter().all(|change| change.ticket.is_none()));
        let revision = revision(&stored).await;
        assert_eq!(
            revision,
            revision_before + 2,
            "an empty expiry raises no revision"
        );
        let later = now() + TimeDelta::days(9);
        let fenced = store.expire(&acme(), stored.epoch + 1, later, 9).await;
        assert!(matches!(fenced, Err(Error::Fenced(_))), "{fenced:?}");

        assert_eq!(stored.apply(tickets()).await.counts, counts(0, 0, 4, 0));
        let rejections = store.rejections(&acme(), None, 9).await.expect("read");
        let keys: Vec<_> = rejections.iter().map(|row| row.key.as_str()).collect();
        assert_eq!(keys, ["9"]);
        keep(&stored, None).await;
        assert_eq!(stored.apply(tickets()).await.counts, counts(0, 3, 1, 0));
        assert_eq!(stored.tickets().await.len(), 4);
        let changes = store.changes(&acme(), (-1, ""), 9).await.expect("read");
        assert!(changes.iter().all(|change| !change.expired));
    })
    .await;
}
