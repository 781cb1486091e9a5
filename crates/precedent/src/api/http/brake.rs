//! Slows down callers that fail to sign in.
//!
//! A wrong token or signature costs a look into the database, so failures are limited before that look: by the caller's
//! address (an IPv4 address, or the /64 of an IPv6 address), and for all addresses together, which holds however many
//! addresses there are and though the table of addresses is bounded.
//!
//! Honest callers may share the address of a hostile one, as behind a proxy. So only failures count, and what was good
//! within the last hour passes whatever its address did: the digest of a whole token, or a tenant whose webhook was
//! signed. It is still verified as ever; a revoked token is refused at once. A token that is good but was not seen yet has to
//! share a slow lane with those that try many while they do.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::Extensions;
use axum::http::request::Parts;
use lru::LruCache;
use sha2::{Digest, Sha256};
use ticket::TenantId;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::bucket::{Bucket, Size};
use super::problem::Problem;
use crate::api::time_limit::{TRY_AGAIN_SECONDS, in_time};
use crate::setup::Metrics;

/// Failures of one address.
const OF_ADDRESS: Size = Size {
    most: 60.0,
    per_second: 1.0,
};

/// Failures of all addresses together.
const OF_ALL: Size = Size {
    most: 600.0,
    per_second: 10.0,
};

/// Looks into the database for unknown callers whose address is on the brake.
const SLOW_LANE: Size = Size {
    most: 20.0,
    per_second: 5.0,
};

/// Addresses whose failures are kept.
const ADDRESSES: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");

/// Tokens and tenants that were good lately.
const GOOD: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");
const GOOD_FOR: Duration = Duration::from_secs(3_600);

/// Looks into the database for unknown callers at the same time; fewer than the connections of a pool.
const TURNS: usize = 2;

/// Minimum time between two warnings.
const WARNING_EVERY: Duration = Duration::from_secs(60);

/// Where a request comes from, as far as the brake tells callers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Origin(IpAddr);

impl From<IpAddr> for Origin {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl Origin {
    pub(super) fn of(extensions: &Extensions) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0.ip())
            .into()
    }
}

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.extensions))
    }
}

/// What a caller shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shown {
    /// SHA-256 of a token.
    Token([u8; 32]),
    /// The tenant whose webhook is called.
    Webhook(TenantId),
}

impl Shown {
    pub(super) fn token(text: &str) -> Self {
        Self::Token(Sha256::digest(text).into())
    }
}

pub(crate) struct Brake {
    turns: Semaphore,
    state: Mutex<State>,
    metrics: Arc<Metrics>,
}

struct State {
    addresses: LruCache<Origin, Bucket>,
    all: Bucket,
    slow_lane: Bucket,
    /// Since when.
    good: LruCache<Shown, Instant>,
    warned_at: Option<Instant>,
}

/// An attempt to sign in that may go on.
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
                all: Bucket::empty(now),
                slow_lane: Bucket::empty(now),
                good: LruCache::new(GOOD),
                warned_at: None,
            }),
            metrics,
        }
    }

    /// Lets an attempt go on to the database, after waiting for a turn if what is `shown` is unknown. `None` is shown by a
    /// caller that cannot be right.
    ///
    /// # Errors
    /// The answer for a caller whose address failed too often.
    pub(super) async fn admit(&self, origin: Origin, shown: Option<Shown>) -> Result<Attempt<'_>, Problem> {
        let known = shown
            .as_ref()
            .is_some_and(|shown| self.state().is_good(shown, Instant::now()));
        let turn = if known || shown.is_none() {
            None
        } else {
            let turn = in_time(self.turns.acquire()).await;
            Some(turn.map_err(|_| Problem::unavailable(TRY_AGAIN_SECONDS))?)
        };
        if !known {
            // After the wait: others of this address may have failed meanwhile.
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

    fn refuse(&self, seconds: u64) -> Problem {
        self.metrics.count_refused_sign_in();
        let warns = self.state().warns(Instant::now());
        if warns {
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
    /// The database was asked; others may ask it.
    pub(super) fn looked_up(&mut self) {
        self.turn = None;
    }

    /// The caller is who it says.
    pub(super) fn succeeded(self) {
        if let Some(shown) = self.shown {
            self.brake.state().good.put(shown, Instant::now());
        }
    }

    /// The caller is not; `problem` is the answer unless its address is on the brake.
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

    /// Seconds until an attempt may be made that is refused now. `worth_a_look`: it may use the slow lane.
    fn check(&mut self, origin: Origin, worth_a_look: bool, now: Instant) -> Result<(), u64> {
        let Some(seconds) = self.wait(origin, now) else {
            return Ok(());
        };
        if worth_a_look && self.slow_lane.wait_seconds(SLOW_LANE, now).is_none() {
            self.slow_lane.add(SLOW_LANE, now);
            return Ok(());
        }
        Err(seconds)
    }

    /// Counts a failure. If the address was on the brake before it: seconds until an attempt may be made.
    fn fail(&mut self, origin: Origin, shown: Option<&Shown>, now: Instant) -> Option<u64> {
        // A token that was good is so no more. A webhook stays good: anybody may name it.
        if let Some(shown @ Shown::Token(_)) = shown {
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

    fn wait(&mut self, origin: Origin, now: Instant) -> Option<u64> {
        let of_address = self.addresses.get(&origin);
        let of_address = of_address.and_then(|bucket| bucket.wait_seconds(OF_ADDRESS, now));
        of_address.max(self.all.wait_seconds(OF_ALL, now))
    }

    fn warns(&mut self, now: Instant) -> bool {
        let warns = self
            .warned_at
            .is_none_or(|at| now.saturating_duration_since(at) >= WARNING_EVERY);
        if warns {
            self.warned_at = Some(now);
        }
        warns
    }
}
