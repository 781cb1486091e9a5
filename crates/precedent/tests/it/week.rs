//! Much happens at a helpdesk, its reports get lost, doubled and mixed up, it throttles and its tokens end: in the end the
//! table is true, and what was withdrawn is not found.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use servicedesk_sim::{Options, Rows};

use crate::bench::{Bench, Database, PLANTED};
use crate::server::Server;

/// Seconds between two syncs and between two reconciliations.
const SYNC_EVERY: u64 = 2;
const RECONCILE_EVERY: u64 = 8;

/// What a sync may take on top, on a machine that is busy with all of this.
const SLACK: Duration = Duration::from_secs(10);

/// What passes on the helpdesk's clock, and longer than it really takes.
const WEEK: Duration = Duration::from_hours(7 * 24);
const LONGEST: Duration = Duration::from_mins(30);

/// Between two changes, really.
const PAUSE: Duration = Duration::from_millis(15);

struct Week {
    bench: Bench,
    random: fastrand::Rng,
    closed: Vec<String>,
    open: Vec<String>,
    trashed: Vec<String>,
    /// Tickets that are open again, and since when.
    reopened: HashMap<String, Instant>,
    /// Subject and description of the tickets that were there at first.
    words: HashMap<String, String>,
}

impl Week {
    fn pick(random: &mut fastrand::Rng, ids: &mut Vec<String>) -> Option<String> {
        (!ids.is_empty()).then(|| ids.swap_remove(random.usize(..ids.len())))
    }

    /// Something happens; the ticket that it happens to.
    fn change(&mut self, number: u32) -> Option<String> {
        let desk = self.bench.simulator.desk();
        let random = &mut self.random;
        Some(match random.u32(..100) {
            0..45 => {
                let id = self.closed[random.usize(..self.closed.len())].clone();
                let text = format!("cause {number} and cure-{number}");
                desk.edit_resolution(&id, &text).expect("there");
                id
            }
            45..60 => {
                let id = Self::pick(random, &mut self.closed)?;
                desk.reopen(&id).expect("there");
                self.reopened.insert(id.clone(), Instant::now());
                self.open.push(id.clone());
                id
            }
            60..80 => {
                let id = Self::pick(random, &mut self.open)?;
                self.reopened.remove(&id);
                desk.close(&id).expect("there");
                self.closed.push(id.clone());
                id
            }
            80..95 => {
                let id = desk.add_tickets(1).remove(0);
                self.closed.push(id.clone());
                id
            }
            95..97 => {
                let id = Self::pick(random, &mut self.closed)?;
                desk.trash(&id).expect("there");
                self.trashed.push(id.clone());
                id
            }
            97 => {
                let id = Self::pick(random, &mut self.trashed)?;
                desk.restore(&id).expect("there");
                self.closed.push(id.clone());
                id
            }
            98 => {
                let id = Self::pick(random, &mut self.closed)?;
                desk.delete(&id).expect("there");
                id
            }
            _ => {
                let id = Self::pick(random, &mut self.closed)?;
                desk.merge(&id, &self.closed[0]).expect("both there");
                id
            }
        })
    }

    /// Whether a search for a ticket that was opened again some time ago still finds it.
    fn finds_a_withdrawn_one(&mut self) -> Option<String> {
        let oldest = self.reopened.iter().min_by_key(|(_, since)| **since)?;
        let (id, since) = (oldest.0.clone(), *oldest.1);
        if since.elapsed() < Duration::from_secs(SYNC_EVERY) + SLACK {
            return None;
        }
        // Looked at once.
        self.reopened.remove(&id);
        self.finds(&id).then_some(id)
    }

