//! One pacer for everything that is sent with one connection's credentials, by whichever process.
//!
//! At most N requests in any 60 seconds. The first few of a quiet minute go at once, the rest is spread evenly. No vendor
//! figure for the limit exists, so N is [learned](learn): halved when the server throttles, won back slowly, never above
//! what the operator allows. Nothing is sent while a lock lasts: calls during a lock lengthen it.
//!
//! The [state] is kept in a [`PaceStore`]: in memory, or in a database that several processes share. At the usual pace
//! each request asks it; at a fast one several requests are taken at once, and where any pace is allowed it is asked
//! a few times a second only, to learn of a pause.

mod learn;
mod state;
mod store;

use std::sync::Arc;
use std::sync::Mutex as SyncMutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};
use tracing::info;

use crate::stop::Stop;
use crate::{Error, Result};

pub use state::PaceState;
pub use store::{InProcess, PaceChange, PaceStore};

use state::{Verdict, spacing_ms};

/// Time for which places that were taken together may be used.
const GRANT: Duration = Duration::from_millis(250);

/// Waited on top of what a server says, which may round down.
const LOCK_MARGIN: Duration = Duration::from_millis(500);

/// A pause in milliseconds that is not worth a line in the log.
const SHORT_MS: i64 = 2_000;

/// Longest sleep before the store is asked again: another process may have learned of a pause meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Pacer {
    store: Arc<dyn PaceStore>,
    allowed: u32,
    /// What an earlier pacer ended with, for a store that knows nothing yet.
    learned_before: Option<u32>,
    /// Held while waiting, so that requests go in the order in which they came.
    turn: Mutex<()>,
    grant: SyncMutex<Grant>,
    /// Requests a minute at present, 0 for no limit.
    limit: AtomicU32,
    answers: AtomicU64,
    /// Whether a request was answered since the store was last told.
    answered: AtomicBool,
}

/// Places that were taken and not used yet.
#[derive(Debug)]
struct Grant {
    /// `None` for any number.
    places: Option<u64>,
    until: Instant,
}

impl Pacer {
    /// `requests_per_minute` is the maximum that is allowed, 0 for no limit; `learned` what an earlier pacer ended with.
    pub(crate) fn new(store: Arc<dyn PaceStore>, requests_per_minute: u32, learned: Option<u32>) -> Self {
        Self {
            store,
            allowed: requests_per_minute,
            learned_before: learned,
            turn: Mutex::default(),
            grant: SyncMutex::new(Grant {
                places: Some(0),
                until: Instant::now(),
            }),
            limit: AtomicU32::new(learned.unwrap_or(requests_per_minute)),
            answers: AtomicU64::new(0),
            answered: AtomicBool::new(false),
        }
    }

    /// Waits for the next free place. Cancel-safe: a caller that leaves has used none.
    ///
    /// # Errors
    /// `Stopped`, `Paused`, and `Pace` if the store failed.
    pub(crate) async fn place(&self, stop: &Stop) -> Result<()> {
        let _turn = stop.before_sending(self.turn.lock()).await?;
        let mut said = false;
        loop {
            if stop.soft.is_cancelled() {
                return Err(Error::Stopped);
            }
            if self.use_grant() {
                return Ok(());
            }
            let (verdict, now_ms) = stop.before_sending(self.ask()).await??;
            let wait_ms = match verdict {
                Verdict::Now(places) => {
                    let until = Instant::now() + GRANT;
                    *lock(&self.grant) = Grant { places, until };
                    continue;
                }
                Verdict::Later(wait_ms) => wait_ms,
                Verdict::Paused { until_ms, reason } => {
                    let wait_ms = until_ms - now_ms;
                    if stop
                        .longest_pause
                        .is_some_and(|longest| wait_ms > longest.as_millis() as i64)
                    {
                        let until = DateTime::<Utc>::from_timestamp_millis(until_ms)
                            .unwrap_or(DateTime::<Utc>::MAX_UTC - TimeDelta::days(1));
                        return Err(Error::Paused { until, reason });
                    }
                    if !said && wait_ms > SHORT_MS {
                        said = true;
                        info!(
                            wait_ms,
                            "waiting {} s before the next request ({reason})",
                            wait_ms / 1_000
                        );
                    }
                    wait_ms
                }
            };
            let wait = Duration::from_millis(wait_ms.max(1).unsigned_abs()).min(LONGEST_SLEEP);
            stop.before_sending(sleep(wait)).await?;
        }
    }

    fn use_grant(&self) -> bool {
        let mut grant = lock(&self.grant);
        if Instant::now() >= grant.until {
            return false;
        }
        match &mut grant.places {
            None => true,
            Some(0) => false,
            Some(places) => {
                *places -= 1;
                true
            }
        }
    }

    async fn ask(&self) -> Result<(Verdict, i64)> {
        let answered = self.answered.swap(false, Ordering::Relaxed);
        let (allowed, learned) = (self.allowed, self.learned_before);
        let verdict = SyncMutex::new((Verdict::Later(1), 0));
        let change = |state: &mut PaceState, now_ms: i64| {
            if answered {
                state.answered(allowed, learned, now_ms);
            }
            *lock(&verdict) = (state.take(allowed, learned, now_ms), now_ms);
            self.limit
                .store(state.learned(allowed, learned).limit(), Ordering::Relaxed);
        };
        self.store.update(&change).await.map_err(Error::Pace)?;
        Ok(lock(&verdict).clone())
    }

