//! While the server runs, the desk lives: changes happen when they are due and are reported.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::wait_until;
use crate::desk::{Change, Desk};

/// Between two looks at what is due.
const TICK: Duration = Duration::from_millis(20);

/// Reports on their way; beyond it they are lost, as those of a real desk are.
const WAITING_REPORTS: usize = 1_000;

/// Lives until the server stops.
pub(super) async fn live(desk: Arc<Desk>, stopped: watch::Receiver<bool>) {
    let (report, reports) = mpsc::channel(WAITING_REPORTS);
    tokio::select! {
        () = wait_until(stopped) => {}
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
                desk.reports.dropped();
            }
        }
    }
}

async fn send(desk: &Desk, mut reports: mpsc::Receiver<Change>) {
    while let Some(change) = reports.recv().await {
        if let Some(webhook) = desk.webhook() {
            webhook.report(&change, &desk.reports).await;
        }
    }
}
