//! The desk joins the data, the behaviours, sign-in, pace limits and the log of calls.

mod assembly;
mod edits;
pub(crate) mod gate;
pub(crate) mod tokens;
mod truths;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::calendar::wall_clock_ms;
use crate::credentials::Credentials;
use crate::exchange::log::{CallLog, LogEntry};
use crate::exchange::stats::Stats;
use crate::fault::armed::ArmedFault;
use crate::fault::spec::Fault;
use crate::hook::Hook;
use crate::options::Options;
use crate::population::activity::Activity;
use crate::population::change::Change;
use crate::population::clock::Clock;
use crate::population::table::TicketTable;
use crate::query::selection::SelectionCache;
use crate::render::renderer::Renderer;
use crate::synchronized::lock;
use crate::webhook::{ReportCounter, Reports, Webhook};

use gate::Gate;
use tokens::Tokens;

/// Number of tickets without an option and a corpus.
const DEFAULT_TICKETS: u32 = 1_000;
/// Maximum length of a throttle.
const MAX_THROTTLE: Duration = Duration::from_hours(24 * 365);

/// The state of a running simulator, which tests read and change.
pub struct Desk {
    pub(crate) options: Options,
    pub(crate) renderer: Renderer,
    pub(crate) tickets: TicketTable,
    pub(crate) selections: SelectionCache,
    pub(crate) log: CallLog,
    pub(crate) gate: Gate,
    pub(crate) tokens: Tokens,
    pub(crate) report_counter: ReportCounter,
    activity: Mutex<Activity>,
    webhook: Mutex<Option<Webhook>>,
    /// Quirks, then faults.
    hooks: RwLock<Vec<Arc<dyn Hook>>>,
}

impl Desk {
    pub(crate) fn open(mut options: Options) -> anyhow::Result<Self> {
        let rate = options.clock_rate;
        ensure!(
            rate.is_finite() && rate > 0.0,
            "the rate of the clock must be above 0"
        );
        assembly::set_options(&mut options);
        let hooks = assembly::hooks(&options);
        let renderer = assembly::renderer(&options)?;
        let corpus = u32::try_from(renderer.texts.corpus_len()).context("count the corpus")?;
        let default = if corpus > 0 { corpus } else { DEFAULT_TICKETS };
        let count = options.tickets.unwrap_or(default);
        let ahead_ms: i64 = hooks.iter().map(|hook| hook.ahead_ms()).sum();
        let start_ms = options.now_ms.unwrap_or_else(wall_clock_ms) + ahead_ms;
        let mut tickets = assembly::tickets(&options, count, start_ms);
        hooks.iter().for_each(|hook| hook.on_population(&mut tickets));
        let clock = Clock::start(start_ms, rate);
        let desk = Self {
            renderer,
            tickets: TicketTable::new(options.edition, options.seed, clock, tickets),
            selections: SelectionCache::default(),
            log: CallLog::default(),
            gate: Gate::default(),
            tokens: Tokens::new(options.credentials.clone()),
            report_counter: ReportCounter::default(),
            activity: Mutex::default(),
            webhook: Mutex::new(options.webhook.clone()),
            hooks: RwLock::new(hooks),
            options,
        };
        let faults = desk.options.faults.iter();
        faults.for_each(|fault| desk.add_fault(fault.clone()));
        desk.set_changes_per_day(desk.options.changes_per_day);
        Ok(desk)
    }

    /// Returns the desk's clock in milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.tickets.clock.now_ms()
    }

    /// Moves the desk's clock forward. Tokens, locks and limits use real time and are not affected.
    pub fn skip(&self, time: Duration) {
        self.tickets.clock.skip(time);
    }

    /// Makes this many spontaneous changes per day of the desk's clock from now on, while a [`crate::Simulator`] runs;
    /// 0 stops them.
    pub fn set_changes_per_day(&self, per_day: f64) {
        lock(&self.activity).set_rate(per_day, self.now_ms());
    }

    /// Returns the spontaneous changes so far, in order.
    pub fn changes(&self) -> Vec<Change> {
        lock(&self.activity).changes.clone()
    }

    /// Makes the spontaneous changes that are due, and returns them.
    pub(crate) fn catch_up(&self) -> Vec<Change> {
        lock(&self.activity).catch_up(&self.tickets, self.options.seed)
    }

    /// Reports changes to this webhook from now on, or to none.
    pub fn report_to(&self, webhook: Option<Webhook>) {
        *lock(&self.webhook) = webhook;
    }

    /// Returns the number of reports so far, by result.
    pub fn reports(&self) -> Reports {
        self.report_counter.reports()
    }

    pub(crate) fn webhook(&self) -> Option<Webhook> {
        lock(&self.webhook).clone()
    }

    /// Returns the credentials that a client must present, or the ones that were revoked.
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

    /// Ends every access token.
    pub fn revoke_access_tokens(&self) {
        self.tokens.revoke();
    }

    /// Refuses every call of the API with 429 for a span of real time. `Retry-After` announces the rest of the span, or
    /// `retry_after` if given. The accounts server is not affected.
    pub fn throttle(&self, span: Duration, retry_after: Option<Duration>) {
        let until = Instant::now() + span.min(MAX_THROTTLE);
        self.gate.throttle(until, retry_after);
    }

    /// Ends a throttle early.
    pub fn end_throttle(&self) {
        self.gate.end_throttle();
    }

    /// Returns the calls so far, in the order of arrival.
    pub fn log(&self) -> Vec<LogEntry> {
        self.log.entries()
    }

    /// Returns the calls so far, in figures.
    pub fn stats(&self) -> Stats {
        Stats::of(&self.log.entries(), self.log.most_concurrent())
    }

    /// Removes the calls so far from the log.
    pub fn clear_log(&self) {
        self.log.clear();
    }

    /// Adds a fault, which counts calls from now on.
    pub fn add_fault(&self, fault: Fault) {
        let edition = self.options.edition;
        let mut hooks = self.hooks.write().unwrap_or_else(PoisonError::into_inner);
        hooks.push(Arc::new(ArmedFault { fault, edition }));
    }

    /// Removes every fault. Bad tickets stay bad, quirks stay.
    pub fn clear_faults(&self) {
        let mut hooks = self.hooks.write().unwrap_or_else(PoisonError::into_inner);
        hooks.truncate(self.options.quirks.len());
    }

    pub(crate) fn hooks(&self) -> Vec<Arc<dyn Hook>> {
        self.hooks.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
