//! Reads bodies into a bounded amount of memory.
//!
//! Each body counts for as long as it is kept. When the pool is full, the body that has been on its way for longest
//! makes room: an honest one arrives in a moment, so bodies that are held back on purpose displace each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::problem::Problem;
use crate::setup::Metrics;

/// Maximum size of all bodies of a pool.
const POOL_BYTES: usize = 64 << 20;

/// Memory for bodies.
pub(crate) struct BodyPool {
    ledger: Mutex<Ledger>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Ledger {
    /// Size of all bodies.
    bytes: usize,
    /// Bodies on their way, oldest first.
    arriving: BTreeMap<u64, Arriving>,
    next: u64,
}

#[derive(Default)]
struct Arriving {
    bytes: usize,
    displaced: CancellationToken,
}

/// Memory of one body, which is free again when it is dropped.
pub(super) struct Lease<'a> {
    pool: &'a BodyPool,
    number: u64,
    /// Size of the complete body.
    complete_bytes: usize,
}

impl BodyPool {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            ledger: Mutex::default(),
            metrics,
        }
    }

    /// Reads a body. The lease has to be kept as long as the body.
    ///
    /// # Errors
    /// The body is larger than `limit_bytes`, does not arrive in time, or finds no room.
    pub(super) async fn read(
        &self,
        headers: &HeaderMap,
        body: Body,
        limit_bytes: usize,
    ) -> Result<(Bytes, Lease<'_>), Problem> {
        let announced = headers.get(CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|bytes| bytes > limit_bytes) {
            return Err(Problem::too_large(limit_bytes));
        }
        let (mut lease, displaced) = self.lease();
        let mut chunks = body.into_data_stream();
        let mut read = Vec::new();
        loop {
            let chunk = displaced.run_until_cancelled(chunks.next()).await;
            let Some(chunk) = chunk.ok_or_else(|| self.refuse())? else {
                break;
            };
            let chunk = chunk.map_err(|_| Problem::unreadable())?;
            if read.len() + chunk.len() > limit_bytes {
                return Err(Problem::too_large(limit_bytes));
            }
            if !self.ledger().has_room(lease.number, chunk.len()) {
                return Err(self.refuse());
            }
            read.extend_from_slice(&chunk);
        }
        lease.complete();
        Ok((read.into(), lease))
    }

    fn lease(&self) -> (Lease<'_>, CancellationToken) {
        let mut ledger = self.ledger();
        let number = ledger.next;
        ledger.next += 1;
        let arriving = ledger.arriving.entry(number).or_default();
        let lease = Lease {
            pool: self,
            number,
            complete_bytes: 0,
        };
        (lease, arriving.displaced.clone())
    }

    fn refuse(&self) -> Problem {
        self.metrics.count_refused_body();
        Problem::no_room()
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    /// Counts further bytes of a body and displaces older ones while the pool is full. Returns whether the body itself
    /// still has its place.
    fn has_room(&mut self, number: u64, bytes: usize) -> bool {
        let Some(arriving) = self.arriving.get_mut(&number) else {
            return false;
        };
        arriving.bytes += bytes;
        self.bytes += bytes;
        while self.bytes > POOL_BYTES
            && let Some((_, oldest)) = self.arriving.pop_first()
        {
            self.bytes -= oldest.bytes;
            oldest.displaced.cancel();
        }
        self.arriving.contains_key(&number)
    }
}

impl Lease<'_> {
    /// A complete body is no longer displaced.
    fn complete(&mut self) {
        let arriving = self.pool.ledger().arriving.remove(&self.number);
        self.complete_bytes = arriving.map_or(0, |arriving| arriving.bytes);
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut ledger = self.pool.ledger();
        let arriving = ledger.arriving.remove(&self.number);
        ledger.bytes -= self.complete_bytes + arriving.map_or(0, |arriving| arriving.bytes);
    }
}
