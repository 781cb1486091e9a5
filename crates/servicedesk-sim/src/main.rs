//! The simulator as a program: prints one JSON line when it listens, then serves until it is stopped.

use std::io::Read;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use servicedesk_sim::{Limit, LimitAnswer, Options, Simulator, Webhook};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// A simulated, faulty ServiceDesk Plus on loopback.
#[derive(Debug, Parser)]
#[command(name = "servicedesk-sim")]
struct Arguments {
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    limit: LimitArguments,
    /// Webhook that receives spontaneous changes: http://host:port/path.
    #[arg(long)]
    report_to: Option<String>,
    /// Header of the reports, `name: value`; repeat for several.
    #[arg(long, value_parser = header)]
    report_header: Vec<(String, String)>,
    /// Stop when standard input is closed, so that no simulator outlives the test that started it.
    #[arg(long)]
    until_stdin_closes: bool,
}

#[derive(Debug, clap::Args)]
struct LimitArguments {
    /// Maximum API calls in any 60 seconds.
    #[arg(long)]
    limit_per_minute: Option<usize>,
    /// Form of the refusal beyond the limit.
    #[arg(long, value_enum, default_value_t)]
    limit_answer: LimitAnswer,
    /// Wait that a refusal announces, in seconds, instead of the true wait.
    #[arg(long)]
    limit_retry_after_s: Option<u64>,
    /// Lock all calls for this many seconds after a call beyond the limit; calls meanwhile extend the lock.
    #[arg(long)]
    limit_lock_s: Option<u64>,
}

impl LimitArguments {
    fn limit(&self) -> Option<Limit> {
        Some(Limit {
            answer: self.limit_answer,
            retry_after: self.limit_retry_after_s.map(Duration::from_secs),
            lock: self.limit_lock_s.map(Duration::from_secs),
            ..Limit::per_minute(self.limit_per_minute?)
        })
    }
}

impl Arguments {
    fn options(self) -> anyhow::Result<Options> {
        let webhook = self
            .report_to
            .map(|url| Webhook::new(&url, self.report_header))
            .transpose()?;
        Ok(Options {
            limit: self.limit.limit(),
            webhook,
            ..self.options
        })
    }
}

fn header(text: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = text.split_once(": ").context("a header is name: value")?;
    Ok((name.to_owned(), value.to_owned()))
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
    // Idle connections end at once; the time limit ends the calls that hang.
    drop(tokio::time::timeout(Duration::from_secs(2), simulator.stop()).await);
    Ok(())
}

/// Waits for the end of standard input on a dedicated thread: a read cannot be cancelled.
async fn stdin_closed() {
    let (closed, wait) = oneshot::channel();
    std::thread::spawn(move || {
        let mut rest = [0; 256];
        while std::io::stdin().read(&mut rest).is_ok_and(|count| count > 0) {}
        // The receiver is gone when a signal came first.
        let _ = closed.send(());
    });
    drop(wait.await);
}
