//! Shutdown of the process: the only place that listens for signals.
//!
//! The first SIGINT or SIGTERM triggers the soft stop: the process sends no further request and stores what it has
//! fetched. The hard stop follows shortly: the process no longer waits for responses. Then the command ends, whatever
//! it still waits for. A second signal ends everything immediately.

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;
use engine::source::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::info;

use crate::exit::{ExitCode, Failure};

/// Time between the soft and the hard stop, for requests in flight.
const ANSWERS: Duration = Duration::from_millis(1_000);

/// Time between the hard stop and the end of the command, for storing fetched tickets.
const STORING: Duration = Duration::from_millis(800);

/// Stop signals of a process.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    stop: Stop,
    /// The shutdown timed out.
    over: CancellationToken,
    /// A second signal arrived.
    at_once: CancellationToken,
    /// Task that listens for signals.
    listener: OnceLock<AbortOnDropHandle<()>>,
}

impl Lifecycle {
    /// Returns the stop signal of this process and starts to listen for signals.
    pub(crate) fn stop(&self) -> anyhow::Result<Stop> {
        self.listen(None)
    }

    /// Returns the stop signal of a process that also stops when `parent_end` is cancelled. Nothing hastens its shutdown,
    /// because a service manager signals it and its parent at the same time.
    pub(crate) fn stop_with_parent(&self, parent_end: CancellationToken) -> anyhow::Result<Stop> {
        self.listen(Some(parent_end))
    }

    fn listen(&self, parent_end: Option<CancellationToken>) -> anyhow::Result<Stop> {
        if self.listener.get().is_none() {
            let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
            let [interrupt, terminate] = signals;
            let signals = Signals {
                interrupt: interrupt.context("listen for SIGINT")?,
                terminate: terminate.context("listen for SIGTERM")?,
            };
            let (stop, over, at_once) = (self.stop.clone(), self.over.clone(), self.at_once.clone());
            let listener = tokio::spawn(shut_down(signals, parent_end, stop, over, at_once));
            // A second listener, if two calls meet here, is dropped and ends.
            let _ = self.listener.set(AbortOnDropHandle::new(listener));
        }
        Ok(self.stop.clone())
    }

    /// Waits until the shutdown of a stopped command times out.
    pub(crate) async fn over(&self) -> Failure {
        self.over.cancelled().await;
        Failure::new(
            ExitCode::Interrupted,
            "stopped before all fetched tickets were stored",
        )
        .hint("run the same command again: it continues where it stopped")
    }

    /// Returns the token of the shutdown timeout, for a service that stops its parts in order.
    pub(crate) fn over_token(&self) -> CancellationToken {
        self.over.clone()
    }

    /// Returns the token of the second signal, after which the process waits for nothing.
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

/// Shuts down in order after the first signal or the end of the parent, and immediately after the next signal.
async fn shut_down(
    mut signals: Signals,
    parent_end: Option<CancellationToken>,
    stop: Stop,
    over: CancellationToken,
    at_once: CancellationToken,
) {
    let alone = parent_end.is_none();
    match &parent_end {
        None => {
            signals.next().await;
            info!("stopping: sending no further requests; signal again to stop immediately");
        }
        Some(end) => tokio::select! {
            () = signals.next() => {}
            () = end.cancelled() => {}
        },
    }
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
        () = signals.next(), if alone => {}
    }
    stop.hard.cancel();
    over.cancel();
    at_once.cancel();
}
