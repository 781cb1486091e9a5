//! The simulator as a program: prints one JSON line when it listens, then serves until it is told to stop.

use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use servicedesk_sim::{
    Api, Credentials, Edition, Fault, Limit, LimitAnswer, Options, Quirk, Rows, Simulator, Webhook,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// An honest, faulty ServiceDesk Plus on loopback.
#[derive(Debug, Parser)]
#[command(name = "servicedesk-sim")]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How many tickets; by default as many as the corpus has, else 1000.
    #[arg(long)]
    tickets: Option<u32>,
    /// Gzip JSON lines with texts: id, subject?, description, category?, resolution_text?.
    #[arg(long)]
    corpus: Vec<PathBuf>,
    /// Names the desk: the same seed gives the same tickets.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Over how many days before now the tickets spread.
    #[arg(long, default_value_t = 120)]
    days: u32,
    /// The desk's clock at the start, in milliseconds since the epoch, instead of the wall clock.
    #[arg(long)]
    now_ms: Option<i64>,
    /// How many times faster than real time the desk's clock runs.
    #[arg(long, default_value_t = 1.0)]
    clock_rate: f64,
    /// Changes that happen to tickets by themselves in each day of the desk's clock.
    #[arg(long, default_value_t = 0.0)]
    changes_per_day: f64,
    /// Where these changes are reported to: http://host:port/path.
    #[arg(long)]
    report_to: Option<String>,
    /// A header of the reports, `name: value`; also several.
    #[arg(long)]
    report_header: Vec<String>,
    /// Which ServiceDesk Plus.
    #[arg(long, value_enum, default_value_t)]
    edition: Edition,
    /// Which form of the API.
    #[arg(long, value_enum, default_value_t)]
    api: Api,
    /// What list rows hold.
    #[arg(long, value_enum, default_value_t)]
    rows: Rows,
    /// Answer below /app/PORTAL too (cloud).
    #[arg(long)]
    portal: Option<String>,
    /// Least time of an answer.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Calls admitted in any 60 seconds.
    #[arg(long)]
    limit_per_minute: Option<usize>,
    /// How a call beyond the limit is refused.
    #[arg(long, value_enum, default_value_t)]
    limit_answer: LimitAnswer,
    /// What a refusal tells to wait, instead of the true wait.
    #[arg(long)]
    limit_retry_after_s: Option<u64>,
    /// Refuse everything for so long after a call beyond the limit; calls meanwhile extend it.
    #[arg(long)]
    limit_lock_s: Option<u64>,
    /// Every how many final tickets one is unusable.
    #[arg(long, default_value_t = 0)]
    bad_every: u32,
    /// Every how many tickets one appears twice in lists.
    #[arg(long, default_value_t = 0)]
    duplicate_every: u32,
    /// Every how many tickets one is still open.
    #[arg(long, default_value_t = 10)]
    open_every: u32,
    /// KIND[:key=value,...], KIND being status (code=, body=, retry_after=), hang, reset, truncate, html,
    /// empty, failed, slow (ms=), short-page, no-has-more-rows, total (value=, parts=, days=), endless (rows=new,
    /// again or none), flood (rows=), endless-body, drip or bomb (mib=); calls are chosen by on=, id=, at=, after=,
    /// times=, every=, share=, seed=.
    #[arg(long)]
    fault: Vec<Fault>,
    /// A quirk of real desks, Q1 to Q64, as hard as it can be; also several.
    #[arg(long)]
    quirk: Vec<Quirk>,
    /// How long the locks of quirks last.
    #[arg(long, default_value_t = 2_000)]
    lock_ms: u64,
    /// How long an access token is good for.
    #[arg(long, default_value_t = 3600)]
    token_lifetime_s: u64,
    /// Refreshes allowed in ten minutes; 0 for no limit.
    #[arg(long, default_value_t = 10)]
    token_refreshes: usize,
    /// Cloud lists give description and tags when fields_required names them.
    #[arg(long)]
    list_description: bool,
    /// On-premises lists honour fields_required.
    #[arg(long)]
    on_premises_fields_required: bool,
    #[command(flatten)]
    secrets: Secrets,
    /// Stop when standard input is closed, so that no simulator outlives the test that started it.
    #[arg(long)]
    until_stdin_closes: bool,
}

