//! One pacer for everything that is sent with one tenant's credentials.
//!
//! At most N requests in any 60 seconds: the times of the last N requests are remembered, and the next
//! one waits until the oldest of them is [`WINDOW`] ago. The first [`BURST`] requests of a quiet minute go
//! at once, the rest is spread evenly: a program that is stopped and started again forgets what it sent,
//! and even spreading keeps even that within a few requests of the limit.
//!
//! No vendor figure for the limit exists, so N is [learned](learn): halved when the server throttles, won
//! back slowly, never above what the operator allows. Nothing is sent while a lock lasts: calls during a
//! lock lengthen it.

mod learn;

use std::collections::VecDeque;
use std::sync::Mutex as SyncMutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use learn::Learned;

/// The server counts a request when it arrives, we when it leaves: the second above the minute is for the
/// difference, such as a connection that is still being made.
const WINDOW: Duration = Duration::from_secs(61);

/// Requests that a quiet minute may begin with at once.
const BURST: usize = 10;

/// Waited on top of what a server tells, which may round down.
const LOCK_MARGIN: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Pacer {
    learned: SyncMutex<Learned>,
    /// Held while waiting, so that requests go in the order in which they came.
    sent: Mutex<VecDeque<Instant>>,
    paused_until: SyncMutex<Option<Instant>>,
    answers: AtomicU64,
}

impl Pacer {
    /// `requests_per_minute` is the most that is allowed, 0 for no limit; `learned` what an earlier pacer
    /// ended with.
    pub(crate) fn new(requests_per_minute: u32, learned: Option<u32>) -> Self {
        Self {
            learned: SyncMutex::new(Learned::new(requests_per_minute, learned)),
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
        if self.limit() > 0 {
            sent.push_back(Instant::now());
        }
    }

    /// The server throttled: nobody sends anything before `wait` is over, and less from then on.
    pub(crate) fn throttled(&self, wait: Duration) {
        let now = Instant::now();
        let until = now + wait + LOCK_MARGIN;
        let mut paused_until = lock(&self.paused_until);
        // Requests that were on their way together are refused together: one reason to slow down, not many.
        if paused_until.is_none_or(|paused| paused <= now) {
            lock(&self.learned).throttled(until);
        }
        *paused_until = Some(paused_until.map_or(until, |earlier| earlier.max(until)));
    }

    /// A request was answered well.
    pub(crate) fn answered(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        lock(&self.learned).answered(Instant::now());
    }

    /// Requests answered well so far: whether others get through while one does not.
    pub(crate) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Requests a minute that were learned to be safe; `None` while the allowed pace is.
    pub(crate) fn learned(&self) -> Option<u32> {
        lock(&self.learned).pace()
    }

    /// Pages worth asking for ahead of need, so that answers of this latency do not lower the pace.
    pub(crate) fn useful_in_flight(&self, latency: Duration) -> usize {
        match self.limit() {
            0 => 1,
            limit => 1 + (latency.as_secs_f64() / spacing(limit).as_secs_f64()) as usize,
        }
    }

    /// When the next request may go, `None` if now.
    fn free_at(&self, sent: &mut VecDeque<Instant>, now: Instant) -> Option<Instant> {
        while sent.front().is_some_and(|first| *first + WINDOW <= now) {
            sent.pop_front();
        }
        let paused = *lock(&self.paused_until);
        let limit = self.limit();
        let full = (limit > 0 && sent.len() >= limit).then(|| sent[sent.len() - limit] + WINDOW);
        let burst = BURST.min(limit.div_ceil(10));
        let spread = sent
            .back()
            .filter(|_| limit > 0 && sent.len() >= burst)
            .map(|last| *last + spacing(limit));
        [paused, full, spread]
            .into_iter()
            .flatten()
            .filter(|free_at| *free_at > now)
            .max()
    }

    /// Requests a minute at present, 0 for no limit.
    fn limit(&self) -> usize {
        lock(&self.learned).limit() as usize
    }
}

fn spacing(limit: usize) -> Duration {
    Duration::from_secs(60) / u32::try_from(limit.max(1)).unwrap_or(u32::MAX)
}

fn lock<T>(mutex: &SyncMutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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
            let pacer = Pacer::new(limit, None);
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
        let times = times(&Pacer::new(100, None), 12).await;
        assert!(times[9] < 0.1, "{times:?}");
        assert!(times[11] > 1.1, "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_holds_everybody_also_those_who_wait_already() {
        let pacer = Pacer::new(60, None);
        times(&pacer, 6).await;
        let start = Instant::now();
        let (_, ()) = tokio::join!(pacer.place(), async { pacer.throttled(Duration::from_secs(120)) });
        assert!(start.elapsed() >= Duration::from_secs(120));
        assert_eq!(pacer.learned(), Some(30));
    }

    #[tokio::test(start_paused = true)]
    async fn no_limit_never_waits_until_the_server_throttles() {
        let pacer = Pacer::new(0, None);
        assert!(times(&pacer, 10_000).await.iter().all(|time| *time < 0.001));
        pacer.throttled(Duration::from_secs(1));
        assert_eq!(pacer.learned(), Some(3_000));
        assert!(times(&pacer, 3_100).await[3_099] > 60.0);
    }
}
