//! A week in which tickets change all the time, webhooks are lost, doubled and out of order, the helpdesk throttles and
//! tokens expire: in the end the table equals the helpdesk, and a search finds no withdrawn ticket.
//!
//! More of it: `PRECEDENT_WEEK_CHANGES`.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use fastrand::Rng;
use servicedesk_sim::{Options, Rows, Truth};

use crate::support::{Bench, Database, Server, Webhook, setting};

/// Seconds between two syncs and between two reconciliations.
const SYNC_EVERY: u64 = 2;
const RECONCILE_EVERY: u64 = 8;

/// Additional time of a sync on a busy machine.
const SLACK: Duration = Duration::from_secs(10);

/// Time that passes on the helpdesk's clock, and the longest real time.
const WEEK: Duration = Duration::from_hours(7 * 24);
const LONGEST: Duration = Duration::from_mins(30);

/// Real delay between two changes.
const PAUSE: Duration = Duration::from_millis(15);

/// Change notifications that are on their way at the same time.
const ON_THE_WAY: usize = 20;

/// Percentages of the week after which all access tokens expire; a client may request eight in ten minutes.
const EXPIRIES: [u32; 3] = [25, 50, 75];

/// Faults of the helpdesk during the week.
const FAULTS: [&str; 4] = [
    "status:code=429,retry_after=1,at=97,times=3",
    "status:code=429,retry_after=1,every=5000",
    "reset:every=131",
    "status:code=500,every=89",
];

struct Week {
    bench: Bench,
    random: Rng,
    closed: Vec<String>,
    open: Vec<String>,
    trashed: Vec<String>,
    /// Tickets that were reopened, with the time.
    reopened: HashMap<String, Instant>,
    /// Subject and description of the first tickets.
    words: HashMap<String, String>,
    on_the_way: Vec<String>,
    sent: usize,
}

fn pick(random: &mut Rng, ids: &mut Vec<String>) -> Option<String> {
    (!ids.is_empty()).then(|| ids.swap_remove(random.usize(..ids.len())))
}

