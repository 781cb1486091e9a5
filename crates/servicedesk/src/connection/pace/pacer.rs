//! Waits for places at the pace of one connection.

use std::sync::Arc;
use std::sync::Mutex as SyncMutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use tokio::time::sleep;
use tracing::info;

use super::allotment::Allotment;
use super::state::{Admission, PaceState, spacing_ms};
use super::store::PaceStore;
use crate::connection::stop::Stop;
use crate::{Error, Result};

/// Margin on top of the server's own figure, which may be rounded down.
const PAUSE_MARGIN: Duration = Duration::from_millis(500);

/// Longest wait in milliseconds that is not logged.
const SHORT_MS: i64 = 2_000;

/// Longest sleep before the pacer asks the store again; another process may have recorded a pause.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// Waits for places at the pace of one connection.
#[derive(Debug)]
pub(crate) struct Pacer {
    store: Arc<dyn PaceStore>,
    allowed: u32,
    /// Final limit of an earlier pacer, for a store without a state.
    learned_before: Option<u32>,
    /// Locked during a wait, so that requests go in the order of their arrival.
    turn: Mutex<()>,
    allotment: SyncMutex<Allotment>,
    /// Current limit in requests per minute; 0 for no limit.
    limit: AtomicU32,
    answers: AtomicU64,
    /// Whether a request succeeded since the last update of the store.
    answered: AtomicBool,
}

impl Pacer {
    /// Creates a pacer. `requests_per_minute` is the operator's maximum, 0 for no limit; `learned` is the final limit
    /// of an earlier pacer.
    pub(crate) fn new(store: Arc<dyn PaceStore>, requests_per_minute: u32, learned: Option<u32>) -> Self {
        Self {
            store,
            allowed: requests_per_minute,
            learned_before: learned,
            turn: Mutex::default(),
            allotment: SyncMutex::new(Allotment::none()),
            limit: AtomicU32::new(learned.unwrap_or(requests_per_minute)),
            answers: AtomicU64::new(0),
            answered: AtomicBool::new(false),
        }
    }

    /// Waits for the next free place. Cancel-safe: a caller that leaves uses no place.
    ///
    /// # Errors
    /// `Stopped`, `Paused`, and `Pace` if the store failed.
    pub(crate) async fn place(&self, stop: &Stop) -> Result<()> {
        let _turn = stop.before_sending(self.turn.lock()).await?;
        let mut logged = false;
        loop {
            if stop.soft.is_cancelled() {
                return Err(Error::Stopped);
            }
            if lock(&self.allotment).take_one() {
                return Ok(());
            }
            let (admission, now_ms) = stop.before_sending(self.ask()).await??;
            let wait_ms = match admission {
                Admission::Now(places) => {
                    *lock(&self.allotment) = Allotment::new(places);
                    continue;
                }
                Admission::Later(wait_ms) => wait_ms,
                Admission::Paused { until_ms, reason } => {
                    let wait_ms = until_ms - now_ms;
                    if stop
                        .longest_pause
                        .is_some_and(|longest| wait_ms > longest.as_millis() as i64)
                    {
                        let until = DateTime::<Utc>::from_timestamp_millis(until_ms)
                            .unwrap_or(DateTime::<Utc>::MAX_UTC - TimeDelta::days(1));
                        return Err(Error::Paused { until, reason });
                    }
                    if !logged && wait_ms > SHORT_MS {
                        logged = true;
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

    /// Asks the store for places; also returns its time.
    async fn ask(&self) -> Result<(Admission, i64)> {
        let answered = self.answered.swap(false, Ordering::Relaxed);
        let (allowed, learned) = (self.allowed, self.learned_before);
        let admission = SyncMutex::new((Admission::Later(1), 0));
        let change = |state: &mut PaceState, now_ms: i64| {
            if answered {
                state.answered(allowed, learned, now_ms);
            }
            *lock(&admission) = (state.take(allowed, learned, now_ms), now_ms);
            self.limit
                .store(state.learned(allowed, learned).limit(), Ordering::Relaxed);
        };
        self.store.update(&change).await.map_err(Error::Pace)?;
        Ok(lock(&admission).clone())
    }

    /// Records a throttle: nothing is sent for `wait`, and the limit is lower afterwards.
    ///
    /// # Errors
    /// `Pace` if the store failed.
    pub(crate) async fn throttled(&self, wait: Duration, reason: &str) -> Result<()> {
        let wait_ms = self.end_allotment(wait);
        let (allowed, learned) = (self.allowed, self.learned_before);
        let change = |state: &mut PaceState, now_ms: i64| {
            state.throttled(allowed, learned, now_ms, wait_ms, reason);
            self.limit
                .store(state.learned(allowed, learned).limit(), Ordering::Relaxed);
        };
        self.store.update(&change).await.map_err(Error::Pace)
    }

    /// Records a pause for another reason than the pace, such as a locked account: nothing is sent for `wait`.
    ///
    /// # Errors
    /// `Pace` if the store failed.
    pub(crate) async fn pause(&self, wait: Duration, reason: &str) -> Result<()> {
        let wait_ms = self.end_allotment(wait);
        let change = |state: &mut PaceState, now_ms: i64| state.pause(now_ms.saturating_add(wait_ms), reason);
        self.store.update(&change).await.map_err(Error::Pace)
    }

    /// Drops the unused places. Returns the length of the coming pause in milliseconds, with its margin.
    fn end_allotment(&self, wait: Duration) -> i64 {
        *lock(&self.allotment) = Allotment::none();
        i64::try_from((wait + PAUSE_MARGIN).as_millis()).unwrap_or(i64::MAX)
    }

    /// Records a request that succeeded.
    pub(crate) fn answered(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Returns how many requests succeeded so far. A change shows that others succeed while one request fails.
    pub(crate) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Returns the learned limit in requests per minute; `None` while it is the operator's maximum.
    pub(crate) fn learned(&self) -> Option<u32> {
        let limit = self.limit.load(Ordering::Relaxed);
        (limit != self.allowed).then_some(limit)
    }

    /// Returns how many pages to have in flight, so that answers of this latency do not lower the pace.
    pub(crate) fn useful_in_flight(&self, latency: Duration) -> usize {
        match self.limit() {
            0 => 1,
            limit => 1 + (latency.as_millis() as usize / spacing_ms(limit as u64).max(1) as usize),
        }
    }

    /// Returns the current limit in requests per minute; 0 for no limit.
    pub(crate) fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed) as usize
    }
}

fn lock<T>(mutex: &SyncMutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
