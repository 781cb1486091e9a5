//! Starts the worker processes, and starts another one whenever one ends.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use engine::source::Stop;
use store::RetryPolicy;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdout, Command};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::setup::{JobReport, Metrics};

/// Option that makes a worker process of `precedent serve`.
pub(crate) const WORKER_OPTION: &str = "--worker-process";

/// Time before another process is started. It doubles with each process that ends soon.
const RESTARTS: RetryPolicy = RetryPolicy {
    first: TimeDelta::milliseconds(200),
    longest: TimeDelta::seconds(30),
    attempts: u32::MAX,
};

/// A process that ran this long did not end soon.
const STABLE: Duration = Duration::from_secs(60);

/// Time for a stopped process to end after the service's own shutdown timed out.
const GRACE: Duration = Duration::from_secs(1);

/// Keeps worker processes running.
pub(crate) struct Supervisor {
    metrics: Arc<Metrics>,
    stop: Stop,
    /// The shutdown of the service timed out.
    over: CancellationToken,
}

impl Supervisor {
    pub(crate) fn new(metrics: Arc<Metrics>, stop: Stop, over: CancellationToken) -> Self {
        Self { metrics, stop, over }
    }

    /// Keeps this number of processes running until the service stops, then ends them. Dropping the future kills them.
    pub(crate) async fn run(&self, processes: u32) {
        futures::future::join_all((0..processes).map(|_| self.keep_running())).await;
    }

    async fn keep_running(&self) {
        let mut failures = 0;
        while !self.stop.soft.is_cancelled() {
            let started = Instant::now();
            let ended = self.run_one().await;
            if self.stop.soft.is_cancelled() {
                return;
            }
            failures = if started.elapsed() < STABLE {
                failures + 1
            } else {
                1
            };
            let pause = RESTARTS.backoff(failures).to_std().unwrap_or_default();
            let next = format_args!("starting another one in {} ms", pause.as_millis());
            match ended {
                Ok(status) => error!("a worker process ended ({status}); {next}"),
                Err(error) => error!("a worker process could not be run ({error}); {next}"),
            }
            self.metrics.count_ended_worker();
            tokio::select! {
                () = self.stop.soft.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Runs a process until it ends. Ends it when the service stops.
    async fn run_one(&self) -> std::io::Result<ExitStatus> {
        let mut process = Command::new(program()?)
            .args(std::env::args_os().skip(1))
            .arg(WORKER_OPTION)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A signal of the terminal goes to the service alone, which stops its parts in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let id = process.id().unwrap_or_default();
        info!("started the worker process {id}");
        // The process ends when its input does, also if this process is killed.
        let input = process.stdin.take();
        let reports = process.stdout.take();
        let (ended, ()) = tokio::join!(
            async {
                let ended = tokio::select! {
                    ended = process.wait() => ended,
                    () = self.stop.soft.cancelled() => {
                        drop(input);
                        self.wait_or_kill(&mut process).await
                    }
                };
                ended
            },
            self.count(reports),
        );
        ended
    }

    async fn wait_or_kill(&self, process: &mut tokio::process::Child) -> std::io::Result<ExitStatus> {
        let late = async {
            self.over.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            ended = process.wait() => ended,
            () = late => {
                warn!("killed a worker process that did not stop; unfinished jobs will be retried");
                process.kill().await?;
                process.wait().await
            }
        }
    }

    /// Counts the reports of a process until it ends.
    async fn count(&self, reports: Option<ChildStdout>) {
        let Some(reports) = reports else { return };
        let mut lines = BufReader::new(reports).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            match serde_json::from_str::<JobReport>(&line) {
                Ok(report) => self.metrics.count_report(&report),
                Err(error) => warn!("a worker process reported what is no outcome of a job: {error}"),
            }
        }
    }
}

/// Returns the file of this program. On Linux it is the running one, also after its file was replaced.
fn program() -> std::io::Result<std::path::PathBuf> {
    match cfg!(target_os = "linux") {
        true => Ok("/proc/self/exe".into()),
        false => std::env::current_exe(),
    }
}
