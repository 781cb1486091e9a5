//! Lists that are read page by page: each entry once.

use chrono::{DateTime, TimeDelta, Utc};
use store::{
    AuditEntry, Batch, EventKind, InboxLimits, NewRun, RejectedTicket, Rejection, RunKind, Store,
    TicketOrigin, WebhookEvent,
};
use ticket::TenantId;
use uuid::Uuid;

use crate::sample::{acme, each, now, other};

/// Reads pages of two until one is empty.
async fn pages_of_two<T>(page: impl AsyncFn(Option<&T>) -> store::Result<Vec<T>>) -> Vec<T> {
    let mut listed = Vec::new();
    loop {
        let next = page(listed.last()).await.expect("read");
        assert!(next.len() <= 2);
        if next.is_empty() {
            return listed;
        }
        listed.extend(next);
    }
}

/// Times of five entries; two pairs came at the same time.
fn times() -> [DateTime<Utc>; 5] {
    [0, 0, 1, 1, 2].map(|microseconds| now() + TimeDelta::microseconds(microseconds))
}

#[tokio::test]
async fn rejections_are_listed_by_key_and_changed_one_by_one() {
    each(async |stored| {
        let store = &stored.store;
        let rejection = |id: &str| Rejection {
            ticket_id: Some(id.into()),
            reason: format!("{id} is unreadable"),
            raw: "{}".into(),
        };
        for tenant in [acme(), other()] {
            let batch = Batch {
                rejections: ["10", "b", "9", "a", "2"].map(rejection).into(),
                ..Batch::new(None, TicketOrigin::BulkImport, now())
            };
            store.apply(&tenant, &batch).await.expect("applied");
        }
        let acme = acme();
        let listed = pages_of_two(async |after| store.rejections(&acme, after, 2).await).await;
        assert_eq!(listed, store.rejections(&acme, None, 99).await.expect("read"));
        let keys: Vec<_> = listed.iter().map(|rejected| rejected.key.as_str()).collect();
        assert_eq!(keys, ["10", "2", "9", "a", "b"]);

        let read = async |key| store.rejection(&acme, key).await.expect("read");
        assert_eq!(read("9").await.as_ref(), Some(&listed[2]));
        assert_eq!(read("8").await, None);
        let changed = store.set_rejection_reason(&acme, "9", "a nul \0").await;
        changed.expect("changed");
        let changed = RejectedTicket {
            reason: "a nul \\u0000".into(),
            ..listed[2].clone()
        };
        assert_eq!(read("9").await, Some(changed));
        let theirs = store.rejection(&other(), "9").await.expect("read");
        assert_eq!(theirs.expect("there").reason, "9 is unreadable");
    })
    .await;
}

#[tokio::test]
async fn events_are_listed_in_the_order_they_came() {
    each(async |stored| {
        let store = &stored.store;
        for tenant in [acme(), other()] {
            for (number, received_at) in times().into_iter().enumerate() {
                let id = format!("event-{number}");
                let event = WebhookEvent::new(id, EventKind::Changed, "1".into(), received_at, now());
                let limits = InboxLimits {
                    resolved: 9,
                    changed: 9,
                    bytes: 99,
                };
                let added = store.add_events(&tenant, &[event], &limits).await;
                added.expect("added");
            }
        }
        let acme = acme();
        let events = pages_of_two(async |after| store.events(&acme, after, 2).await).await;
        let ids: Vec<_> = events.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, ["event-0", "event-1", "event-2", "event-3", "event-4"]);
    })
    .await;
}

#[tokio::test]
async fn runs_are_listed_newest_first() {
    each(async |stored| {
        let store = &stored.store;
        for tenant in [acme(), other()] {
            for (number, at) in times().into_iter().enumerate() {
                let run = NewRun {
                    kind: RunKind::Import,
                    id: Uuid::new_v4(),
                    request: format!("request {number}"),
                    from: now(),
                    to: now(),
                    windows: Vec::new(),
                };
                store.start_run(&tenant, &run, at).await.expect("started");
            }
        }
        let acme = acme();
        let runs = pages_of_two(async |after| store.runs(&acme, after, 2).await).await;
        assert_eq!(runs, store.runs(&acme, None, 99).await.expect("read"));
        assert_eq!(runs.len(), 6);
        assert_eq!(runs[0].request, "request 4", "the newest first");
    })
    .await;
}

async fn add_audit_entries(store: &Store, tenant: &TenantId) {
    for (number, at) in times().into_iter().enumerate() {
        let entry = AuditEntry {
            id: Uuid::new_v4(),
            tenant: Some(tenant.clone()),
            at,
            actor: "ada".into(),
            origin: "here".into(),
            action: format!("action {number}"),
            detail: String::new(),
        };
        store.audit(&entry).await.expect("stored");
    }
}

#[tokio::test]
async fn audit_entries_are_listed_newest_first_of_one_tenant_or_of_all() {
    each(async |stored| {
        let store = &stored.store;
        let acme = acme();
        add_audit_entries(store, &acme).await;
        add_audit_entries(store, &other()).await;
        for (tenant, count) in [(Some(&acme), 5), (None, 10)] {
            let listed = pages_of_two(async |after| store.audit_entries(tenant, after, 2).await).await;
            let whole = store.audit_entries(tenant, None, 99).await.expect("read");
            assert_eq!((&listed, listed.len()), (&whole, count));
            assert_eq!(listed[0].action, "action 4");
        }
    })
    .await;
}
