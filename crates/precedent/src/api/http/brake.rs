//! Slows down callers that fail to sign in.
//!
//! A wrong token or signature costs a database lookup, so the brake limits failures before the lookup: per address of
//! the caller (an IPv4 address, or the /64 of an IPv6 address), and for all addresses together. The second limit also
//! holds for an attacker with many addresses, although the table of addresses is bounded.
//!
//! Honest callers may share the address of a hostile one, for example behind a proxy. So only failures count, and
//! tokens that succeeded within the last hour pass whatever their address did: the brake remembers their digests. Every request is still verified; a revoked token is refused
//! immediately. A valid token that the brake has not seen yet is known by its id (see [`super::known_tokens`]); one that
//! was created a moment ago shares a slow lane with the failing callers of its address.
//!
//! Webhooks cost no lookup, so their secret is compared first: the right one always passes. Wrong ones count for their
//! address and for the webhook.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;
use sha2::{Digest, Sha256};
use ticket::TenantId;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::bucket::{Bucket, Size};
use super::origin::Origin;
use super::problem::Problem;
use super::warning::WarningInterval;
use crate::api::time_limit::{TRY_AGAIN_SECONDS, in_time};
use crate::setup::Metrics;

/// Limit of failures per address.
const OF_ADDRESS: Size = Size {
    most: 60.0,
    per_second: 1.0,
};

/// Limit of failures of all addresses together.
const OF_ALL: Size = Size {
    most: 600.0,
    per_second: 10.0,
};

/// Limit of failures per webhook, from any address.
const OF_WEBHOOK: Size = OF_ADDRESS;

/// Limit of database lookups for unknown callers whose address is limited.
const SLOW_LANE: Size = Size {
    most: 20.0,
    per_second: 5.0,
};

/// Maximum numbers of addresses and of webhooks whose failures are counted.
const ADDRESSES: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");

/// Maximum number of tokens that are remembered as good, and the time for which they are.
const GOOD: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");
const GOOD_FOR: Duration = Duration::from_secs(3_600);

/// Maximum number of concurrent database lookups for unknown callers; fewer than the connections of a pool.
const TURNS: usize = 2;

/// SHA-256 of a token that a caller presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shown([u8; 32]);

impl Shown {
    pub(super) fn token(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

pub(crate) struct Brake {
    turns: Semaphore,
    state: Mutex<State>,
    metrics: Arc<Metrics>,
    warning: WarningInterval,
}

struct State {
    addresses: LruCache<Origin, Bucket>,
    webhooks: LruCache<TenantId, Bucket>,
    all: Bucket,
    slow_lane: Bucket,
    /// Time of the last success.
    good: LruCache<Shown, Instant>,
}

/// An admitted attempt to sign in.
pub(super) struct Attempt<'a> {
    brake: &'a Brake,
    origin: Origin,
    shown: Option<Shown>,
    turn: Option<SemaphorePermit<'a>>,
}

impl Brake {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        let now = Instant::now();
        Self {
            turns: Semaphore::new(TURNS),
            state: Mutex::new(State {
                addresses: LruCache::new(ADDRESSES),
                webhooks: LruCache::new(ADDRESSES),
                all: Bucket::empty(now),
                slow_lane: Bucket::empty(now),
                good: LruCache::new(GOOD),
            }),
            metrics,
            warning: WarningInterval::default(),
        }
    }

