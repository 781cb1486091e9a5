//! Stores webhook events before they are acknowledged.
//!
//! Each tenant has a lane of its own with a bounded number of waiting events. Lanes share a few writers, which serve
//! them in turn, so that a flood of one tenant delays its own events only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use store::{Store, WebhookEvent};
use ticket::TenantId;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::lane::{Lane, Outcome, Writer};
use crate::{Error, Result};

/// Maximum number of transactions at the same time.
const WRITERS: usize = 4;

/// Stores webhook events.
pub struct Intake {
    store: Store,
    writers: Arc<Semaphore>,
    lanes: Mutex<Lanes>,
}

/// Lanes of the tenants that sent an event. Events are accepted for tenants with a webhook only, so they are as many as
/// those.
#[derive(Default)]
struct Lanes {
    of: HashMap<TenantId, Lane>,
    /// The tasks that write; each ends after the last event of its lane.
    writing: JoinSet<()>,
}

impl Intake {
    /// Creates an intake, whose writers end with it.
    pub fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            writers: Arc::new(Semaphore::new(WRITERS)),
            lanes: Mutex::default(),
        }
    }

    /// Stores an event and returns after its transaction is committed. A change notification beyond the limits requests
    /// a sync instead, which reads the change too.
    ///
    /// # Errors
    /// `InboxFull`, and `EventNotStored`, for which the log contains the reason.
    pub async fn accept(&self, tenant: &TenantId, event: WebhookEvent) -> Result<()> {
        match self.lane(tenant).store(event).await {
            Outcome::Stored => Ok(()),
            Outcome::Full => Err(Error::InboxFull),
            Outcome::Failed => Err(Error::EventNotStored),
        }
    }

    fn lane(&self, tenant: &TenantId) -> Lane {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.of.get(tenant) {
            return lane.clone();
        }
        let (lane, events) = Lane::new();
        let writer = Writer {
            store: self.store.clone(),
            tenant: tenant.clone(),
            writers: self.writers.clone(),
        };
        lanes.writing.spawn(writer.write(events));
        lanes.of.insert(tenant.clone(), lane.clone());
        lane
    }
}
