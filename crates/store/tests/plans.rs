//! Statements touch the rows that they need, also on a table that grew since the database last looked at it.
//!
//! What a statement reads is counted by the server itself, in pages.

#[path = "sample/rows.rs"]
mod rows;
#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use rows::{batch, id, now, tenant, ticket};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use store::{Incoming, Store};
use ticket::TicketId;

/// Tenants `t0` to `t4` with 10,000 tickets each, resolved one a minute; not one row was counted by `analyze`.
const ROWS: &str = "
    alter table ticket_history set (autovacuum_enabled = off);
    insert into ticket_history
        (tenant_id, ticket_id, description, resolution, resolved_date, tags, source_updated_at, content_digest,
         source_digest, revision, source)
    select 't' || n % 5, n::text, repeat(md5(n::text), 20), 'done', $now - n / 5 * interval '1 minute', '[]',
        $now - n / 5 * interval '1 minute', sha256(n::text::bytea), sha256(n::text::bytea), 1 + n / 5 / 500,
        'bulk_import'
    from generate_series(0, 49999) as n";

/// Pages of `ticket_history` and of its indexes that the server looked at.
async fn pages_so_far(watching: &mut PgConnection) -> i64 {
    let (pages,): (i64,) = sqlx::query_as(
        "select coalesce(sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit), 0)::bigint
         from pg_statio_user_tables where relname = 'ticket_history'",
    )
    .fetch_one(watching)
    .await
    .expect("a count");
    pages
}

/// Waits until no session but this one is left: a session's counts are complete when it ends.
async fn alone(watching: &mut PgConnection) {
    loop {
        let (others,): (i64,) = sqlx::query_as(
            "select count(*) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
        )
        .fetch_one(&mut *watching)
        .await
        .expect("a count");
        if others == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn ids(range: std::ops::Range<u32>) -> Vec<TicketId> {
    let of_tenant = range.map(|number| (number * 5).to_string());
    of_tenant.filter_map(|id| TicketId::new(&id)).collect()
}

fn incoming(range: std::ops::Range<u32>) -> Vec<Incoming> {
    ids(range).iter().map(|id| ticket(id.as_str())).collect()
}

/// Pages that `asked` reads, by a store of its own.
async fn pages<T>(
    url: &str,
    watching: &mut PgConnection,
    asked: impl AsyncFnOnce(&dyn Store) -> store::Result<T>,
) -> i64 {
    alone(watching).await;
    let before = pages_so_far(watching).await;
    let store: Arc<dyn Store> = store::connect(url).await.expect("connected");
    asked(&*store).await.expect("answered");
    drop(store);
    alone(watching).await;
    pages_so_far(watching).await - before
}

/// A database whose table was last analysed when it held these many tickets of a tenant, and was filled since.
async fn young(analysed: Option<(&str, u32)>) -> (scratch::Scratch, PgConnection) {
    let scratch = scratch::Scratch::new().await;
    let mut owner = PgConnection::connect(&scratch.url).await.expect("connected");
    let store = store::connect(&scratch.url).await.expect("connected");
    store.migrate(None).await.expect("migrated");
    for name in ["first", "t0", "t1", "t2", "t3", "t4"] {
        store.add_tenant(&tenant(name)).await.expect("added");
    }
    if let Some((tenant, count)) = analysed {
        let few = batch(incoming(40_000..40_000 + count));
        store.apply(&id(tenant), &few).await.expect("stored");
        owner.execute("analyze").await.expect("analysed");
    }
    let fill = ROWS.replace("$now", &format!("timestamptz '{}'", now().to_rfc3339()));
    owner.execute(AssertSqlSafe(fill)).await.expect("filled");
    // What a session read is counted when it ends, or some time later.
    owner.close().await.expect("closed");
    let watching = PgConnection::connect(&scratch.url).await.expect("connected");
    (scratch, watching)
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_read_few_pages_of_a_young_table() {
    for analysed in [None, Some(("first", 10)), Some(("t0", 10)), Some(("t0", 1))] {
        let (scratch, mut owner) = young(analysed).await;
        let t0 = id("t0");
        let mut wrong = Vec::new();
        // Some four pages an id: three of an index and one of the table; a batch looks at each twice or three times.
        macro_rules! reads {
            ($what:literal, $most:expr, |$store:ident| $asked:expr) => {
                let read = pages(&scratch.url, &mut owner, async |$store| $asked.await).await;
                println!("{analysed:?}: {} reads {read} pages", $what);
                if read > $most {
                    wrong.push(($what, read));
                }
            };
        }
        reads!("known", 3_000, |store| store.known(&t0, &ids(100..600)));
        reads!("tickets", 600, |store| store.tickets(&t0, &ids(100..200)));
        reads!("oldest", 50, |store| store.oldest(&t0));
        reads!("newest tickets", 100, |store| store.newest_tickets(&t0, 10));
        reads!("changes", 1_000, |store| store.changes(&t0, (10, "9"), 500));
        let from = now() - TimeDelta::days(99);
        reads!("digests", 2_000, |store| store.digests(
            &t0,
            from,
            now(),
            "",
            1_000
        ));
        // By id through one tenant, whatever the time.
        let from = now() - TimeDelta::days(1);
        reads!("digests of a day", 25_000, |store| store.digests(
            &t0,
            from,
            now(),
            "",
            1_000
        ));
        reads!("a batch", 20_000, |store| {
            let changed = batch(incoming(1_000..1_500));
            async move { store.apply(&id("t0"), &changed).await }
        });
        reads!("the same batch", 6_000, |store| {
            let same = batch(incoming(1_000..1_500));
            async move { store.apply(&id("t0"), &same).await }
        });
        reads!("a batch of new tickets", 20_000, |store| {
            let new = batch(incoming(30_000..30_500));
            async move { store.apply(&id("t0"), &new).await }
        });
        assert!(wrong.is_empty(), "{analysed:?}: {wrong:?}");
    }
}
