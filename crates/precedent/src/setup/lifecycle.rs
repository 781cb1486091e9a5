//! How a process stops: the one place that listens for signals.
//!
//! The first SIGINT or SIGTERM is soft: no further request is sent, what was fetched is stored. Soon after it becomes
//! hard: answers are not awaited any longer. Then the time of a command is over, whatever it still waits for. A second
//! signal ends everything at once.

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;
use engine::source::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::exit::{ExitCode, Failure};

/// Time for answers that are on their way.
const ANSWERS: Duration = Duration::from_millis(1_000);

/// Time for storing what came.
const STORING: Duration = Duration::from_millis(800);

/// What tells the parts of a process to stop.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    stop: Stop,
    /// The time of a command is over.
    over: CancellationToken,
    /// A second signal came.
    at_once: CancellationToken,
    listening: OnceLock<()>,
}

impl Lifecycle {
    /// What ends the work of this process; listens for signals from now on.
    pub(crate) fn stop(&self) -> anyhow::Result<Stop> {
        if self.listening.set(()).is_ok() {
            let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
            let [interrupt, terminate] = signals;
            let signals = Signals {
                interrupt: interrupt.context("listen for SIGINT")?,
                terminate: terminate.context("listen for SIGTERM")?,
            };
            let (stop, over, at_once) = (self.stop.clone(), self.over.clone(), self.at_once.clone());
            // Ends with the runtime.
            tokio::spawn(listen(signals, stop, over, at_once));
        }
        Ok(self.stop.clone())
    }

    /// Waits until the time of a command is over that was told to stop.
    pub(crate) async fn over(&self) -> Failure {
        self.over.cancelled().await;
        Failure::new(
            ExitCode::Interrupted,
            "stopped before everything in hand was stored",
        )
        .hint("give the same command again: it goes on where it stopped")
    }

    /// The end of a command's time, for a service that ends its parts one by one.
    pub(crate) fn over_token(&self) -> CancellationToken {
        self.over.clone()
    }

    /// A second signal, which nothing waits for.
    pub(crate) fn at_once_token(&self) -> CancellationToken {
        self.at_once.clone()
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

async fn listen(mut signals: Signals, stop: Stop, over: CancellationToken, at_once: CancellationToken) {
    signals.next().await;
    info!("stopping: no further request is sent; once more to stop at once");
    stop.soft.cancel();
    let in_order = async {
        sleep(ANSWERS).await;
        stop.hard.cancel();
        sleep(STORING).await;
        over.cancel();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = in_order => {}
        () = signals.next() => {}
    }
    stop.hard.cancel();
    over.cancel();
    at_once.cancel();
}
