//! Reports of helpdesks, from the moment they are accepted until they are worked off.
//!
//! A report is accepted once it is stored. Many come at once when somebody edits in bulk, so those that wait for the
//! database go there together: [`Intake`]. Working on them is another matter, and another time: [`worker`].

mod changed;
pub(crate) mod worker;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use anyhow::ensure;
use store::{Note, Store};
use ticket::TenantId;
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

/// Writers: each tenant's reports are always with the same one.
const LANES: usize = 4;

/// Reports that wait for a writer before callers wait as well.
const WAITING: usize = 1_000;

/// Reports stored in one transaction.
const TOGETHER: usize = 200;

/// Takes reports in.
pub(crate) struct Intake {
    lanes: Vec<mpsc::Sender<Arrival>>,
}

struct Arrival {
    tenant: TenantId,
    note: Note,
    stored: oneshot::Sender<bool>,
}

impl Intake {
    pub(crate) fn new(store: &Arc<dyn Store>) -> Self {
        let lane = |_| {
            let (sender, receiver) = mpsc::channel(WAITING);
            tokio::spawn(write(store.clone(), receiver));
            sender
        };
        Self {
            lanes: (0..LANES).map(lane).collect(),
        }
    }

    /// Returns once the report is stored for good.
    ///
    /// # Errors
    /// If it could not be; the log says why.
    pub(crate) async fn accept(&self, tenant: &TenantId, note: Note) -> anyhow::Result<()> {
        let (stored, told) = oneshot::channel();
        let arrival = Arrival {
            tenant: tenant.clone(),
            note,
            stored,
        };
        self.lane(tenant).send(arrival).await?;
        ensure!(told.await?, "the report could not be stored");
        Ok(())
    }

    fn lane(&self, tenant: &TenantId) -> &mpsc::Sender<Arrival> {
        let mut hasher = DefaultHasher::new();
        tenant.as_str().hash(&mut hasher);
        &self.lanes[hasher.finish() as usize % self.lanes.len()]
    }
}

async fn write(store: Arc<dyn Store>, mut arrivals: mpsc::Receiver<Arrival>) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while arrivals.recv_many(&mut waiting, TOGETHER).await > 0 {
        let mut tenants: HashMap<TenantId, (Vec<Note>, Vec<oneshot::Sender<bool>>)> = HashMap::new();
        for arrival in waiting.drain(..) {
            let (notes, callers) = tenants.entry(arrival.tenant).or_default();
            notes.push(arrival.note);
            callers.push(arrival.stored);
        }
        for (tenant, (notes, callers)) in tenants {
            let stored = store.add_notes(&tenant, &notes).await;
            if let Err(error) = &stored {
                warn!(tenant_id = %tenant, "{} reports could not be stored: {error}", notes.len());
            }
            for caller in callers {
                // A caller that gave up will send it again.
                let _ = caller.send(stored.is_ok());
            }
        }
    }
}
