//! What a connection does: whether the server works for it, or waits for its client, and since when.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Time limit for the head of a request, from its first byte; for the first request, from the start of the connection.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Time for which a connection may be idle between two requests; longer than the usual 60 s of proxies, so that they
/// and not the server close an idle connection.
const IDLE_TIME: Duration = Duration::from_secs(75);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A request is answered.
    Work,
    /// The client sends the head of a request.
    Head,
    /// The client sends the body of a request or reads a response, which have their own time limits, or a stream of
    /// events is silent.
    Client,
    /// The client may send another request.
    Idle,
}

/// Activity of one connection, shared by its stream, its requests and the table of connections.
#[derive(Clone, Debug)]
pub(super) struct Activity(Arc<Mutex<(Phase, Instant)>>);

impl Activity {
    /// Starts with the head of the first request.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new((Phase::Head, Instant::now()))))
    }

    /// A request is complete as far as it is needed: the server works.
    pub(super) fn works(&self) {
        *self.phase() = (Phase::Work, Instant::now());
    }

    /// The server waits until the client sends or reads more, or for the next event of a stream. The time counts from
    /// the first wait, however slow the client is.
    pub(super) fn waits_for_client(&self) {
        let mut phase = self.phase();
        if phase.0 == Phase::Work {
            *phase = (Phase::Client, Instant::now());
        }
    }

    /// The client has read all that the server sent so far.
    pub(super) fn has_read(&self) {
        let mut phase = self.phase();
        if phase.0 == Phase::Client {
            *phase = (Phase::Work, Instant::now());
        }
    }

    /// The response is complete.
    pub(super) fn idles(&self) {
        *self.phase() = (Phase::Idle, Instant::now());
    }

    /// Bytes arrived.
    pub(super) fn received(&self) {
        let mut phase = self.phase();
        if phase.0 == Phase::Idle {
            *phase = (Phase::Head, Instant::now());
        }
    }

    /// Returns the time at which a silent connection is closed.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let (phase, since) = *self.phase();
        match phase {
            Phase::Head => Some(since + HEAD_TIME),
            Phase::Idle => Some(since + IDLE_TIME),
            Phase::Work | Phase::Client => None,
        }
    }

    /// Returns since when the server waits for the client; `None` while it works.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        let (phase, since) = *self.phase();
        (phase != Phase::Work).then_some(since)
    }

    fn phase(&self) -> MutexGuard<'_, (Phase, Instant)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
