//! A store with two tenants, on each database.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use store::{
    Applied, Batch, Checkpoint, Counts, Error, Incoming, LearnedSettings, NewRun, NewRunWindow, RunKind,
    Store, Tenant, TicketOrigin,
};
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

use crate::scratch;

/// A store with tenants acme and other, and the resources that keep it alive.
pub(crate) struct Stored {
    pub(crate) store: Store,
    pub(crate) run: Uuid,
    pub(crate) epoch: i64,
    _scratch: (Option<scratch::Scratch>, tempfile::TempDir),
}

pub(crate) fn acme() -> TenantId {
    "acme".parse().expect("an id")
}

pub(crate) fn other() -> TenantId {
    "other".parse().expect("an id")
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_770_000_000_123).expect("in range")
}

pub(crate) fn tenant(id: TenantId) -> Tenant {
    Tenant {
        id,
        name: "Acme".into(),
        edition: "on_premises".into(),
        api: "v3".into(),
        base_url: "https://desk.example.com".into(),
        portal: Some("2".into()),
        accounts_url: None,
        credentials: "v1.sealed".into(),
        ca_certificate: None,
        insecure: false,
        allow_http: false,
        allow_loopback: false,
        requests_per_minute: 100,
        resolution_from_notes: true,
        keep_html: false,
        keep_days: None,
        quota: store::Quota::default(),
        usage: store::Usage::default(),
        language: "english".into(),
        learned: LearnedSettings::default(),
        created_at: now(),
        updated_at: now(),
    }
}

pub(crate) fn ticket(id: &str, text: &str) -> Incoming {
    let ticket = Ticket {
        id: TicketId::new(id).expect("not blank"),
        display_id: None,
        subject: text.into(),
        description: format!("{text}\n\nbody"),
        resolution: String::new(),
        resolved_at: now(),
        source_updated_at: Some(now()),
        status: Some("Closed".into()),
        category: None,
        priority: Some("High".into()),
        url: None,
        tags: vec!["vpn".into(), "\"quoted\"".into()],
        description_html: Some(format!("<p>{text}</p>")),
        resolution_html: None,
    };
    Incoming {
        ticket,
        raw: Arc::new(format!("{{\"id\":\"{id}\"}}")),
        source_digest: Some(text.as_bytes().to_vec()),
    }
}

impl Stored {
    pub(crate) async fn new(postgres: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let scratch = if postgres {
            Some(scratch::Scratch::new().await)
        } else {
            None
        };
        let url = match &scratch {
            Some(scratch) => scratch.url.clone(),
            None => format!("sqlite://{}/test.db", folder.path().display()),
        };
        let store = Store::connect(&url).await.expect("connected");
        assert!(matches!(
            store.tenants().await,
            Err(Error::NotMigrated { current: 0, .. })
        ));
        store.migrate(None).await.expect("migrated");
        let run = Uuid::new_v4();
        for id in [acme(), other()] {
            store.add_tenant(&tenant(id.clone())).await.expect("added");
            let windows = vec![
                NewRunWindow { plan: "a".into() },
                NewRunWindow { plan: "b".into() },
            ];
            let new = NewRun {
                kind: RunKind::Import,
                id: run,
                request: "90 days".into(),
                from: now(),
                to: now(),
                windows,
            };
            store.start_run(&id, &new, now()).await.expect("started");
        }
        Self {
            store,
            run,
            epoch: 0,
            _scratch: (scratch, folder),
        }
    }

    pub(crate) fn batch(&self, tickets: Vec<Incoming>) -> Batch {
        Batch {
            checkpoint: Some(self.checkpoint(false)),
            tickets,
            ..Batch::new(Some(self.epoch), TicketOrigin::BulkImport, now())
        }
    }

    pub(crate) fn checkpoint(&self, window_done: bool) -> Checkpoint {
        Checkpoint {
            run: self.run,
            window: 0,
            cursor: Some("101".into()),
            window_done,
            latest_change: None,
        }
    }

    /// Applies tickets as an import does: prepared first. Other batches of these tests are not prepared.
    pub(crate) async fn apply(&self, tickets: Vec<Incoming>) -> Applied {
        let mut batch = self.batch(tickets);
        self.store.prepare(&acme(), &mut batch);
        self.store.apply(&acme(), &batch).await.expect("applied")
    }

    pub(crate) async fn tickets(&self) -> Vec<Ticket> {
        let mut tickets = self.store.newest_tickets(&acme(), 1_000).await.expect("read");
        tickets.sort_by(|a, b| a.id.cmp(&b.id));
        tickets
    }
}

pub(crate) fn counts(imported: u64, updated: u64, skipped: u64, rejected: u64) -> Counts {
    Counts {
        imported,
        updated,
        skipped,
        rejected,
    }
}

pub(crate) async fn each(case: impl AsyncFn(Stored)) {
    for postgres in [true, false] {
        case(Stored::new(postgres).await).await;
    }
}
