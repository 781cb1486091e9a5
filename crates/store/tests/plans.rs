//! Statements read only the rows that they need, also on a table that grew after the database analysed it.
//!
//! The server itself counts the pages that a statement reads.

#[path = "sample/rows.rs"]
mod rows;
#[path = "../../precedent/tests/it/support/scratch.rs"]
mod scratch;
use std::time::Duration;

use chrono::TimeDelta;
use rows::{batch, id, now, tenant, ticket};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use store::{Incoming, Store};
use ticket::TicketId;

/// Tenants `t0` to `t4` with 10,000 tickets each, resolved one a minute; `analyze` has counted none of them.
const ROWS: &str = "
    alter table ticket_history set (autovacuum_enabled = off);
    insert into ticket_history
        (tenant_id, ticket_id, description, resolution, resolved_date, tags, source_updated_at, content_digest,
         source_digest, revision, source)
    select 't' || n % 5, n::text, repeat(md5(n::text), 20), 'done', $now - n / 5 * interval '1 minute', '[]',
        $now - n / 5 * interval '1 minute', sha256(n::text::bytea), sha256(n::text::bytea), 1 + n / 5 / 500,
        'bulk_import'
    from generate_series(0, 49999) as n";

/// Returns the number of pages of `ticket_history` and of its indexes that the server has read.
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
async fn wait_until_alone(watching: &mut PgConnection) {
    loop {
        let (others,): (i64,) = sqlx::query_as(
            "select count(*) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()
                 and backend_type = 'client backend'",
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

/// A database whose pages are counted, and the calls that read too many.
struct Counting {
    scratch: scratch::Scratch,
    watching: PgConnection,
    wrong: Vec<(&'static str, i64)>,
}

impl Counting {
    /// Counts the pages that `call` reads through a new store; more than `most` are wrong.
    async fn reads<T>(
        &mut self,
        name: &'static str,
        most: i64,
        call: impl AsyncFnOnce(&Store) -> store::Result<T>,
    ) {
        wait_until_alone(&mut self.watching).await;
        let before = pages_so_far(&mut self.watching).await;
        let store = Store::connect(&self.scratch.url).await.expect("connected");
        call(&store).await.expect("answered");
        drop(store);
        wait_until_alone(&mut self.watching).await;
        let read = pages_so_far(&mut self.watching).await - before;
        println!("{name} reads {read} pages");
        if read > most {
            self.wrong.push((name, read));
        }
    }
}

/// A database whose table was last analysed with this many tickets of a tenant, and was filled afterwards.
async fn young(analysed: Option<(&str, u32)>) -> Counting {
    let scratch = scratch::Scratch::new().await;
    let mut owner = PgConnection::connect(&scratch.url).await.expect("connected");
    let store = Store::connect(&scratch.url).await.expect("connected");
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
    // A run counts what is stored when it starts for the first time, and from then on only near the quota.
    store.usage(&id("t0"), now(), 80).await.expect("counted");
    // The server counts a session's pages when it ends, or some time later.
    owner.close().await.expect("closed");
    let watching = PgConnection::connect(&scratch.url).await.expect("connected");
    Counting {
        scratch,
        watching,
        wrong: Vec::new(),
    }
}

/// Reads one page of ids of a tenant, resolved in a number of days.
async fn digests(store: &Store, days: i64) -> store::Result<Vec<store::StoredDigest>> {
    let from = now() - TimeDelta::days(days);
    store.digests(&id("t0"), from, now(), "", 1_000).await
}

async fn apply(store: &Store, tickets: std::ops::Range<u32>) -> store::Result<store::Applied> {
    store.apply(&id("t0"), &batch(incoming(tickets))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_read_few_pages_of_a_young_table() {
    for analysed in [None, Some(("first", 10)), Some(("t0", 10)), Some(("t0", 1))] {
        println!("analysed: {analysed:?}");
        let mut counting = young(analysed).await;
        let t0 = id("t0");
        // About four pages for each id: three of an index and one of the table; a batch reads each two or three times.
        let known = async |store: &Store| store.known(&t0, &ids(100..600)).await;
        counting.reads("known", 3_000, known).await;
        let tickets = async |store: &Store| store.tickets(&t0, &ids(100..200)).await;
        counting.reads("tickets", 600, tickets).await;
        let earliest = async |store: &Store| store.earliest_resolution(&t0).await;
        counting.reads("earliest resolution", 50, earliest).await;
        let usage = async |store: &Store| store.usage(&t0, now(), 80).await;
        counting.reads("usage", 50, usage).await;
        let newest = async |store: &Store| store.newest_tickets(&t0, 10).await;
        counting.reads("newest tickets", 100, newest).await;
        let changes = async |store: &Store| store.changes(&t0, (10, "9"), 500).await;
        counting.reads("changes", 1_000, changes).await;
        let all = async |store: &Store| digests(store, 99).await;
        counting.reads("digests", 2_000, all).await;
        // Walks the tenant by id, whatever the time.
        let of_a_day = async |store: &Store| digests(store, 1).await;
        counting.reads("digests of a day", 25_000, of_a_day).await;
        let changed = async |store: &Store| apply(store, 1_000..1_500).await;
        counting.reads("a batch", 20_000, changed).await;
        counting.reads("the same batch", 6_000, changed).await;
        let new = async |store: &Store| apply(store, 30_000..30_500).await;
        counting.reads("a batch of new tickets", 20_000, new).await;
        assert!(counting.wrong.is_empty(), "{analysed:?}: {:?}", counting.wrong);
    }
}