    /// Whether a ticket's own words find it; of newcomers they are not known.
    fn finds(&self, id: &str) -> bool {
        let words = self.words.get(id);
        words.is_some_and(|words| {
            let found = self.bench.found(words, &["--resolution=any"]);
            found.iter().any(|other| other == id)
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_week_of_everything_the_table_is_true() {
    // More of it: PRECEDENT_WEEK_CHANGES.
    let changes = std::env::var("PRECEDENT_WEEK_CHANGES").map_or(300, |text| text.parse().expect("a number"));
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("later");
    let options = Options {
        tickets: Some(2_000),
        days: 80,
        // The helpdesk's clock runs fast, and is not to be ahead in the end.
        now_ms: Some((now - WEEK - LONGEST).as_millis() as i64),
        rows: Rows::Full,
        // Some tokens end meanwhile, fewer than the eight in ten minutes that a client may ask for.
        token_lifetime: (PAUSE * changes / 3).max(Duration::from_secs(5)),
        token_refreshes: 0,
        ..Options::default()
    };
    let bench = Bench::on(Database::Postgres, options).await;
    let secrets = bench.simulator.desk().credentials();
    let grant = serde_json::json!({"client_id": secrets.client_id, "client_secret": secrets.client_secret,
        "refresh_token": secrets.refresh_token});
    let file = bench.home.path().join("grant.json");
    std::fs::write(&file, grant.to_string()).expect("written");
    let (file, url) = (file.to_str().expect("plain"), bench.simulator.url());
    bench.good(&[
        "tenant",
        "set",
        "--tenant-id=acme",
        "--credentials-file",
        file,
        "--accounts-url",
        &url,
        // Its pace is as fast as its clock.
        "--requests-per-minute=60000",
    ]);
    bench.import();
    bench.good(&["webhook", "create", "--tenant-id=acme"]);
    let (_, hook, _) = bench.run(&["webhook", "show", "--tenant-id=acme", "--json"]);
    let hook: serde_json::Value = serde_json::from_str(&hook).expect("an object");
    assert!(!hook.to_string().contains(PLANTED));
    let every = [
        format!("--sync-every={SYNC_EVERY}"),
        format!("--reconcile-every={RECONCILE_EVERY}"),
    ];
    let server = Server::start(&bench, &[&every[0], &every[1]]);
    let path = hook["url"]
        .as_str()
        .expect("a URL")
        .trim_start_matches("http://127.0.0.1:8080")
        .to_owned();
    let secret = hook["secret"].as_str().expect("a secret").to_owned();
    for fault in [
        "status:code=429,retry_after=1,at=97,times=3",
        "status:code=429,retry_after=1,every=5000",
        "reset:every=131",
        "status:code=500,every=89",
    ] {
        bench.simulator.desk().add_fault(fault.parse().expect("a fault"));
    }

    let truth = bench.simulator.desk().truth();
    let words = truth
        .iter()
        .map(|ticket| (ticket.id.clone(), format!("{} {}", ticket.subject, ticket.words)));
    let mut week = Week {
        words: words.collect(),
        closed: truth
            .into_iter()
            .filter(|ticket| ticket.valid)
            .map(|ticket| ticket.id)
            .collect(),
        open: bench.simulator.desk().open_tickets(),
        trashed: Vec::new(),
        reopened: HashMap::new(),
        random: fastrand::Rng::with_seed(7),
        bench,
    };
    // Reports on their way: one of them arrives next, not the oldest.
    let mut on_their_way = Vec::new();
    let mut sent = 0;
    for number in 0..changes {
        week.bench.simulator.desk().skip(WEEK / changes);
        let Some(id) = week.change(number) else { continue };
        let copies = match week.random.u32(..100) {
            0..10 => 0,
            10..15 => 2,
            _ => 1,
        };
        on_their_way.extend(std::iter::repeat_n(id, copies));
        while on_their_way.len() > 20 {
            let id = on_their_way.swap_remove(week.random.usize(..on_their_way.len()));
            let report = server
                .post(&path)
                .header("x-precedent-secret", &secret)
                .body(format!("{{\"id\": \"{id}\"}}"));
            assert_eq!(report.send().await.expect("an answer").status(), 202);
            sent += 1;
        }
        if number % 20 == 0 {
            assert_eq!(
                week.finds_a_withdrawn_one(),
                None,
                "opened again, and still found"
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
    week.bench.simulator.desk().clear_faults();

    let started = Instant::now();
    loop {
        let differences = week.bench.differences().await;
        if differences.is_empty() {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "{differences:#?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!(
        "{changes} changes, {sent} reports, true {:?} after the last",
        started.elapsed()
    );
    let open_again: Vec<_> = week
        .reopened
        .keys()
        .filter(|id| week.words.contains_key(*id))
        .collect();
    assert!(!open_again.is_empty());
    let closed = week
        .closed
        .iter()
        .find(|id| week.words.contains_key(*id))
        .expect("most are");
    assert!(week.finds(closed), "its own words find a ticket that is served");
    assert!(
        open_again.into_iter().take(20).all(|id| !week.finds(id)),
        "opened again, and still found"
    );
    assert_eq!(server.stop(), 0);
    let (code, stdout, stderr) = week.bench.run(&["verify", "--tenant-id=acme", "--days=90"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
}
