//! The life of the desk while the server runs: makes spontaneous changes when they are due, and reports them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::shared::stopped;
use crate::desk::Desk;
use crate::population::change::Change;

/// Interval between two checks for due changes.
const TICK: Duration = Duration::from_millis(20);

/// Maximum number of queued reports; more are lost, as on a real server.
const MAX_QUEUED_REPORTS: usize = 1_000;

/// Changes and reports until the server stops.
pub(super) async fn live(desk: Arc<Desk>, stop: watch::Receiver<bool>) {
    let (report, reports) = mpsc::channel(MAX_QUEUED_REPORTS);
    tokio::select! {
        () = stopped(stop) => {}
        () = change(&desk, report) => {}
        () = send(&desk, reports) => {}
    }
}

async fn change(desk: &Desk, report: mpsc::Sender<Change>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        for change in desk.catch_up() {
            if report.try_send(change).is_err() {
                desk.report_counter.dropped();
            }
        }
    }
}

async fn send(desk: &Desk, mut reports: mpsc::Receiver<Change>) {
    while let Some(change) = reports.recv().await {
        if let Some(webhook) = desk.webhook() {
            webhook.report(&change, &desk.report_counter).await;
        }
    }
}
