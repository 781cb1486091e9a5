//! One pacer for everything that is sent with one tenant's credentials.
//!
//! At most N requests in any 60 seconds: the times of the last N requests are remembered, and the next
//! one waits until the oldest of them is [`WINDOW`] ago. The first [`BURST`] requests of a quiet minute go
//! at once, the rest is spread evenly: a program that is stopped and started again forgets what it sent,
//! and even spreading keeps even that within a few requests of the limit.

use std::collections::VecDeque;
use std::sync::Mutex as SyncMutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// The server counts a request when it arrives, we when it leaves: the second above the minute is for the
/// difference, such as a connection that is still being made.
const WINDOW: Duration = Duration::from_secs(61);

/// Requests that a quiet minute may begin with at once.
const BURST: usize = 10;

#[derive(Debug)]
pub(crate) struct Pacer {
    /// 0 means no limit.
    limit: usize,
    /// Held while waiting, so that requests go in the order in which they came.
    sent: Mutex<VecDeque<Instant>>,
    paused_until: SyncMutex<Option<Instant>>,
    answers: AtomicU64,
}

impl Pacer {
    pub(crate) fn new(requests_per_minute: u32) -> Self {
        Self {
            limit: requests_per_minute as usize,
            sent: Mutex::default(),
            paused_until: SyncMutex::default(),
            answers: AtomicU64::new(0),
        }
    }

    /// Waits for the next free place. Cancel-safe: a caller that gives up has used none.
    pub(crate) async fn place(&self) {
        let mut sent = self.sent.lock().await;
        while let Some(free_at) = self.free_at(&mut sent, Instant::now()) {
            sleep_until(free_at).await;
        }
        if self.limit > 0 {
            sent.push_back(Instant::now());
        }
    }

    /// Nobody sends anything before `wait` is over.
    pub(crate) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut paused_until = self.pause_lock();
        *paused_until = Some(paused_until.map_or(until, |earlier| earlier.max(until)));
    }

    /// A request was answered well.
    pub(crate) fn answered(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests answered well so far: whether others get through while one does not.
    pub(crate) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Pages worth asking for ahead of need, so that answers of this latency do not lower the pace.
    pub(crate) fn useful_in_flight(&self, latency: Duration) -> usize {
        if self.limit == 0 {
            1
        } else {
            1 + (latency.as_secs_f64() / self.spacing().as_secs_f64()) as usize
        }
    }

    /// When the next request may go, `None` if now.
    fn free_at(&self, sent: &mut VecDeque<Instant>, now: Instant) -> Option<Instant> {
        while sent.front().is_some_and(|first| *first + WINDOW <= now) {
            sent.pop_front();
        }
        let paused = *self.pause_lock();
        let full =
            (self.limit > 0 && sent.len() >= self.limit).then(|| sent[sent.len() - self.limit] + WINDOW);
        let burst = BURST.min(self.limit.div_ceil(10));
        let spread = sent
            .back()
            .filter(|_| sent.len() >= burst)
            .map(|last| *last + self.spacing());
        [paused, full, spread]
            .into_iter()
            .flatten()
            .filter(|free_at| *free_at > now)
            .max()
    }

    fn spacing(&self) -> Duration {
        Duration::from_secs(60) / self.limit.max(1) as u32
    }

    fn pause_lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.paused_until
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds since the start at which `count` requests go.
    async fn times(pacer: &Pacer, count: usize) -> Vec<f64> {
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..count {
            pacer.place().await;
            times.push(start.elapsed().as_secs_f64());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn never_more_than_the_limit_in_any_minute_and_hardly_less() {
        for limit in [1, 7, 30, 100, 250] {
            let pacer = Pacer::new(limit);
            let times = times(&pacer, 5 * limit as usize).await;
            for window in times.windows(limit as usize + 1) {
                assert!(
                    window[limit as usize] - window[0] > 60.0,
                    "limit {limit}: {window:?}"
                );
            }
            let last = times.last().expect("at least one");
            assert!(
                *last < 5.0 * 61.5,
                "limit {limit}: {last} s for five minutes' worth"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_minute_begins_with_a_burst() {
        let times = times(&Pacer::new(100), 12).await;
        assert!(times[9] < 0.1, "{times:?}");
        assert!(times[11] > 1.1, "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody_also_those_who_wait_already() {
        let pacer = Pacer::new(60);
        times(&pacer, 6).await;
        let start = Instant::now();
        let (_, ()) = tokio::join!(pacer.place(), async { pacer.pause(Duration::from_secs(120)) });
        assert!(start.elapsed() >= Duration::from_secs(120));
    }

    #[tokio::test(start_paused = true)]
    async fn no_limit_never_waits() {
        let times = times(&Pacer::new(0), 10_000).await;
        assert!(times.iter().all(|time| *time < 0.001));
    }
}
