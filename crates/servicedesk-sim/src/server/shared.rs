//! The state that all calls share.

use std::sync::Arc;

use tokio::sync::watch;

use crate::desk::Desk;

#[derive(Clone)]
pub(super) struct Server {
    pub(super) desk: Arc<Desk>,
    pub(super) stop: watch::Receiver<bool>,
}

/// Waits until the simulator stops.
pub(super) async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the simulator was dropped, which stops it too.
    drop(stop.wait_for(|stop| *stop).await);
}