    /// Admits an attempt to the database; waits for a turn if the credential is unknown. `shown` is `None` if the
    /// caller presented no valid form of credential.
    ///
    /// # Errors
    /// The response to a caller whose address failed too often.
    pub(super) async fn admit(&self, origin: Origin, shown: Option<Shown>) -> Result<Attempt<'_>, Problem> {
        let known = shown
            .as_ref()
            .is_some_and(|shown| self.state().is_good(shown, Instant::now()));
        let turn = match known || shown.is_none() {
            true => None,
            false => Some(self.turn().await?),
        };
        if !known {
            // Checked after the wait, because other callers of this address may have failed meanwhile.
            let checked = self.state().check(origin, shown.is_some(), Instant::now());
            checked.map_err(|seconds| self.refuse(seconds))?;
        }
        Ok(Attempt {
            brake: self,
            origin,
            shown,
            turn,
        })
    }

    /// Admits a token whose id is known although its address failed too often.
    ///
    /// # Errors
    /// There is no turn in time.
    pub(super) async fn admit_known(&self, origin: Origin, shown: Shown) -> Result<Attempt<'_>, Problem> {
        Ok(Attempt {
            brake: self,
            origin,
            shown: Some(shown),
            turn: Some(self.turn().await?),
        })
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, Problem> {
        let turn = in_time(self.turns.acquire()).await;
        turn.map_err(|_| Problem::unavailable(TRY_AGAIN_SECONDS))
    }

    /// Records an event without the right secret or signature. Returns `problem`, or the refusal if its address or its
    /// webhook is limited. The secret is compared before, so the right one always passes.
    pub(super) fn webhook_failed(
        &self,
        origin: Origin,
        tenant: Option<&TenantId>,
        problem: Problem,
    ) -> Problem {
        self.metrics.count_failed_sign_in();
        let now = Instant::now();
        let mut state = self.state();
        let of_webhook = tenant.and_then(|tenant| state.fail_webhook(tenant, now));
        let seconds = state.fail(origin, None, now).max(of_webhook);
        drop(state);
        match seconds {
            Some(seconds) => self.refuse(seconds),
            None => problem,
        }
    }

    fn refuse(&self, seconds: u64) -> Problem {
        self.metrics.count_refused_sign_in();
        if self.warning.is_due() {
            tracing::warn!(
                "refusing callers that failed to sign in too often; precedent_sign_ins_refused_total counts them"
            );
        }
        Problem::too_many_failures(seconds)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// Gives the turn back after the database lookup.
    pub(super) fn looked_up(&mut self) {
        self.turn = None;
    }

    /// Records that the caller is authenticated.
    pub(super) fn succeeded(self) {
        if let Some(shown) = self.shown {
            self.brake.state().good.put(shown, Instant::now());
        }
    }

    /// Records a failure. Returns `problem`, or the refusal if the address is limited.
    pub(super) fn failed(self, problem: Problem) -> Problem {
        let brake = self.brake;
        brake.metrics.count_failed_sign_in();
        let seconds = brake
            .state()
            .fail(self.origin, self.shown.as_ref(), Instant::now());
        match seconds {
            Some(seconds) => brake.refuse(seconds),
            None => problem,
        }
    }
}

impl State {
    fn is_good(&mut self, shown: &Shown, now: Instant) -> bool {
        let since = self.good.get(shown).copied();
        since.is_some_and(|since| now.saturating_duration_since(since) < GOOD_FOR)
    }

    /// Checks an attempt against the limits. `has_credential`: it may use the slow lane.
    ///
    /// # Errors
    /// Seconds until the next attempt, if this one is refused.
    fn check(&mut self, origin: Origin, has_credential: bool, now: Instant) -> Result<(), u64> {
        let Some(seconds) = self.wait(origin, now) else {
            return Ok(());
        };
        if has_credential && self.slow_lane.wait_seconds(SLOW_LANE, now).is_none() {
            self.slow_lane.add(SLOW_LANE, now);
            return Ok(());
        }
        Err(seconds)
    }

    /// Counts a failure. Returns the seconds until the next attempt if the address was limited before it.
    fn fail(&mut self, origin: Origin, shown: Option<&Shown>, now: Instant) -> Option<u64> {
        // A token that fails is no longer good.
        if let Some(shown) = shown {
            self.good.pop(shown);
        }
        let seconds = self.wait(origin, now);
        if seconds.is_none() {
            self.all.add(OF_ALL, now);
            let bucket = self.addresses.get_or_insert_mut(origin, || Bucket::empty(now));
            bucket.add(OF_ADDRESS, now);
        }
        seconds
    }

    /// Counts a failure of a webhook. Returns the seconds until the next attempt if it was limited before.
    fn fail_webhook(&mut self, tenant: &TenantId, now: Instant) -> Option<u64> {
        let empty = || Bucket::empty(now);
        let bucket = self.webhooks.get_or_insert_mut_ref(tenant, empty);
        let seconds = bucket.wait_seconds(OF_WEBHOOK, now);
        bucket.add(OF_WEBHOOK, now);
        seconds
    }

    fn wait(&mut self, origin: Origin, now: Instant) -> Option<u64> {
        let of_address = self.addresses.get(&origin);
        let of_address = of_address.and_then(|bucket| bucket.wait_seconds(OF_ADDRESS, now));
        of_address.max(self.all.wait_seconds(OF_ALL, now))
    }
}
