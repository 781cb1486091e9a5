//! The desk: its tickets and what it knows of its callers.

mod activity;
mod changes;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::calendar::wall_clock_ms;
use crate::fault::{Armed, Fault};
use crate::hook::{Defects, Hook};
use crate::log::{Log, LogEntry, Stats};
use crate::options::{Credentials, Options};
use crate::pace::Gate;
use crate::population::{is_final, populate};
use crate::render::Renderer;
use crate::report::{Counter, Reports, Webhook};
use crate::selection::Selections;
use crate::sign_in::Tokens;
use crate::ticket::{Life, Ticket, id_of};
use crate::truth::{Truth, truth_of};

use activity::Activity;
pub use activity::{Change, ChangeKind};

/// Without a number and a corpus, this many tickets.
const DEFAULT_TICKETS: u32 = 1_000;
/// No throttle is longer: a time that no clock can tell is of no use.
const LONGEST_THROTTLE: Duration = Duration::from_hours(24 * 365);

/// The state behind a running simulator, for tests to look at and to change.
pub struct Desk {
    pub(crate) options: Options,
    pub(crate) renderer: Renderer,
    pub(crate) selections: Selections,
    pub(crate) log: Log,
    pub(crate) gate: Gate,
    pub(crate) tokens: Tokens,
    pub(crate) reports: Counter,
    activity: Mutex<Activity>,
    webhook: Mutex<Option<Webhook>>,
    hooks: RwLock<Vec<Arc<dyn Hook>>>,
    unsettled: Mutex<Vec<String>>,
    tickets: RwLock<Tickets>,
    start_ms: i64,
    started: Instant,
    /// Time that passed at once.
    skipped_ms: AtomicI64,
}

/// The tickets by number.
pub(crate) struct Tickets {
    pub(crate) all: Vec<Ticket>,
    pub(crate) revision: u64,
}

impl Desk {
    pub(crate) fn open(mut options: Options) -> anyhow::Result<Self> {
        ensure!(
            options.clock_rate.is_finite() && options.clock_rate > 0.0,
            "the clock's rate must be above 0"
        );
        for quirk in options.quirks.clone() {
            quirk.choose(&mut options);
        }
        let renderer = Renderer::open(&options)?;
        let corpus = u32::try_from(renderer.texts.corpus_len()).context("count the corpus")?;
        let count = options
            .tickets
            .unwrap_or(if corpus > 0 { corpus } else { DEFAULT_TICKETS });
        let mut hooks: Vec<Arc<dyn Hook>> = vec![Arc::new(Defects)];
        hooks.extend(options.quirks.iter().map(|quirk| quirk.hook(&options)));
        let ahead_ms: i64 = hooks.iter().map(|hook| hook.ahead_ms()).sum();
        let start_ms = options.now_ms.unwrap_or_else(wall_clock_ms) + ahead_ms;
        let mut all = populate(&options, &renderer.directory, count, start_ms);
        hooks
            .iter()
            .for_each(|hook| hook.on_population(&options, &mut all));
        let desk = Self {
            renderer,
            selections: Selections::default(),
            log: Log::default(),
            gate: Gate::default(),
            tokens: Tokens::new(options.credentials.clone()),
            reports: Counter::default(),
            activity: Mutex::default(),
            webhook: Mutex::new(options.webhook.clone()),
            hooks: RwLock::new(hooks),
            unsettled: Mutex::default(),
            tickets: RwLock::new(Tickets { all, revision: 1 }),
            start_ms,
            started: Instant::now(),
            skipped_ms: AtomicI64::new(0),
            options,
        };
        desk.options
            .faults
            .iter()
            .for_each(|fault| desk.add_fault(fault.clone()));
        desk.set_changes_per_day(desk.options.changes_per_day);
        Ok(desk)
    }

