//! The context of a run.
use std::time::Duration;

use store::Store;
use ticket::TenantId;
use tokio_util::task::AbortOnDropHandle;

use super::purpose::Purpose;
use crate::progress::Progress;
use crate::source::{Client, Stop};

/// Context of a run: store, client, tenant, progress, lease, purpose, stop signal.
#[derive(Clone)]
pub struct RunContext<'a> {
    pub(crate) store: &'a Store,
    /// Client of the tenant's helpdesk; its requests end with `stop`.
    pub(crate) client: Client,
    pub(crate) tenant: &'a TenantId,
    pub(crate) progress: &'a Progress,
    /// Epoch of the lease on the tenant.
    pub(crate) epoch: i64,
    pub(crate) purpose: Purpose<'a>,
    pub(crate) stop: Stop,
    /// Duration of a turn, after which other jobs have theirs; `None` for a run without turns.
    pub(crate) turn: Option<Duration>,
}

impl<'a> RunContext<'a> {
    /// Creates the context of a run without turns. `epoch` is the one of the tenant's lease.
    pub fn new(
        store: &'a Store,
        (tenant, client): (&'a TenantId, &Client),
        epoch: i64,
        (progress, purpose): (&'a Progress, Purpose<'a>),
        stop: Stop,
    ) -> Self {
        Self {
            store,
            client: client.stopped_by(stop.clone()),
            tenant,
            progress,
            epoch,
            purpose,
            stop,
            turn: None,
        }
    }

    /// Returns the same context with another purpose.
    pub(crate) fn with_purpose(&self, purpose: Purpose<'a>) -> Self {
        Self {
            purpose,
            ..self.clone()
        }
    }

    /// Returns a context that stops softly at the end of a turn, and a timer that ends when it is dropped.
    pub(crate) fn begin_turn(&self) -> (Self, Option<AbortOnDropHandle<()>>) {
        let stop = self.stop.child();
        let end_of_turn = self.turn.map(|turn| {
            let soft = stop.soft.clone();
            AbortOnDropHandle::new(tokio::spawn(async move {
                tokio::time::sleep(turn).await;
                soft.cancel();
            }))
        });
        let bounded = Self {
            client: self.client.stopped_by(stop.clone()),
            stop,
            ..self.clone()
        };
        (bounded, end_of_turn)
    }
}