    /// The server throttled: nobody sends anything before `wait` is over, and less from then on.
    ///
    /// # Errors
    /// `Pace` if the store failed.
    pub(crate) async fn throttled(&self, wait: Duration, reason: &str) -> Result<()> {
        let wait_ms = self.end_grant(wait);
        let (allowed, learned) = (self.allowed, self.learned_before);
        let change = |state: &mut PaceState, now_ms: i64| {
            state.throttled(allowed, learned, now_ms, wait_ms, reason);
            self.limit
                .store(state.learned(allowed, learned).limit(), Ordering::Relaxed);
        };
        self.store.update(&change).await.map_err(Error::Pace)
    }

    /// Nobody sends anything before `wait` is over, for another reason than the pace: a locked account.
    ///
    /// # Errors
    /// `Pace` if the store failed.
    pub(crate) async fn pause(&self, wait: Duration, reason: &str) -> Result<()> {
        let wait_ms = self.end_grant(wait);
        let change = |state: &mut PaceState, now_ms: i64| state.pause(now_ms.saturating_add(wait_ms), reason);
        self.store.update(&change).await.map_err(Error::Pace)
    }

    /// Gives up the places in hand; milliseconds of the pause that is to come.
    fn end_grant(&self, wait: Duration) -> i64 {
        lock(&self.grant).until = Instant::now();
        i64::try_from((wait + LOCK_MARGIN).as_millis()).unwrap_or(i64::MAX)
    }

    /// A request was answered well.
    pub(crate) fn answered(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Requests answered well so far: whether others get through while one does not.
    pub(crate) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Requests a minute that were learned to be safe; `None` while the allowed pace is.
    pub(crate) fn learned(&self) -> Option<u32> {
        let limit = self.limit.load(Ordering::Relaxed);
        (limit != self.allowed).then_some(limit)
    }

    /// Pages worth asking for ahead of need, so that answers of this latency do not lower the pace.
    pub(crate) fn useful_in_flight(&self, latency: Duration) -> usize {
        match self.limit() {
            0 => 1,
            limit => 1 + (latency.as_millis() as usize / spacing_ms(limit as u64).max(1) as usize),
        }
    }

    /// Requests a minute at present, 0 for no limit.
    pub(crate) fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed) as usize
    }
}

fn lock<T>(mutex: &SyncMutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pacer(requests_per_minute: u32) -> Pacer {
        Pacer::new(Arc::new(InProcess::default()), requests_per_minute, None)
    }

    /// Seconds since the start at which `count` requests go.
    async fn times(pacer: &Pacer, count: usize) -> Vec<f64> {
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..count {
            pacer.place(&Stop::default()).await.expect("a place");
            times.push(start.elapsed().as_secs_f64());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn never_more_than_the_limit_in_any_minute_and_hardly_less() {
        for limit in [1, 7, 30, 100, 250, 2_000] {
            let pacer = pacer(limit);
            let times = times(&pacer, 5 * limit as usize).await;
            for window in times.windows(limit as usize + 1) {
                assert!(
                    window[limit as usize] - window[0] > 60.0,
                    "limit {limit}: {window:?}"
                );
            }
            let last = times.last().expect("at least one");
            assert!(
                *last < 5.0 * 62.5,
                "limit {limit}: {last} s for five minutes' worth"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn two_processes_share_one_limit() {
        let store: Arc<dyn PaceStore> = Arc::new(InProcess::default());
        let pacers = [(); 2].map(|()| Pacer::new(store.clone(), 60, None));
        let start = Instant::now();
        let [one, other] = &pacers;
        let (one, other) = tokio::join!(times(one, 90), times(other, 90));
        assert!(
            start.elapsed() > Duration::from_secs(120),
            "{:?}",
            start.elapsed()
        );
        let mut all = [one, other].concat();
        all.sort_by(f64::total_cmp);
        for window in all.windows(61) {
            assert!(window[60] - window[0] > 60.0, "{window:?}");
        }
        assert!(all[179] < 190.0, "{}", all[179]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_minute_begins_with_a_burst() {
        let times = times(&pacer(100), 12).await;
        assert!(times[9] < 0.1, "{times:?}");
        assert!(times[11] > 1.1, "{times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_holds_everybody_also_those_who_wait_already() {
        let pacer = pacer(60);
        times(&pacer, 6).await;
        let start = Instant::now();
        let stop = Stop::default();
        let lock = pacer.throttled(Duration::from_secs(120), "busy");
        let (place, locked) = tokio::join!(pacer.place(&stop), lock);
        assert!(place.is_ok() && locked.is_ok());
        assert!(start.elapsed() >= Duration::from_secs(120));
        assert_eq!(pacer.learned(), Some(30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_pause_is_told_and_a_stop_ends_every_wait() {
        let pacer = pacer(60);
        pacer
            .throttled(Duration::from_secs(600), "busy")
            .await
            .expect("told");
        let impatient = Stop {
            longest_pause: Some(Duration::from_secs(5)),
            ..Stop::default()
        };
        let start = Instant::now();
        let Err(Error::Paused { reason, .. }) = pacer.place(&impatient).await else {
            panic!("a pause of ten minutes is waited out");
        };
        assert_eq!((reason.as_str(), start.elapsed()), ("busy", Duration::ZERO));
        let stop = Stop::default();
        let cancel = async {
            sleep(Duration::from_secs(2)).await;
            stop.soft.cancel();
        };
        let (place, ()) = tokio::join!(pacer.place(&stop), cancel);
        assert!(matches!(place, Err(Error::Stopped)), "{place:?}");
        assert_eq!(start.elapsed(), Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn no_limit_never_waits_until_the_server_throttles() {
        let pacer = pacer(0);
        assert!(times(&pacer, 10_000).await.iter().all(|time| *time < 0.001));
        pacer
            .throttled(Duration::from_secs(1), "busy")
            .await
            .expect("told");
        assert_eq!(pacer.learned(), Some(3_000));
        assert!(times(&pacer, 3_100).await[3_099] > 60.0);
    }
}
