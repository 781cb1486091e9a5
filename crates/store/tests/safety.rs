//! One writer a tenant, no tenant in sight of another, a log that only grows.

#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use store::{
    Answer, ApiToken, AuditEntry, Batch, Error, Freshness, Incoming, Job, JobKind, Learned, Lease, NewRun,
    NewWindow, News, Note, NoteKind, Progress, Rejection, RunKind, RunState, Source, Store, Tenant, Webhook,
    Withdrawal,
};
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

const SECRET: &str = "the other tenant's word";

fn id(name: &str) -> TenantId {
    name.parse().expect("an id")
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_770_000_000_123).expect("in range")
}

fn tenant(name: &str) -> Tenant {
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
        requests_per_minute: 100,
        resolution_from_notes: false,
        keep_html: false,
        keep_days: None,
        language: "english".into(),
        learned: Learned::default(),
        created_at: now(),
        updated_at: now(),
    }
}

fn ticket(number: &str) -> Incoming {
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

fn batch(epoch: i64, run: Uuid, tickets: Vec<Incoming>) -> Batch {
    let rejection = Rejection {
        ticket_id: Some("99".into()),
        reason: SECRET.into(),
        raw: SECRET.into(),
    };
    Batch {
        progress: Some(Progress {
            run,
            window: 0,
            cursor: Some(SECRET.into()),
            window_done: false,
            latest_change: None,
        }),
        tickets,
        rejected: vec![rejection],
        ..Batch::new(Some(epoch), Source::BulkImport, now())
    }
}

fn entry(tenant: Option<TenantId>) -> AuditEntry {
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

fn token(tenant: &str) -> ApiToken {
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

fn webhook(tenant: &str) -> Webhook {
    Webhook {
        tenant: id(tenant),
        id: format!("{tenant}: {SECRET}").chars().take(36).collect(),
        secret: format!("{tenant}: {SECRET}"),
        created_at: now(),
    }
}

fn note() -> Note {
    Note {
        id: "changed:1".into(),
        kind: NoteKind::Changed,
        body: SECRET.into(),
        received_at: now(),
        due_at: now(),
        attempts: 0,
        error: None,
        failed_at: None,
    }
}

/// A database in which tenants `mine` and `theirs` have one of everything; the run of each.
async fn filled(url: &str) -> (Arc<dyn Store>, Uuid) {
    let store = store::connect(url).await.expect("connected");
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
            windows: vec![NewWindow { plan: SECRET.into() }],
        };
        store.start_run(&tenant_id, &new, now()).await.expect("started");
        if name == "theirs" {
            store.set_webhook(&webhook(name)).await.expect("made");
            store.add_notes(&tenant_id, &[note()]).await.expect("added");
            let job = Job::new(id(name), JobKind::Import, Some(SECRET.into()), now());
            store.ask_for(&job).await.expect("asked");
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

#[tokio::test]
async fn one_has_the_tenant_and_who_lost_it_writes_nothing() {
    let scratch = scratch::Scratch::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for url in [
        scratch.url.clone(),
        format!("sqlite://{}/test.db", folder.path().display()),
    ] {
        let (store, run) = filled(&url).await;
        let mine = id("mine");
        let first = store
            .lease(&mine, "desk-7, process 12", now())
            .await
            .expect("free");
        let held = store.lease(&mine, "another", now()).await.expect_err("held");
        assert!(held.to_string().contains("desk-7, process 12 since"), "{held}");
        store
            .lease(&id("theirs"), "another", now())
            .await
            .expect("another tenant is free");
        let stale = batch(first.epoch, run, vec![ticket("1")]);
        store.apply(&mine, &stale).await.expect("the holder writes");
        drop(first);

        let second = lease(&store, &mine).await;
        let fenced = store.apply(&mine, &stale).await.expect_err("taken over");
        assert!(matches!(fenced, Error::Fenced(_)), "{fenced}");
        let synced = store
            .set_freshness(&mine, stale.epoch.unwrap_or_default(), &Freshness::default())
            .await;
        assert!(matches!(synced, Err(Error::Fenced(_))));
        assert_eq!(store.newest_tickets(&mine, 9).await.expect("read").len(), 1);
        store.release(&mine, second).await.expect("released");
        store.lease(&mine, "third", now()).await.expect("free at once");
    }
}

#[tokio::test]
async fn a_row_that_the_platform_stores_at_the_same_moment_is_updated_not_refused() {
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
        (applied.counts.imported, applied.counts.updated, applied.refused),
        (2, 1, Vec::new())
    );
    let stored = store.newest_tickets(&id("mine"), 9).await.expect("read");
    assert!(stored.len() == 3 && stored.iter().all(|ticket| ticket.description == SECRET));
}

/// A lease on a tenant whose holder is gone, which the database may not know yet.
async fn lease(store: &Arc<dyn Store>, tenant: &TenantId) -> Lease {
    loop {
        match store.lease(tenant, "another", now()).await {
            Err(Error::Held { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            lease => return lease.expect("free again"),
        }
    }
}

#[test]
fn a_holder_that_hangs_loses_the_tenant_and_one_that_lives_does_not() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    };
    // This one stands still unless it is asked for something.
    let (hanging, living) = (runtime(), runtime());
    let scratch = living.block_on(scratch::Scratch::new());
    let (store, run) = living.block_on(filled(&scratch.url));
    let other = hanging.block_on(store::connect(&scratch.url)).expect("connected");
    let lost = hanging
        .block_on(other.lease(&id("mine"), "hangs", now()))
        .expect("free");
    living.block_on(async {
        let kept = store.lease(&id("theirs"), "lives", now()).await.expect("free");
        let third = store::connect(&scratch.url).await.expect("connected");
        let started = Instant::now();
        let taken = lease(&store, &id("mine")).await;
        let waited = started.elapsed();
        assert!(
            Duration::from_secs(10) < waited && waited < Duration::from_secs(40),
            "{waited:?}"
        );
        let theirs = third.lease(&id("theirs"), "another", now()).await;
        assert!(matches!(theirs, Err(Error::Held { .. })), "{theirs:?}");
        store
            .apply(&id("mine"), &batch(taken.epoch, run, vec![ticket("1")]))
            .await
            .expect("its own");
        store.release(&id("theirs"), kept).await.expect("released");
    });
    let late = batch(lost.epoch, run, vec![ticket("1")]);
    let late = hanging.block_on(other.apply(&id("mine"), &late));
    assert!(matches!(late, Err(Error::Fenced(_))), "{late:?}");
}

#[tokio::test]
async fn the_audit_log_only_grows() {
    let scratch = scratch::Scratch::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    for url in [
        scratch.url.clone(),
        format!("sqlite://{}/test.db", folder.path().display()),
    ] {
        let (store, _) = filled(&url).await;
        let (mine, installation) = (entry(Some(id("mine"))), entry(None));
        for entry in [&mine, &mine, &installation] {
            store.audit(entry).await.expect("noted");
        }
        let entries =
            async |tenant: Option<&TenantId>| store.audit_entries(tenant, None, 9).await.expect("read");
        assert_eq!(entries(Some(&id("mine"))).await, std::slice::from_ref(&mine));
        assert_eq!(entries(None).await.len(), 3);
        for statement in ["update audit_log set actor = 'x'", "delete from audit_log"] {
            let changed = if url.starts_with("sqlite") {
                let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("connected");
                connection
                    .execute(statement)
                    .await
                    .map(|done| done.rows_affected())
            } else {
                as_service(&url, "mine", statement)
                    .await
                    .map(|rows| rows.len() as u64)
            };
            assert!(changed.is_err(), "{statement}: {changed:?}");
        }
    }
}

/// Rows of a statement that the service's role gives for a tenant.
async fn as_service(url: &str, tenant: &str, statement: &str) -> sqlx::Result<Vec<sqlx::postgres::PgRow>> {
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

#[tokio::test]
async fn a_tenant_sees_nothing_of_another_by_any_method_or_statement() {
    let scratch = scratch::Scratch::new().await;
    let (store, run) = filled(&scratch.url).await;
    let (mine, theirs) = (id("mine"), [ticket("1").ticket.id, ticket("2").ticket.id]);
    assert_eq!(store.isolation_gaps().await.expect("read"), Vec::<String>::new());

    // Every method that reads or changes a tenant's rows, asked for mine.
    let mut methods = 0;
    let mut sees_nothing = |what: &str, seen: String| {
        assert!(
            !seen.contains("theirs: ") && !seen.contains("Ticket {"),
            "{what}: {seen}"
        );
        methods += 1;
    };
    let show = |value: &dyn std::fmt::Debug| format!("{value:?}");
    sees_nothing("tenant", show(&store.tenant(&mine).await));
    sees_nothing(
        "unfinished_run",
        show(&store.unfinished_run(&mine, "90 days").await),
    );
    sees_nothing("run", show(&store.run(&mine, run).await));
    sees_nothing("runs", show(&store.runs(&mine, None, 9).await));
    let times = store.known(&mine, &theirs).await.expect("read");
    assert!(times.is_empty());
    sees_nothing("known", show(&times));
    sees_nothing("newest_tickets", show(&store.newest_tickets(&mine, 9).await));
    let rejected = store.rejected(&mine, None, 9).await.expect("read");
    assert!(rejected.is_empty());
    sees_nothing("rejected", show(&rejected));
    sees_nothing("rejected_ticket", show(&store.rejected_ticket(&mine, "99").await));
    let digests = store
        .digests(&mine, now() - TimeDelta::days(1), now(), "", 9)
        .await
        .expect("read");
    assert!(digests.is_empty());
    sees_nothing("digests", show(&digests));
    let entries = store.audit_entries(Some(&mine), None, 9).await.expect("read");
    assert!(entries.is_empty());
    sees_nothing("audit_entries", show(&entries));
    let tokens = store.tokens(&mine, Some("agent-1")).await.expect("read");
    assert!(tokens.is_empty());
    sees_nothing("tokens", show(&tokens));
    sees_nothing("changes", show(&store.changes(&mine, (-1, ""), 9).await));
    sees_nothing("tickets", show(&store.tickets(&mine, &theirs).await));
    sees_nothing("excerpts", show(&store.excerpts(&mine, &theirs).await));
    sees_nothing("history", show(&store.history(&mine).await));
    // Methods that write change mine only.
    assert!(
        !store
            .revoke_token(&mine, "agent-1", now())
            .await
            .expect("nothing there")
    );
    store.add_token(&token("mine")).await.expect("mine");
    let far = now() + TimeDelta::days(9);
    sees_nothing("webhook", show(&store.webhook(&mine).await));
    assert_eq!(store.notes(&mine, None, 9).await.expect("read"), []);
    assert_eq!(
        store
            .claim_notes(&mine, NoteKind::Changed, far, far, 9)
            .await
            .expect("read"),
        []
    );
    store
        .settle_notes(&mine, &[note()], now())
        .await
        .expect("nothing there");
    store.postpone_note(&mine, &note()).await.expect("nothing there");
    store.set_webhook(&webhook("mine")).await.expect("mine");
    store.add_notes(&mine, &[note()]).await.expect("mine");
    sees_nothing("imported_to", show(&store.imported_to(&mine).await));
    let range = (now() - TimeDelta::days(9), far);
    store
        .note_answer(&id("theirs"), &theirs[0], Answer::Gone, now())
        .await
        .expect("theirs");
    let theirs_pace = |_: Option<&str>, _: i64| SECRET.to_owned();
    store
        .update_pace(&id("theirs"), &theirs_pace)
        .await
        .expect("theirs");
    assert_eq!(store.lost(&mine, range.0).await.expect("read"), []);
    assert_eq!(store.unseen(&mine, range, range, 9).await.expect("read"), []);
    assert_eq!(store.served(&mine, range).await.expect("read"), 0);
    let digests = store.content_digests(&mine, &theirs).await.expect("read");
    assert!(digests.is_empty());
    let mine_pace = |state: Option<&str>, _: i64| {
        assert_eq!(state, None);
        "mine".to_owned()
    };
    store.update_pace(&mine, &mine_pace).await.expect("mine");
    store
        .note_answer(&mine, &theirs[0], Answer::There, now())
        .await
        .expect("mine");
    let job = |tenant: &str| Job::new(id(tenant), JobKind::Import, Some(SECRET.into()), now());
    assert!(!store.put_off_job(&job("mine")).await.expect("nothing there"));
    let ended = store.end_job(&mine, JobKind::Import, None).await;
    assert!(!ended.expect("nothing there"));
    sees_nothing("jobs", show(&store.jobs(Some(&mine)).await));
    store.ask_for(&job("mine")).await.expect("mine");
    store.forget_rejected(&mine, "99").await.expect("nothing there");
    store
        .set_rejection_reason(&mine, "99", "mine")
        .await
        .expect("nothing there");
    let keeping = Tenant {
        keep_days: Some(1),
        ..tenant("mine")
    };
    store.update_tenant(&keeping).await.expect("mine");
    assert!(
        store
            .expire(&mine, 0, far, 9)
            .await
            .expect("nothing there")
            .is_nothing()
    );
    store.update_tenant(&tenant("mine")).await.expect("mine");
    assert_eq!(store.oldest(&mine).await.expect("nothing there"), None);
    let synced = Freshness {
        synced_to: Some(now()),
        ..Freshness::default()
    };
    store.set_freshness(&mine, 0, &synced).await.expect("mine");
    assert_eq!(store.freshness(&mine).await.expect("mine"), synced);
    let withdrawal = |id: &TicketId| Withdrawal {
        id: id.clone(),
        changed_at: None,
    };
    let withdrawing = Batch {
        withdrawn: theirs.iter().map(withdrawal).collect(),
        ..Batch::new(Some(0), Source::Sync, now())
    };
    let applied = store.apply(&mine, &withdrawing).await.expect("nothing there");
    assert_eq!(applied.withdrawn, 0);
    store
        .set_run_state(&mine, run, RunState::Finished, None, now())
        .await
        .expect("mine");
    store.update_tenant(&tenant("mine")).await.expect("mine");
    store
        .set_learned(
            &mine,
            &News {
                pace: Some(Some(7)),
                ..News::default()
            },
        )
        .await
        .expect("mine");
    store
        .apply(&mine, &batch(0, run, vec![ticket("1")]))
        .await
        .expect("mine");
    let lease = store.lease(&mine, "me", now()).await.expect("mine");
    while store.erase(&mine, lease.epoch, 1).await.expect("mine") > 0 {}
    assert!(matches!(store.erase(&mine, 0, 1).await, Err(Error::Fenced(_))));
    assert!(matches!(
        store.remove_erased(&mine, 0).await,
        Err(Error::Fenced(_))
    ));
    store.release(&mine, lease).await.expect("mine");
    store.audit(&entry(Some(mine.clone()))).await.expect("mine");
    assert!(matches!(
        store.erase_left(&mine, 9).await,
        Err(Error::TenantExists(_))
    ));
    store.remove_tenant(&mine).await.expect("mine");
    while store.erase_left(&mine, 9).await.expect("mine") > 0 {}
    store.adopt_tenant(&tenant("mine")).await.expect("mine");
    store.remove_tenant(&mine).await.expect("mine");
    methods += 34;
    assert_eq!(store.jobs(None).await.expect("read"), [job("theirs")]);
    assert_eq!(
        store.webhook(&id("theirs")).await.expect("read"),
        Some(webhook("theirs"))
    );
    assert_eq!(store.notes(&id("theirs"), None, 9).await.expect("read"), [note()]);
    let left = store.tenant(&id("theirs")).await.expect("read").expect("there");
    assert_eq!(left, tenant("theirs"), "untouched");
    assert_eq!(
        store.tokens(&id("theirs"), None).await.expect("read"),
        [token("theirs")]
    );
    assert_eq!(
        store.tokens(&mine, None).await.expect("read"),
        [],
        "gone with the tenant"
    );
    assert_eq!(
        store.newest_tickets(&id("theirs"), 9).await.expect("read").len(),
        2
    );
    let rejected = store.rejected(&id("theirs"), None, 9).await.expect("read");
    assert!(
        rejected.len() == 1 && rejected[0].reason != "mine",
        "{rejected:?}"
    );
    assert_eq!(
        store
            .run(&id("theirs"), run)
            .await
            .expect("read")
            .expect("there")
            .state,
        RunState::Running
    );

    // Raw SQL as the service's role, for a third tenant: every row is somebody else's.
    let tables = [
        "tenant_configs",
        "ticket_history",
        "ticket_history_duplicates",
        "import_runs",
        "import_windows",
        "rejected_tickets",
        "audit_log",
        "api_tokens",
        "webhooks",
        "inbox",
        "jobs",
        "pace",
        "sightings",
    ];
    let mut statements = 0;
    for table in tables {
        for statement in [
            format!("select * from {table}"),
            format!("select * from {table} where tenant_id = 'theirs'"),
            format!("select * from {table} where tenant_id = 'theirs' or true"),
            format!("select count(*) from {table} having count(*) > 0"),
            format!("select a.tenant_id from {table} a join {table} b using (tenant_id)"),
            format!("with all_rows as (select * from {table}) select * from all_rows"),
            format!("update {table} set tenant_id = 'third' returning *"),
            format!("delete from {table} where tenant_id = 'theirs' returning *"),
            format!("delete from {table} returning *"),
        ] {
            let rows = as_service(&scratch.url, "third", &statement).await;
            assert!(
                rows.is_err() || rows.as_ref().is_ok_and(Vec::is_empty),
                "{statement}: {rows:?}"
            );
            statements += 1;
        }
    }
    for forbidden in [
        "insert into audit_log values ('theirs', 'x', now(), '', '', '', '')",
        "insert into rejected_tickets values ('theirs', 'k', null, 'r', 'raw', '', now())",
        "update tenant_configs set tenant_id = 'theirs'",
        "alter table ticket_history disable row level security",
        "alter table ticket_history no force row level security",
        "drop policy precedent_tenant on ticket_history",
        "create policy all_rows on ticket_history using (true)",
        "truncate ticket_history",
        "drop table ticket_history",
        "alter role precedent_service bypassrls",
        "copy ticket_history to program 'cat'",
    ] {
        let rows = as_service(&scratch.url, "mine", forbidden).await;
        assert!(
            rows.is_err() || rows.as_ref().is_ok_and(Vec::is_empty),
            "{forbidden}"
        );
        statements += 1;
    }
    // No tenant set: nothing at all.
    let rows = as_service(&scratch.url, "", "select * from ticket_history")
        .await
        .expect("allowed");
    assert!(rows.is_empty());
    let theirs = as_service(&scratch.url, "theirs", "select subject from ticket_history")
        .await
        .expect("own");
    assert_eq!(
        theirs
            .iter()
            .map(|row| row.get::<String, _>(0))
            .collect::<Vec<_>>(),
        [SECRET, SECRET]
    );
    println!("isolation: {methods} methods, {} statements", statements + 2);
    assert_eq!((methods, statements), (52, 130));
}

#[tokio::test]
async fn what_is_missing_of_the_isolation_is_reported_and_nothing_works_without_the_role() {
    let scratch = scratch::Scratch::new().await;
    let (store, run) = filled(&scratch.url).await;
    let mut owner = PgConnection::connect(&scratch.url).await.expect("connected");
    owner
        .execute("alter table ticket_history no force row level security; drop policy precedent_tenant on import_runs")
        .await
        .expect("changed");
    let gaps = store.isolation_gaps().await.expect("read").join("; ");
    assert!(
        gaps.contains("ticket_history") && gaps.contains("import_runs"),
        "{gaps}"
    );
    assert!(!gaps.contains("audit_log"), "{gaps}");

    // A user who may read and write every table, but not switch to the role.
    let name = format!("unrelated_{}", Uuid::new_v4().simple());
    let make = format!(
        "create role {name} login password '{name}';
         grant select, insert, update, delete on all tables in schema public to {name}"
    );
    owner.execute(AssertSqlSafe(make)).await.expect("made");
    let (_, server) = scratch.url.rsplit_once('@').expect("a URL with a user");
    let url = format!("postgres://{name}:{name}@{server}");
    // Each with a connection of its own.
    let unrelated = async || store::connect(&url).await.expect("connected");
    let mine = id("mine");
    let batch = batch(0, run, vec![ticket("3")]);
    for refused in [
        unrelated().await.tenant(&mine).await.err(),
        unrelated().await.tenants().await.err(),
        unrelated().await.audit(&entry(None)).await.err(),
        unrelated().await.lease(&mine, "here", now()).await.err(),
        unrelated().await.apply(&mine, &batch).await.err(),
    ] {
        assert!(matches!(refused, Some(Error::NotIsolated(_))), "{refused:?}");
    }
    let gaps = unrelated().await.isolation_gaps().await.expect("read").join("; ");
    assert!(gaps.contains("may not switch to the role"), "{gaps}");
    let drop = format!("drop owned by {name}; drop role {name}");
    owner.execute(AssertSqlSafe(drop)).await.expect("dropped");
}