/// What a client must present; these open nothing but this simulator.
#[derive(Debug, clap::Args)]
struct Secrets {
    /// OAuth client id (cloud).
    #[arg(long, default_value_t = Credentials::default().client_id)]
    client_id: String,
    /// OAuth client secret (cloud).
    #[arg(long, default_value_t = Credentials::default().client_secret)]
    client_secret: String,
    /// OAuth refresh token (cloud).
    #[arg(long, default_value_t = Credentials::default().refresh_token)]
    refresh_token: String,
    /// Key that works like an access token that never expires (cloud).
    #[arg(long, default_value_t = Credentials::default().api_key)]
    api_key: String,
    /// Technician key (on premises and MSP).
    #[arg(long, default_value_t = Credentials::default().authtoken)]
    authtoken: String,
}

impl Arguments {
    fn limit(&self) -> Option<Limit> {
        let calls = self.limit_per_minute?;
        Some(Limit {
            answer: self.limit_answer,
            retry_after: self.limit_retry_after_s.map(Duration::from_secs),
            lock: self.limit_lock_s.map(Duration::from_secs),
            ..Limit::per_minute(calls)
        })
    }

    fn webhook(&self) -> anyhow::Result<Option<Webhook>> {
        let pair = |header: &String| {
            let (name, value) = header.split_once(": ").context("a header is name: value")?;
            Ok((name.to_owned(), value.to_owned()))
        };
        let headers: Vec<_> = self
            .report_header
            .iter()
            .map(pair)
            .collect::<anyhow::Result<_>>()?;
        let webhook = self.report_to.as_deref().map(|url| Webhook::new(url, headers));
        webhook.transpose()
    }

    fn options(self) -> anyhow::Result<Options> {
        let (limit, webhook) = (self.limit(), self.webhook()?);
        Ok(Options {
            listen: self.listen,
            tickets: self.tickets,
            seed: self.seed,
            days: self.days,
            now_ms: self.now_ms,
            edition: self.edition,
            api: self.api,
            rows: self.rows,
            latency: Duration::from_millis(self.latency_ms),
            limit,
            clock_rate: self.clock_rate,
            changes_per_day: self.changes_per_day,
            webhook,
            corpus: self.corpus,
            portal: self.portal,
            bad_every: self.bad_every,
            duplicate_every: self.duplicate_every,
            open_every: self.open_every,
            faults: self.fault,
            quirks: self.quirk,
            lock: Duration::from_millis(self.lock_ms),
            credentials: Credentials {
                client_id: self.secrets.client_id,
                client_secret: self.secrets.client_secret,
                refresh_token: self.secrets.refresh_token,
                api_key: self.secrets.api_key,
                authtoken: self.secrets.authtoken,
            },
            token_lifetime: Duration::from_secs(self.token_lifetime_s),
            token_refreshes: self.token_refreshes,
            list_description: self.list_description,
            on_premises_fields_required: self.on_premises_fields_required,
            ..Options::default()
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let until_stdin_closes = arguments.until_stdin_closes;
    let simulator = Simulator::start(arguments.options()?).await?;
    let desk = simulator.desk();
    println!(
        "{}",
        serde_json::json!({"url": simulator.url(), "credentials": desk.credentials(), "tickets": desk.ticket_count(),
            "authority": simulator.authority()})
    );
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted.context("listen for SIGINT")?,
        () = stdin_closed(), if until_stdin_closes => {}
    }
    // Idle connections end at once; a client that hangs is not waited for.
    drop(tokio::time::timeout(Duration::from_secs(2), simulator.stop()).await);
    Ok(())
}

/// Waits for the end of standard input on a thread of its own: reading it cannot be cancelled.
async fn stdin_closed() {
    let (closed, wait) = oneshot::channel();
    std::thread::spawn(move || {
        let mut rest = [0; 256];
        while std::io::stdin().read(&mut rest).is_ok_and(|count| count > 0) {}
        // Nobody waits any more when another signal came first.
        let _ = closed.send(());
    });
    drop(wait.await);
}