    /// The desk's clock in milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        // A conversion from a fraction stays within bounds by itself.
        let passed = (self.started.elapsed().as_secs_f64() * 1_000.0 * self.options.clock_rate) as i64;
        let skipped = self.skipped_ms.load(Ordering::Relaxed);
        self.start_ms.saturating_add(passed).saturating_add(skipped)
    }

    /// Has time pass at once on the desk's clock. Tokens, locks and limits go by the time that really passes.
    pub fn skip(&self, time: Duration) {
        let milliseconds = i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2);
        self.skipped_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// Reports changes to this webhook from now on, or to none.
    pub fn report_to(&self, webhook: Option<Webhook>) {
        *self.webhook.lock().unwrap_or_else(PoisonError::into_inner) = webhook;
    }

    /// How many reports were accepted so far, and how many were not.
    pub fn reports(&self) -> Reports {
        self.reports.reports()
    }

    pub(crate) fn webhook(&self) -> Option<Webhook> {
        self.webhook
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Real milliseconds since the desk was started.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// What a client must present, or had to before it was revoked.
    pub fn credentials(&self) -> Credentials {
        self.tokens.credentials()
    }

    /// Accepts no key, token or refresh token until [`Desk::accept_credentials`].
    pub fn revoke_credentials(&self) {
        self.tokens.revoke_credentials();
    }

    /// Accepts these credentials from now on, and ends every access token.
    pub fn accept_credentials(&self, credentials: Credentials) {
        self.tokens.accept(credentials);
    }

    /// Refuses every call of the API with 429 for so long in real time. `Retry-After` tells what is left of it, or
    /// `retry_after` instead. The accounts server answers all the same.
    pub fn throttle(&self, span: Duration, retry_after: Option<Duration>) {
        self.gate
            .throttle(Instant::now() + span.min(LONGEST_THROTTLE), retry_after);
    }

    /// Ends a throttle before its time.
    pub fn end_throttle(&self) {
        self.gate.end_throttle();
    }

    /// How many tickets were ever made.
    pub fn ticket_count(&self) -> usize {
        self.read().all.len()
    }

    /// The truth about every ticket in a final status that lists show, in the order of creation.
    pub fn truth(&self) -> Vec<Truth> {
        self.truth_of_numbers(0, usize::MAX)
    }

    /// Ids of the tickets that are open.
    pub fn open_tickets(&self) -> Vec<String> {
        let tickets = self.read();
        let open = tickets
            .all
            .iter()
            .filter(|ticket| !is_final(ticket) && ticket.life == Life::Present);
        open.map(|ticket| id_of(self.options.edition, ticket.number).to_string())
            .collect()
    }

    /// The truth about the tickets from one number on.
    pub(crate) fn truth_of_numbers(&self, from: usize, count: usize) -> Vec<Truth> {
        let tickets = self.read();
        let chosen = tickets.all.iter().skip(from).take(count);
        let there = |ticket: &&Ticket| matches!(ticket.life, Life::Present | Life::Hidden | Life::Archived);
        let known = chosen.filter(|ticket| is_final(ticket)).filter(there);
        let hooks = self.hooks();
        let told = known.map(|ticket| {
            let mut truth = truth_of(&self.renderer, ticket);
            hooks.iter().for_each(|hook| hook.on_truth(ticket, &mut truth));
            truth
        });
        told.collect()
    }

    /// The calls so far, in the order of arrival.
    pub fn log(&self) -> Vec<LogEntry> {
        self.log.entries()
    }

    /// The calls so far, in figures.
    pub fn stats(&self) -> Stats {
        self.log.stats()
    }

    /// Tickets that quirks changed while a client read: either state of them is right.
    pub fn unsettled(&self) -> Vec<String> {
        self.unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn unsettle(&self, ids: impl IntoIterator<Item = String>) {
        self.unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(ids);
    }

    /// Forgets the calls so far.
    pub fn clear_log(&self) {
        self.log.clear();
    }

    /// Adds a fault; it counts calls from now on.
    pub fn add_fault(&self, fault: Fault) {
        let armed = Armed {
            fault,
            edition: self.options.edition,
        };
        self.hooks
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(armed));
    }

    /// Takes every fault away. Bad tickets stay bad, quirks stay.
    pub fn clear_faults(&self) {
        self.hooks
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .truncate(1 + self.options.quirks.len());
    }

    /// Ends every access token at once.
    pub fn revoke_access_tokens(&self) {
        self.tokens.revoke();
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Tickets> {
        self.tickets.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn hooks(&self) -> Vec<Arc<dyn Hook>> {
        self.hooks.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
