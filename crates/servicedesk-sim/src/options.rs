//! The options of a simulated desk. They are also the command line of the program, so each default exists once.

use std::net::SocketAddr;
use std::num::ParseIntError;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::credentials::Credentials;
use crate::edition::{Api, Edition, Rows};
use crate::fault::spec::Fault;
use crate::limit::Limit;
use crate::quirk::catalog::Quirk;
use crate::webhook::Webhook;

/// Options for [`crate::Simulator::start`].
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Address to listen on; port 0 takes a free port.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Number of tickets at the start; by default one for each text of the corpus, or 1000 without a corpus.
    #[arg(long)]
    pub tickets: Option<u32>,
    /// Gzip JSON lines with ticket texts: id, subject?, description, category?, resolution_text?.
    #[arg(long)]
    pub corpus: Vec<PathBuf>,
    /// Seed of the desk: the same seed gives the same tickets.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Days before now over which the tickets spread.
    #[arg(long, default_value_t = 120)]
    pub days: u32,
    /// Start of the desk's clock in milliseconds since the epoch, instead of the wall clock.
    #[arg(long)]
    pub now_ms: Option<i64>,
    /// Speed of the desk's clock relative to real time. Tokens, locks and limits always use real time.
    #[arg(long, default_value_t = 1.0)]
    pub clock_rate: f64,
    /// Spontaneous changes of tickets per day of the desk's clock.
    #[arg(long, default_value_t = 0.0)]
    pub changes_per_day: f64,
    /// Receiver of a report for each spontaneous change.
    #[arg(skip)]
    pub webhook: Option<Webhook>,
    /// Edition of ServiceDesk Plus.
    #[arg(long, value_enum, default_value_t)]
    pub edition: Edition,
    /// Form of the API.
    #[arg(long, value_enum, default_value_t)]
    pub api: Api,
    /// Fields of list rows.
    #[arg(long, value_enum, default_value_t)]
    pub rows: Rows,
    /// Portal whose path /app/PORTAL answers too (cloud).
    #[arg(long)]
    pub portal: Option<String>,
    /// Minimum duration of an API answer, in milliseconds.
    #[arg(long = "latency-ms", default_value = "0", value_parser = milliseconds)]
    pub latency: Duration,
    /// Pace limit, if any.
    #[arg(skip)]
    pub limit: Option<Limit>,
    /// Make one in this many final tickets unusable; 0 for none.
    #[arg(long, default_value_t = 0)]
    pub bad_every: u32,
    /// Repeat one in this many tickets in lists; 0 for none.
    #[arg(long, default_value_t = 0)]
    pub duplicate_every: u32,
    /// Leave one in this many tickets open; 0 for none.
    #[arg(long, default_value_t = 10)]
    pub open_every: u32,
    /// KIND[:key=value,...], KIND being status (code=, body=, retry_after=), hang, reset, truncate, html,
    /// empty, failed, slow (ms=), short-page, no-has-more-rows, total (value=, parts=, days=), endless (rows=new,
    /// again or none), huge (mib=), flood (rows=), endless-body, drip or bomb (mib=, of=blanks or rows). These keys
    /// choose the calls: on=, id=, at=, after=, times=, every=, share=, seed=.
    #[arg(long = "fault", value_name = "FAULT")]
    pub faults: Vec<Fault>,
    /// A quirk of real servers, Q1 to Q64, at its worst; repeat for several.
    #[arg(long = "quirk", value_name = "QUIRK")]
    pub quirks: Vec<Quirk>,
    /// Duration of the locks of quirks, in milliseconds.
    #[arg(long = "lock-ms", default_value = "2000", value_parser = milliseconds)]
    pub lock: Duration,
    /// Secrets that a client must present.
    #[command(flatten)]
    pub credentials: Credentials,
    /// Lifetime of an access token, in seconds.
    #[arg(long = "token-lifetime-s", default_value = "3600", value_parser = seconds)]
    pub token_lifetime: Duration,
    /// Token refreshes in ten minutes before the accounts server locks; 0 for no limit.
    #[arg(long, default_value_t = 10)]
    pub token_refreshes: usize,
    /// Duration of that lock, in seconds; a refresh during the lock restarts it.
    #[arg(long = "token-lock-s", default_value = "120", value_parser = seconds)]
    pub token_lock: Duration,
    /// Return description and tags in cloud lists when fields_required names them (unproven).
    #[arg(long)]
    pub list_description: bool,
    /// Honour fields_required in on-premises lists (differs by build).
    #[arg(long)]
    pub on_premises_fields_required: bool,
}

impl Default for Options {
    /// Returns the defaults of the command line.
    fn default() -> Self {
        #[derive(Parser)]
        struct Defaults {
            #[command(flatten)]
            options: Options,
        }
        let defaults = Defaults::try_parse_from([""]).expect("every option has a default");
        defaults.options
    }
}

fn milliseconds(text: &str) -> Result<Duration, ParseIntError> {
    text.parse().map(Duration::from_millis)
}

fn seconds(text: &str) -> Result<Duration, ParseIntError> {
    text.parse().map(Duration::from_secs)
}
