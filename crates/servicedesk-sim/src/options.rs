//! Everything that can be chosen about a simulated desk.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;

use crate::edition::{Api, Edition, Rows};
use crate::fault::Fault;
use crate::quirk::Quirk;
use crate::report::Webhook;

/// How to start a [`crate::Simulator`].
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How many tickets the desk starts with; without a number, as many as the corpus has, else 1,000.
    pub tickets: Option<u32>,
    /// Files of gzip JSON lines whose texts come first, in file order.
    pub corpus: Vec<PathBuf>,
    /// Names the desk: the same seed gives the same tickets.
    pub seed: u64,
    /// Over how many days before now the tickets spread.
    pub days: u32,
    /// The desk's clock at the start, in milliseconds since the epoch; without it, the wall clock.
    pub now_ms: Option<i64>,
    /// How many times faster than real time the desk's clock runs: times of tickets go by it; tokens, locks and limits
    /// by real time.
    pub clock_rate: f64,
    /// Changes that happen to tickets by themselves in each day of the desk's clock.
    pub changes_per_day: f64,
    /// Where these changes are reported to.
    pub webhook: Option<Webhook>,
    /// Which ServiceDesk Plus this is.
    pub edition: Edition,
    /// Which form of the API it speaks.
    pub api: Api,
    /// What list rows hold.
    pub rows: Rows,
    /// The portal whose `/app/{portal}` path answers too; cloud only.
    pub portal: Option<String>,
    /// Time that every API answer takes at least.
    pub latency: Duration,
    /// The pace limit, if any.
    pub limit: Option<Limit>,
    /// Every how many final tickets one is unusable; 0 for never.
    pub bad_every: u32,
    /// Every how many tickets one appears twice in lists; 0 for never.
    pub duplicate_every: u32,
    /// Every how many tickets one is still open; 0 for never.
    pub open_every: u32,
    /// Faults from the start.
    pub faults: Vec<Fault>,
    /// Quirks of real desks, each as hard as it can be.
    pub quirks: Vec<Quirk>,
    /// How long the locks of quirks last.
    pub lock: Duration,
    /// What a client must present.
    pub credentials: Credentials,
    /// How long an access token is good for.
    pub token_lifetime: Duration,
    /// Refreshes allowed in ten minutes before the accounts server locks; 0 for no limit.
    pub token_refreshes: usize,
    /// How long that lock holds; asking during it starts it anew.
    pub token_lock: Duration,
    /// Whether cloud lists give `description` and `tags` when `fields_required` names them (unproven).
    pub list_description: bool,
    /// Whether on-premises lists honour `fields_required` (differs by build).
    pub on_premises_fields_required: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tickets: None,
            corpus: Vec::new(),
            seed: 1,
            days: 120,
            now_ms: None,
            clock_rate: 1.0,
            changes_per_day: 0.0,
            webhook: None,
            edition: Edition::default(),
            api: Api::default(),
            rows: Rows::default(),
            portal: None,
            latency: Duration::ZERO,
            limit: None,
            bad_every: 0,
            duplicate_every: 0,
            open_every: 10,
            faults: Vec::new(),
            quirks: Vec::new(),
            lock: Duration::from_secs(2),
            credentials: Credentials::default(),
            token_lifetime: Duration::from_secs(3_600),
            token_refreshes: 10,
            token_lock: Duration::from_secs(120),
            list_description: false,
            on_premises_fields_required: false,
        }
    }
}

/// The secrets of the simulated desk; they open nothing else.
#[derive(Clone, Debug, Serialize)]
pub struct Credentials {
    /// OAuth client id (cloud).
    pub client_id: String,
    /// OAuth client secret (cloud).
    pub client_secret: String,
    /// OAuth refresh token (cloud).
    pub refresh_token: String,
    /// A key that is accepted like an access token that never expires (cloud and the story's form).
    pub api_key: String,
    /// Technician key (on premises and MSP).
    pub authtoken: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            client_id: "1000.SIMCLIENT".into(),
            client_secret: "sim-client-secret".into(),
            refresh_token: "1000.sim.refresh".into(),
            api_key: "sim-api-key".into(),
            authtoken: "SIM-TECHNICIAN-KEY".into(),
        }
    }
}

/// A pace limit over a sliding window.
#[derive(Clone, Debug)]
pub struct Limit {
    /// API calls that one window admits; refused calls do not count.
    pub calls: usize,
    /// Length of the window.
    pub window: Duration,
    /// How a call beyond it is answered.
    pub answer: LimitAnswer,
    /// What `Retry-After` and "again after" say; without it, the true wait, rounded up.
    pub retry_after: Option<Duration>,
    /// How long everything is refused after a call beyond the limit; each call during the lock starts it anew.
    pub lock: Option<Duration>,
}

impl Limit {
    /// This many calls in any 60 s, refused with 429 and a true `Retry-After`.
    pub fn per_minute(calls: usize) -> Self {
        let window = Duration::from_secs(60);
        Self {
            calls,
            window,
            answer: LimitAnswer::default(),
            retry_after: None,
            lock: None,
        }
    }
}

/// How ServiceDesk Plus says that it was called too often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LimitAnswer {
    /// 429 with `Retry-After` in seconds.
    #[default]
    RetryAfter,
    /// 429 with `Retry-After` as an HTTP date.
    RetryAfterDate,
    /// 429 without `Retry-After`.
    NoHeader,
    /// 400 with code 4015 among the messages.
    #[value(name = "4015")]
    Code4015,
    /// 400 with code 4015 at the top.
    #[value(name = "4015-top")]
    TopCode4015,
    /// 400 with the on-premises text about a blocked URL.
    Blocked,
    /// 400 with "Try again after N minutes" in the text.
    Rolling,
}