impl Week {
    async fn begin() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let options = Options {
            tickets: Some(2_000),
            days: 80,
            // The helpdesk's clock runs fast and must not pass the real one.
            now_ms: Some((now.expect("later") - WEEK - LONGEST).as_millis() as i64),
            rows: Rows::Full,
            token_refreshes: 0,
            ..Options::default()
        };
        let bench = Bench::on(Database::Postgres, options).await;
        let grant = bench.write_grant(&bench.simulator.desk().credentials().refresh_token);
        let url = bench.simulator.url();
        let set = ["tenant", "set", "--tenant-id=acme", "--accounts-url", &url];
        // The pace is as fast as the clock.
        let more = ["--credentials-file", &grant, "--requests-per-minute=60000"];
        bench.good(&[&set[..], &more].concat());
        bench.import();
        let truth = bench.simulator.desk().truth();
        let words = |ticket: &Truth| format!("{} {}", ticket.subject, ticket.words);
        let valid = truth.iter().filter(|ticket| ticket.valid);
        Self {
            words: truth
                .iter()
                .map(|ticket| (ticket.id.clone(), words(ticket)))
                .collect(),
            closed: valid.map(|ticket| ticket.id.clone()).collect(),
            open: bench.simulator.desk().open_tickets(),
            trashed: Vec::new(),
            reopened: HashMap::new(),
            random: Rng::with_seed(7),
            on_the_way: Vec::new(),
            sent: 0,
            bench,
        }
    }

    /// Changes something; returns the ticket.
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
                let id = pick(random, &mut self.closed)?;
                desk.reopen(&id).expect("there");
                self.reopened.insert(id.clone(), Instant::now());
                self.open.push(id.clone());
                id
            }
            60..80 => {
                let id = pick(random, &mut self.open)?;
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
                let id = pick(random, &mut self.closed)?;
                desk.trash(&id).expect("there");
                self.trashed.push(id.clone());
                id
            }
            97 => {
                let id = pick(random, &mut self.trashed)?;
                desk.restore(&id).expect("there");
                self.closed.push(id.clone());
                id
            }
            98 => {
                let id = pick(random, &mut self.closed)?;
                desk.delete(&id).expect("there");
                id
            }
            _ => {
                let id = pick(random, &mut self.closed)?;
                desk.merge(&id, &self.closed[0]).expect("both there");
                id
            }
        })
    }

    /// Notifies the webhook about a change: sometimes never, sometimes twice, and out of order.
    async fn notify(&mut self, server: &Server, webhook: &Webhook, id: String) {
        let copies = match self.random.u32(..100) {
            0..10 => 0,
            10..15 => 2,
            _ => 1,
        };
        self.on_the_way.extend(std::iter::repeat_n(id, copies));
        while self.on_the_way.len() > ON_THE_WAY {
            let next = self.random.usize(..self.on_the_way.len());
            let id = self.on_the_way.swap_remove(next);
            webhook.notify(server, &id).await;
            self.sent += 1;
        }
    }

    /// Returns the ticket that was reopened first, if a search still finds it.
    fn find_withdrawn(&mut self) -> Option<String> {
        let (id, since) = self.reopened.iter().min_by_key(|(_, since)| **since)?;
        if since.elapsed() < Duration::from_secs(SYNC_EVERY) + SLACK {
            return None;
        }
        let id = id.clone();
        // One check for each.
        self.reopened.remove(&id);
        self.finds(&id).then_some(id)
    }

    /// Returns whether a ticket's own words find it; the words of newcomers are unknown.
    fn finds(&self, id: &str) -> bool {
        let words = self.words.get(id);
        words.is_some_and(|words| {
            let found = self.bench.found(words, &["--resolution=any"]);
            found.iter().any(|other| other == id)
        })
    }

    fn assert_searches_are_right(&self) {
        let is_known = |id: &&String| self.words.contains_key(*id);
        let closed = self.closed.iter().find(is_known).expect("most are");
        assert!(self.finds(closed), "a served ticket's own words must find it");
        let reopened: Vec<_> = self.reopened.keys().filter(is_known).take(20).collect();
        assert!(!reopened.is_empty());
        let found: Vec<_> = reopened.iter().filter(|id| self.finds(id)).collect();
        assert!(found.is_empty(), "reopened and still found: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_week_of_changes_and_faults_the_table_equals_the_helpdesk() {
    let changes = setting("PRECEDENT_WEEK_CHANGES", 300) as u32;
    let mut week = Week::begin().await;
    let webhook = week.bench.create_webhook("acme");
    let sync_every = format!("--sync-every={SYNC_EVERY}");
    let reconcile_every = format!("--reconcile-every={RECONCILE_EVERY}");
    let server = Server::start(&week.bench, &[&sync_every, &reconcile_every]);
    for fault in FAULTS {
        let fault = fault.parse().expect("a fault");
        week.bench.simulator.desk().add_fault(fault);
    }
    for number in 0..changes {
        week.bench.simulator.desk().skip(WEEK / changes);
        if EXPIRIES.iter().any(|percent| number == changes * percent / 100) {
            week.bench.simulator.desk().revoke_access_tokens();
        }
        let Some(id) = week.change(number) else { continue };
        week.notify(&server, &webhook, id).await;
        if number % 20 == 0 {
            assert_eq!(week.find_withdrawn(), None, "reopened and still found");
        }
        tokio::time::sleep(PAUSE).await;
    }
    week.bench.simulator.desk().clear_faults();
    let took = week.bench.wait_until_complete(Duration::from_secs(120)).await;
    println!(
        "{changes} changes, {} notifications, complete {took:?} after the last",
        week.sent
    );
    week.assert_searches_are_right();
    assert_eq!(server.stop(), 0);
    let (code, stdout, stderr) = week.bench.run(&["verify", "--tenant-id=acme", "--days=90"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
}
