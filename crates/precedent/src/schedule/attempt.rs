//! One job, or a slice of it.

use std::time::Duration;

use anyhow::Context as _;
use servicedesk::Client;
use store::{Error, Job, JobKind, Lease, Tenant};
use tokio_util::sync::CancellationToken;

use super::Schedule;
use crate::audit::origin;
use crate::hold::give_back;
use crate::import::{Ending, Import, Range};
use crate::progress::Progress;
use crate::sync::{Synced, keep_true};
use crate::{clock, retention};

/// How long an import goes on before others have their turn.
const SLICE: Duration = Duration::from_secs(30);

/// How a job went.
pub(super) enum Done {
    /// Another process works on the tenant.
    Held,
    /// Another process has done it meanwhile.
    NotDue,
    /// Done, or as much of it as is done at a time.
    Worked(Synced),
}

impl Schedule {
    pub(super) async fn attempt(&self, job: &Job, stop: &CancellationToken) -> anyhow::Result<Done> {
        let store = &*self.store;
        let lease = match store.lease(&job.tenant, &origin(), clock::now()).await {
            Ok(lease) => lease,
            Err(Error::Held { .. }) => return Ok(Done::Held),
            Err(error) => return Err(error.into()),
        };
        // Whoever had it until now may have done it.
        if !self.due_of(&job.tenant).await?.contains(job) {
            store.release(&job.tenant, lease).await?;
            return Ok(Done::NotDue);
        }
        let (tenant, client) = self.desks.of(&job.tenant).await?;
        match job.kind {
            JobKind::Import => self.import(job, (&tenant, &client), lease, stop).await,
            JobKind::Sync | JobKind::Reconcile => self.keep_true(job, (&tenant, &client), lease, stop).await,
        }
        .map(Done::Worked)
    }

    async fn keep_true(
        &self,
        job: &Job,
        (tenant, client): (&Tenant, &Client),
        lease: Lease,
        stop: &CancellationToken,
    ) -> anyhow::Result<Synced> {
        let store = &*self.store;
        let every = self.intervals.sync;
        let synced = keep_true(job.kind, store, (tenant, client), lease.epoch, every, stop).await;
        if synced.is_ok() {
            // That it failed before, or was asked for anew.
            store.end_job(&tenant.id, job.kind, None).await?;
        }
        give_back(store, (tenant, client), lease, synced).await
    }

    /// Imports for a while; what is left goes to the end of the queue.
    async fn import(
        &self,
        job: &Job,
        (tenant, client): (&Tenant, &Client),
        lease: Lease,
        stop: &CancellationToken,
    ) -> anyhow::Result<Synced> {
        let store = &*self.store;
        let arguments = job.arguments.as_deref().unwrap_or_default();
        let range: Range = serde_json::from_str(arguments).context("read what is to be imported")?;
        let range = retention::clip(range, tenant, clock::now());
        let slice = stop.child_token();
        let progress = Progress::lines();
        let import = Import {
            store: &self.store,
            client,
            tenant: &tenant.id,
            progress: &progress,
            epoch: lease.epoch,
            stop: &slice,
        };
        let end_of_slice = async {
            tokio::time::sleep(SLICE).await;
            slice.cancel();
            std::future::pending().await
        };
        let ending = tokio::select! {
            ending = import.run(&range, false) => ending,
            ending = end_of_slice => ending,
        };
        progress.finish();
        match ending {
            Ok(Ending::Complete) => {
                store.end_job(&tenant.id, job.kind, Some(arguments)).await?;
            }
            Ok(Ending::Stopped) if !stop.is_cancelled() => {
                let rest = Job::new(tenant.id.clone(), job.kind, job.arguments.clone(), clock::now());
                store.put_off_job(&rest).await?;
            }
            _ => {}
        }
        give_back(store, (tenant, client), lease, ending).await?;
        Ok(Synced {
            counts: progress.counts_here(),
            ..Synced::default()
        })
    }
}
