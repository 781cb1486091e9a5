//! What both databases must do alike: every case runs on each.

#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use store::{
    ApiToken, Applied, AuditEntry, Batch, Counts, Error, Incoming, Job, JobKind, KnownTicket, Learned,
    NewRun, NewWindow, Note, NoteKind, Progress, RejectedTicket, Rejection, RunKind, RunState, Source, Store,
    Tenant, Withdrawal,
};
use ticket::{TenantId, Ticket, TicketId};
use uuid::Uuid;

/// A store with tenants acme and other, and what keeps it alive.
struct Stored {
    store: Arc<dyn Store>,
    run: Uuid,
    epoch: i64,
    _scratch: (Option<scratch::Scratch>, tempfile::TempDir),
}

fn acme() -> TenantId {
    "acme".parse().expect("an id")
}

fn other() -> TenantId {
    "other".parse().expect("an id")
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_770_000_000_123).expect("in range")
}

fn tenant(id: TenantId) -> Tenant {
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
        requests_per_minute: 100,
        resolution_from_notes: true,
        keep_html: false,
        keep_days: None,
        language: "english".into(),
        learned: Learned::default(),
        created_at: now(),
        updated_at: now(),
    }
}

fn ticket(id: &str, text: &str) -> Incoming {
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
    async fn new(postgres: bool) -> Self {
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
        let store = store::connect(&url).await.expect("connected");
        assert!(matches!(
            store.tenants().await,
            Err(Error::NotMigrated { current: 0, .. })
        ));
        store.migrate(None).await.expect("migrated");
        let run = Uuid::new_v4();
        for id in [acme(), other()] {
            store.add_tenant(&tenant(id.clone())).await.expect("added");
            let windows = vec![NewWindow { plan: "a".into() }, NewWindow { plan: "b".into() }];
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

    fn batch(&self, tickets: Vec<Incoming>) -> Batch {
        Batch {
            progress: Some(self.progress(false)),
            tickets,
            ..Batch::new(Some(self.epoch), Source::BulkImport, now())
        }
    }

    fn progress(&self, window_done: bool) -> Progress {
        Progress {
            run: self.run,
            window: 0,
            cursor: Some("101".into()),
            window_done,
            latest_change: None,
        }
    }

    /// As an import does: prepared first. Batches that are applied by themselves are not.
    async fn apply(&self, tickets: Vec<Incoming>) -> Applied {
        let mut batch = self.batch(tickets);
        self.store.prepare(&acme(), &mut batch);
        self.store.apply(&acme(), &batch).await.expect("applied")
    }

    async fn tickets(&self) -> Vec<Ticket> {
        let mut tickets = self.store.newest_tickets(&acme(), 1_000).await.expect("read");
        tickets.sort_by(|a, b| a.id.cmp(&b.id));
        tickets
    }
}

fn counts(imported: u64, updated: u64, skipped: u64, rejected: u64) -> Counts {
    Counts {
        imported,
        updated,
        skipped,
        rejected,
    }
}

async fn each(case: impl AsyncFn(Stored)) {
    for postgres in [true, false] {
        case(Stored::new(postgres).await).await;
    }
}

#[tokio::test]
async fn tickets_are_new_then_the_same_then_changed() {
    each(async |stored| {
        let tickets = || vec![ticket("1", "a"), ticket("2", "b")];
        assert_eq!(stored.apply(tickets()).await.counts, counts(2, 0, 0, 0));
        assert_eq!(stored.apply(tickets()).await.counts, counts(0, 0, 2, 0));
        assert_eq!(
            stored
                .apply(vec![ticket("1", "a"), ticket("2", "c")])
                .await
                .counts,
            counts(0, 1, 1, 0)
        );
        assert_eq!(
            stored.tickets().await,
            [ticket("1", "a").ticket, ticket("2", "c").ticket]
        );
        let run = stored
            .store
            .run(&acme(), stored.run)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(run.counts, counts(2, 1, 3, 0));
        let known = stored
            .store
            .known(&acme(), &[ticket("2", "").ticket.id])
            .await
            .expect("read");
        assert_eq!(
            known.into_values().collect::<Vec<_>>(),
            [KnownTicket {
                changed_at: Some(now()),
                source_digest: Some(b"c".to_vec()),
                resolved: false,
            }]
        );
    })
    .await;
}

#[tokio::test]
async fn an_older_copy_never_replaces_a_newer_one() {
    each(async |stored| {
        stored.apply(vec![ticket("1", "new")]).await;
        let mut older = ticket("1", "old");
        older.ticket.source_updated_at = Some(now() - TimeDelta::seconds(1));
        assert_eq!(stored.apply(vec![older]).await.counts, counts(0, 0, 1, 0));
        assert_eq!(stored.tickets().await[0].subject, "new");
    })
    .await;
}

#[tokio::test]
async fn refused_rows_are_set_aside_and_the_others_stored() {
    each(async |stored| {
        let mut batch: Vec<_> = (0..40).map(|n| ticket(&format!("{n:02}"), "fine")).collect();
        batch[3] = ticket("03", "nul \0 in a text");
        batch[17] = ticket(&"9".repeat(101), "id too long");
        batch[18].ticket.tags = vec!["nul \0 in a tag".into()];
        batch[39].ticket.status = Some("s".repeat(251));
        let applied = stored.apply(batch.clone()).await;
        assert_eq!(applied.counts, counts(36, 0, 0, 4));
        assert_eq!(applied.refused.len(), 4);
        assert_eq!(stored.tickets().await.len(), 36);
        assert_eq!(stored.apply(batch).await.counts, counts(0, 0, 36, 4));
        assert_eq!(
            stored.apply(vec![ticket("03", "repaired")]).await.counts,
            counts(1, 0, 0, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn excerpts_and_changes_are_bounded_and_tickets_are_whole() {
    each(async |stored| {
        let mut giant = ticket("1", "short");
        giant.ticket.subject = "ß".repeat(10_001);
        giant.ticket.description = "ß".repeat(200_000);
        giant.ticket.resolution = "ß".repeat(100_001);
        giant.ticket.description_html = Some("<p>".repeat(100_000));
        giant.ticket.tags = vec!["tag".repeat(40_000)];
        let ordinary = ticket("2", "fine");
        stored.apply(vec![giant.clone(), ordinary.clone()]).await;
        let ids = [giant.ticket.id.clone(), ordinary.ticket.id.clone()];
        let mut excerpts = stored.store.excerpts(&acme(), &ids).await.expect("read");
        excerpts.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let changes = stored.store.changes(&acme(), (-1, ""), 9).await.expect("read");
        let changed: Vec<_> = changes.into_iter().filter_map(|change| change.ticket).collect();
        assert_eq!(changed, excerpts);
        let chars = |text: &str| text.chars().count();
        let cut = &excerpts[0];
        assert_eq!(
            (
                chars(&cut.subject),
                chars(&cut.description),
                chars(&cut.resolution)
            ),
            (10_000, 100_000, 100_000)
        );
        assert_eq!((&cut.description_html, cut.tags.len()), (&None, 0));
        let mut expected = ordinary.ticket;
        expected.description_html = None;
        expected.resolution_html = None;
        assert_eq!(excerpts[1], expected);
        assert_eq!(stored.tickets().await[0], giant.ticket);
    })
    .await;
}

#[tokio::test]
async fn tenants_never_see_each_other() {
    each(async |stored| {
        stored.apply(vec![ticket("1", "secret")]).await;
        let ids = [ticket("1", "").ticket.id];
        assert!(
            stored
                .store
                .newest_tickets(&other(), 10)
                .await
                .expect("read")
                .is_empty()
        );
        assert!(stored.store.known(&other(), &ids).await.expect("read").is_empty());
        let run = stored
            .store
            .run(&other(), stored.run)
            .await
            .expect("read")
            .expect("its own");
        assert_eq!(run.counts, counts(0, 0, 0, 0));
        let applied = stored
            .store
            .apply(&other(), &stored.batch(vec![ticket("1", "its own")]))
            .await;
        assert_eq!(applied.expect("applied").counts, counts(1, 0, 0, 0));
        assert_eq!(stored.tickets().await[0].subject, "secret");
    })
    .await;
}

#[tokio::test]
async fn rows_and_checkpoint_are_stored_together_or_not_at_all() {
    each(async |stored| {
        let mut lost = stored.batch(vec![ticket("1", "a")]);
        lost.progress = Some(Progress {
            window: 7,
            ..stored.progress(false)
        });
        assert!(matches!(
            stored.store.apply(&acme(), &lost).await,
            Err(Error::UnknownWindow(_))
        ));
        assert!(stored.tickets().await.is_empty());

        let mut batch = stored.batch(vec![ticket("1", "a")]);
        batch.counted.skipped = 5;
        batch.rejected = vec![Rejection {
            ticket_id: None,
            reason: "it has no id".into(),
            raw: "{\"x\":\"\0\"}".into(),
        }];
        let applied = stored.store.apply(&acme(), &batch).await.expect("applied");
        assert_eq!(applied.counts, counts(1, 0, 5, 1));
        let unfinished = stored
            .store
            .unfinished_run(&acme(), "90 days")
            .await
            .expect("read")
            .expect("there");
        let cursors: Vec<_> = unfinished
            .windows
            .iter()
            .map(|window| window.cursor.as_deref())
            .collect();
        assert_eq!(cursors, [Some("101"), None]);
        stored
            .store
            .set_run_state(&acme(), stored.run, RunState::Finished, None, now())
            .await
            .expect("noted");
        assert!(
            stored
                .store
                .unfinished_run(&acme(), "90 days")
                .await
                .expect("read")
                .is_none()
        );
    })
    .await;
}

#[tokio::test]
async fn tenants_are_added_once_changed_and_removed() {
    each(async |stored| {
        let store = &stored.store;
        assert!(matches!(
            store.add_tenant(&tenant(acme())).await,
            Err(Error::TenantExists(_))
        ));
        let learned = Learned {
            pace: Some(40),
            probe: Some("{}".into()),
            reauthorise_since: Some(now()),
        };
        let news = learned.news_since(&Learned::default());
        store.set_learned(&acme(), &news).await.expect("learned");
        let changed = Tenant {
            name: "Acme Ltd".into(),
            requests_per_minute: 0,
            insecure: true,
            keep_html: true,
            keep_days: Some(400),
            learned,
            ..tenant(acme())
        };
        store.update_tenant(&changed).await.expect("changed");
        assert_eq!(store.tenant(&acme()).await.expect("read"), Some(changed));
        assert_eq!(store.tenants().await.expect("read").len(), 2);
        store.remove_tenant(&acme()).await.expect("removed");
        assert!(matches!(
            store.remove_tenant(&acme()).await,
            Err(Error::TenantNotFound(_))
        ));
        let orphan = stored.batch(vec![ticket("1", "a")]);
        assert!(matches!(
            store.apply(&acme(), &orphan).await,
            Err(Error::TenantNotFound(_))
        ));
    })
    .await;
}

#[tokio::test]
async fn what_is_older_than_a_tenant_keeps_is_forgotten_and_not_brought_back() {
    each(async |stored| {
        let store = &stored.store;
        let keeping = |days| Tenant {
            keep_days: days,
            ..tenant(acme())
        };
        let at = |id: &str, days| {
            let mut incoming = ticket(id, "secret");
            incoming.ticket.resolved_at = now() - TimeDelta::days(days);
            incoming
        };
        let mine = || vec![at("1", 29), at("2", 31), at("3", 400), at("4", 31)];
        stored.apply(mine()).await;
        let withdrawal = Withdrawal {
            id: at("4", 31).ticket.id,
            changed_at: None,
        };
        let rejected = |id: &str| Rejection {
            ticket_id: Some(id.into()),
            reason: "no".into(),
            raw: "secret".into(),
        };
        let before = Batch {
            withdrawn: vec![withdrawal],
            rejected: vec![rejected("8")],
            now: now() - TimeDelta::days(31),
            ..stored.batch(Vec::new())
        };
        store.apply(&acme(), &before).await.expect("applied");
        let after = Batch {
            rejected: vec![rejected("2"), rejected("9")],
            ..stored.batch(Vec::new())
        };
        store.apply(&acme(), &after).await.expect("applied");
        let expire = async |limit| {
            store
                .expire(&acme(), stored.epoch, now(), limit)
                .await
                .expect("expired")
        };
        let revision = store.history(&acme()).await.expect("read").revision;
        assert!(expire(9).await.is_nothing(), "kept for ever");
        store.update_tenant(&keeping(Some(30))).await.expect("changed");
        let first = expire(2).await;
        assert_eq!((first.tickets, first.rejected, first.notes), (2, 1, 0));
        let second = expire(2).await;
        assert_eq!(
            (second.tickets, second.rejected),
            (1, 0),
            "also what was withdrawn"
        );
        assert!(expire(2).await.is_nothing());
        assert_eq!(stored.tickets().await, [at("1", 29).ticket]);
        let changes = store.changes(&acme(), (revision, ""), 9).await.expect("read");
        let changes = changes.iter().filter(|change| change.expired);
        assert!(
            changes.clone().all(|change| change.ticket.is_none()) && changes.count() == 3,
            "copies learn of it"
        );
        assert_eq!(
            store.history(&acme()).await.expect("read").revision,
            revision + 2,
            "nothing to do is no change"
        );
        assert!(matches!(
            store
                .expire(&acme(), stored.epoch + 1, now() + TimeDelta::days(9), 9)
                .await,
            Err(Error::Fenced(_))
        ));
        assert_eq!(stored.apply(mine()).await.counts, counts(0, 0, 4, 0));
        let aside = store.rejected(&acme(), None, 9).await.expect("read");
        assert_eq!(
            aside.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(),
            ["9"]
        );
        store.update_tenant(&keeping(None)).await.expect("changed");
        assert_eq!(stored.apply(mine()).await.counts, counts(0, 3, 1, 0));
        assert_eq!(stored.tickets().await.len(), 4);
        let changes = store.changes(&acme(), (-1, ""), 9).await.expect("read");
        assert!(changes.iter().all(|change| !change.expired));
    })
    .await;
}

#[tokio::test]
async fn a_tenant_is_removed_once_nothing_is_left_of_it() {
    each(async |stored| {
        let store = &stored.store;
        stored.apply(vec![ticket("1", "a")]).await;
        assert!(!store.remove_erased(&acme(), stored.epoch).await.expect("read"));
        while store.erase(&acme(), stored.epoch, 1).await.expect("erased") > 0 {}
        // A report that was worked off meanwhile.
        let late = Batch {
            tickets: vec![ticket("2", "b")],
            ..Batch::new(None, Source::WebhookResolved, now())
        };
        store.apply(&acme(), &late).await.expect("applied");
        assert!(!store.remove_erased(&acme(), stored.epoch).await.expect("read"));
        assert_eq!(store.erase(&acme(), stored.epoch, 9).await.expect("erased"), 1);
        assert!(matches!(
            store.remove_erased(&acme(), stored.epoch + 1).await,
            Err(Error::Fenced(_))
        ));
        assert!(store.remove_erased(&acme(), stored.epoch).await.expect("removed"));
        assert_eq!(store.tenant(&acme()).await.expect("read"), None);
    })
    .await;
}

#[tokio::test]
async fn tokens_are_added_once_listed_and_revoked() {
    each(async |stored| {
        let token = |id: &str, seconds| ApiToken {
            tenant: acme(),
            id: id.into(),
            name: "triage agent".into(),
            secret_digest: vec![0, 1, 255],
            scopes: "search tickets".into(),
            created_at: now() + TimeDelta::seconds(seconds),
            expires_at: now() + TimeDelta::days(90),
            revoked_at: None,
        };
        let (first, second) = (token("b", 0), token("a", 1));
        for token in [&first, &second, &first] {
            stored.store.add_token(token).await.expect("added");
        }
        let tokens = async |id| stored.store.tokens(&acme(), id).await.expect("read");
        assert_eq!(tokens(None).await, [first.clone(), second.clone()]);
        assert_eq!(tokens(Some("a")).await, [second]);
        assert_eq!(tokens(Some("c")).await, []);
        let revoke = async |id, at| stored.store.revoke_token(&acme(), id, at).await.expect("revoked");
        assert!(revoke("b", now()).await && !revoke("c", now()).await);
        assert!(revoke("b", now() + TimeDelta::days(1)).await, "again");
        assert_eq!(
            tokens(Some("b")).await[0].revoked_at,
            Some(now()),
            "the first counts"
        );
        assert_eq!(stored.store.tokens(&other(), None).await.expect("read"), []);
    })
    .await;
}

#[tokio::test]
async fn jobs_wait_in_order_are_put_off_and_end_unless_asked_for_anew() {
    each(async |stored| {
        let store = &stored.store;
        let job = |tenant, arguments: Option<&str>, seconds| {
            let due_at = now() + TimeDelta::seconds(seconds);
            Job::new(tenant, JobKind::Import, arguments.map(Into::into), due_at)
        };
        let later = job(acme(), Some("90 days"), 5);
        let first = job(other(), Some("30 days"), 0);
        for job in [&later, &first, &later] {
            store.ask_for(job).await.expect("asked");
        }
        assert_eq!(
            store.jobs(None).await.expect("read"),
            [first.clone(), later.clone()]
        );

        let put_off = Job {
            due_at: now() + TimeDelta::seconds(9),
            attempts: 2,
            error: Some("refused".into()),
            failed_at: Some(now()),
            ..first.clone()
        };
        assert!(store.put_off_job(&put_off).await.expect("stored"));
        assert_eq!(
            store.jobs(None).await.expect("read"),
            [later.clone(), put_off.clone()]
        );

        // Asked for something else meanwhile: that stays.
        let anew = job(other(), Some("60 days"), 1);
        store.ask_for(&anew).await.expect("asked");
        assert!(!store.put_off_job(&put_off).await.expect("nothing there"));
        let end = async |arguments| {
            store
                .end_job(&other(), JobKind::Import, arguments)
                .await
                .expect("ended")
        };
        assert!(!end(Some("30 days")).await);
        assert_eq!(store.jobs(None).await.expect("read"), [anew, later.clone()]);
        assert!(end(Some("60 days")).await);
        assert!(!end(None).await);
        assert!(
            !store
                .end_job(&acme(), JobKind::Sync, None)
                .await
                .expect("nothing there")
        );
        assert_eq!(store.jobs(None).await.expect("read"), [later]);

        store.remove_tenant(&acme()).await.expect("removed");
        assert_eq!(store.jobs(None).await.expect("read"), []);
    })
    .await;
}

/// What pages of two list, one after the other, until one is empty.
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

#[tokio::test]
async fn lists_are_read_page_by_page_each_entry_once() {
    each(async |stored| {
        let store = &stored.store;
        for tenant in [acme(), other()] {
            let rejected = |id: &str| Rejection {
                ticket_id: Some(id.into()),
                reason: format!("{id} is unreadable"),
                raw: "{}".into(),
            };
            let batch = Batch {
                rejected: ["10", "b", "9", "a", "2"].map(rejected).into(),
                ..Batch::new(None, Source::BulkImport, now())
            };
            store.apply(&tenant, &batch).await.expect("applied");
            // Two of each came at the same time.
            for number in 0..5_i64 {
                let at = now() + TimeDelta::microseconds(number / 2);
                let note = Note {
                    id: format!("note-{number}"),
                    kind: NoteKind::Changed,
                    body: "1".into(),
                    received_at: at,
                    due_at: now(),
                    attempts: 0,
                    error: None,
                    failed_at: None,
                };
                store.add_notes(&tenant, &[note]).await.expect("added");
                let entry = AuditEntry {
                    id: Uuid::new_v4(),
                    tenant: Some(tenant.clone()),
                    at,
                    actor: "somebody".into(),
                    origin: "here".into(),
                    action: format!("action {number}"),
                    detail: String::new(),
                };
                store.audit(&entry).await.expect("noted");
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

        let rejected = pages_of_two(async |after| store.rejected(&acme, after, 2).await).await;
        assert_eq!(rejected, store.rejected(&acme, None, 99).await.expect("read"));
        let keys: Vec<_> = rejected.iter().map(|rejected| rejected.key.as_str()).collect();
        assert_eq!(keys, ["10", "2", "9", "a", "b"]);
        assert_eq!(
            store.rejected_ticket(&acme, "9").await.expect("read").as_ref(),
            Some(&rejected[2])
        );
        assert_eq!(store.rejected_ticket(&acme, "8").await.expect("read"), None);
        store
            .set_rejection_reason(&acme, "9", "a nul \0")
            .await
            .expect("changed");
        let changed = RejectedTicket {
            reason: "a nul \\u0000".into(),
            ..rejected[2].clone()
        };
        assert_eq!(
            store.rejected_ticket(&acme, "9").await.expect("read"),
            Some(changed)
        );
        let theirs = store.rejected_ticket(&other(), "9").await.expect("read");
        assert_eq!(theirs.expect("there").reason, "9 is unreadable");

        let notes = pages_of_two(async |after| store.notes(&acme, after, 2).await).await;
        let ids: Vec<_> = notes.iter().map(|note| note.id.as_str()).collect();
        assert_eq!(ids, ["note-0", "note-1", "note-2", "note-3", "note-4"]);

        let runs = pages_of_two(async |after| store.runs(&acme, after, 2).await).await;
        assert_eq!(runs, store.runs(&acme, None, 99).await.expect("read"));
        assert_eq!(runs.len(), 6);
        assert_eq!(runs[0].request, "request 4", "the newest first");

        let of_acme = pages_of_two(async |after| store.audit_entries(Some(&acme), after, 2).await).await;
        assert_eq!(
            of_acme,
            store.audit_entries(Some(&acme), None, 99).await.expect("read")
        );
        assert_eq!((of_acme.len(), of_acme[0].action.as_str()), (5, "action 4"));
        let of_all = pages_of_two(async |after| store.audit_entries(None, after, 2).await).await;
        assert_eq!(of_all, store.audit_entries(None, None, 99).await.expect("read"));
        assert_eq!(of_all.len(), 10);
    })
    .await;
}

#[tokio::test]
async fn migrating_down_and_up_keeps_every_row() {
    each(async |stored| {
        stored.apply(vec![ticket("1", "a"), ticket("2", "b")]).await;
        for target in [1, 0] {
            stored.store.migrate(Some(target)).await.expect("down");
            let migrated = stored.store.migrate(None).await.expect("up");
            assert!(migrated.duplicates.is_empty());
        }
        stored
            .store
            .add_tenant(&tenant(acme()))
            .await
            .expect("settings are gone");
        let tickets = stored.tickets().await;
        assert_eq!(
            tickets
                .iter()
                .map(|ticket| ticket.description.as_str())
                .collect::<Vec<_>>(),
            ["a\n\nbody", "b\n\nbody"]
        );
        assert!(matches!(
            stored.store.migrate(Some(99)).await,
            Err(Error::UnknownVersion(99))
        ));
    })
    .await;
}

#[tokio::test]
async fn a_url_of_no_known_database_is_refused() {
    assert!(matches!(
        store::connect("mysql://x/y").await,
        Err(Error::UnsupportedUrl)
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Copies of a ticket come in the order of their change; how they are cut into batches is no matter.
    #[test]
    fn any_split_into_batches_gives_the_same_table(
        changes in prop::collection::vec((0..6_u32, 0..3_u32), 1..30),
        cuts in prop::collection::vec(1..7_usize, 30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(each(async |stored| {
            let copies: Vec<_> = changes
                .iter()
                .map(|(id, text)| ticket(&id.to_string(), if *text == 2 { "nul \0" } else { "text" }))
                .collect();
            let mut expected: std::collections::BTreeMap<_, _> = std::collections::BTreeMap::new();
            let mut rest = copies.as_slice();
            let mut total = 0;
            for cut in &cuts {
                let (batch, after) = rest.split_at((*cut).min(rest.len()));
                // Within a batch the later copy wins, refused or not.
                let last: std::collections::BTreeMap<_, _> =
                    batch.iter().map(|copy| (copy.ticket.id.clone(), copy.ticket.clone())).collect();
                expected.extend(last.into_iter().filter(|(_, ticket)| !ticket.subject.contains('\0')));
                total += stored.apply(batch.to_vec()).await.counts.total();
                rest = after;
            }
            let applied = copies.len() - rest.len();
            assert_eq!(total, applied as u64);
            assert_eq!(stored.tickets().await, expected.into_values().collect::<Vec<_>>());
        }));
    }
}
