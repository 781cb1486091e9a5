//! A database in which two tenants have one row of everything.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use store::{
    ApiToken, AuditEntry, Batch, Checkpoint, EventKind, InboxLimits, Incoming, Job, JobKind, LearnedSettings,
    NewRun, NewRunWindow, Rejection, RunKind, Store, Tenant, TicketOrigin, Webhook, WebhookEvent,
};
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

/// A text that a tenant's rows hold.
pub(crate) const SECRET: &str = "the other tenant's word";

pub(crate) fn id(name: &str) -> TenantId {
    name.parse().expect("an id")
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_770_000_000_123).expect("in range")
}

pub(crate) fn tenant(name: &str) -> Tenant {
    Tenant {
        id: id(name),
        name: format!("{name}: {SECRET}"),
        edition: "cloud".into(),
        api: "v3".into(),
        base_url: "https://desk.example.com".into(),
        portal: None,
        accounts_url: None,
        credentials: "v1.sealed".into(),
        ca_certificate: None,
        insecure: false,
        allow_http: false,
        allow_loopback: false,
        requests_per_minute: 100,
        resolution_from_notes: false,
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

pub(crate) fn ticket(number: &str) -> Incoming {
    let ticket = Ticket {
        id: TicketId::new(number).expect("not blank"),
        display_id: None,
        subject: SECRET.into(),
        description: SECRET.into(),
        resolution: SECRET.into(),
        resolved_at: now(),
        source_updated_at: None,
        status: None,
        category: None,
        priority: None,
        url: None,
        tags: Vec::new(),
        description_html: None,
        resolution_html: None,
    };
    Incoming {
        ticket,
        raw: Arc::new(SECRET),
        source_digest: Some(vec![7; 32]),
    }
}

pub(crate) fn batch(epoch: i64, run: Uuid, tickets: Vec<Incoming>) -> Batch {
    let rejection = Rejection {
        ticket_id: Some("99".into()),
        reason: SECRET.into(),
        raw: SECRET.into(),
    };
    Batch {
        checkpoint: Some(Checkpoint {
            run,
            window: 0,
            cursor: Some(SECRET.into()),
            window_done: false,
            latest_change: None,
        }),
        tickets,
        rejections: vec![rejection],
        ..Batch::new(Some(epoch), TicketOrigin::BulkImport, now())
    }
}

pub(crate) fn entry(tenant: Option<TenantId>) -> AuditEntry {
    AuditEntry {
        id: Uuid::now_v7(),
        tenant,
        at: now(),
        actor: "ada".into(),
        origin: "desk-7".into(),
        action: "tenant set".into(),
        detail: SECRET.into(),
    }
}

pub(crate) fn token(tenant: &str) -> ApiToken {
    ApiToken {
        tenant: id(tenant),
        id: "agent-1".into(),
        name: format!("{tenant}: {SECRET}"),
        secret_digest: vec![7; 32],
        scopes: "search".into(),
        created_at: now(),
        expires_at: now() + TimeDelta::days(1),
        revoked_at: None,
    }
}

pub(crate) fn webhook(tenant: &str) -> Webhook {
    Webhook {
        tenant: id(tenant),
        id: format!("{tenant}: {SECRET}").chars().take(36).collect(),
        secret: format!("{tenant}: {SECRET}"),
        signing_secret: Some(format!("{tenant}: {SECRET}, too")),
        secret_in_url: true,
        created_at: now(),
    }
}

pub(crate) const LIMITS: InboxLimits = InboxLimits {
    resolved: 9,
    changed: 9,
    bytes: 1 << 20,
};

pub(crate) fn event() -> WebhookEvent {
    WebhookEvent {
        id: "changed:1".into(),
        kind: EventKind::Changed,
        body: SECRET.into(),
        received_at: now(),
        due_at: now(),
        attempts: 0,
        claims: 0,
        error: None,
        failed_at: None,
    }
}

/// A database in which tenants `mine` and `theirs` have one row of everything, and their run.
pub(crate) async fn filled(url: &str) -> (Store, Uuid) {
    let store = Store::connect(url).await.expect("connected");
    store.migrate(None).await.expect("migrated");
    let run = Uuid::new_v4();
    for name in ["mine", "theirs"] {
        let tenant_id = id(name);
        store.add_tenant(&tenant(name)).await.expect("added");
        let new = NewRun {
            kind: RunKind::Import,
            id: run,
            request: "90 days".into(),
            from: now(),
            to: now(),
            windows: vec![NewRunWindow { plan: SECRET.into() }],
        };
        store.start_run(&tenant_id, &new, now()).await.expect("started");
        if name == "theirs" {
            store.set_webhook(&webhook(name)).await.expect("made");
            let added = store.add_events(&tenant_id, &[event()], &LIMITS).await;
            added.expect("added");
            let job = Job::new(id(name), JobKind::Import, Some(SECRET.into()), now());
            store.request_job(&job).await.expect("asked");
            let tickets = vec![ticket("1"), ticket("2")];
            store
                .apply(&tenant_id, &batch(0, run, tickets))
                .await
                .expect("applied");
            store.audit(&entry(Some(tenant_id))).await.expect("noted");
            store.add_token(&token(name)).await.expect("added");
        }
    }
    (store, run)
}

/// Returns the rows that a statement gives the service's role for a tenant.
pub(crate) async fn as_service(
    url: &str,
    tenant: &str,
    statement: &str,
) -> sqlx::Result<Vec<sqlx::postgres::PgRow>> {
    let mut connection = PgConnection::connect(url).await?;
    connection.execute("set role precedent_service").await?;
    sqlx::query("select set_config('precedent.tenant_id', $1, false)")
        .bind(tenant)
        .execute(&mut connection)
        .await?;
    sqlx::query(AssertSqlSafe(statement.to_owned()))
        .fetch_all(&mut connection)
        .await
}
