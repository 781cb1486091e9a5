//! Keeping a history true: what changed since the last look, and what vanished.
//!
//! A sync reads every ticket, of whatever status, that changed since the latest change that was looked at: final ones
//! are stored, others withdrawn. That time is the helpdesk's own, never ours, less an overlap, since changes become
//! visible out of order. What lists stop to show (trash, merge, deletion) no sync can see: a reconciliation walks
//! everything that is stored, by id.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use servicedesk::{Client, Finished, Row, Window};
use store::{Batch, Counts, Freshness, JobKind, Source, Store, Tenant, Withdrawal};
use ticket::{TenantId, TicketId};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::exit::{ExitCode, Failure};
use crate::import::add;
use crate::vanished::{Fate, fate, implausible, is_plausible, stored, withdrawals};
use crate::{clock, retention};

/// How far before the latest change that was seen a sync begins: clocks of a cluster differ, and what was not visible
/// at the time may be older. Unchanged tickets cost no more than their place in a list.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// What a job did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Synced {
    pub(crate) counts: Counts,
    /// Tickets that were served and are not any more.
    pub(crate) withdrawn: u64,
    /// The latest change that was seen, by the helpdesk's clock.
    pub(crate) latest: Option<DateTime<Utc>>,
}

impl std::fmt::Display for Synced {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            counts, withdrawn, ..
        } = self;
        write!(
            formatter,
            "{} new, {} updated, {} unchanged, {} rejected, {withdrawn} withdrawn",
            counts.imported, counts.updated, counts.skipped, counts.rejected
        )
    }
}

/// Does a job for the holder of a tenant; while everything is compared, what changed is taken over every `sync_every`.
///
/// # Errors
/// Those of the job.
pub(crate) async fn keep_true(
    job: JobKind,
    store: &dyn Store,
    (tenant, client): (&Tenant, &Client),
    epoch: i64,
    sync_every: Option<TimeDelta>,
    stop: &CancellationToken,
) -> anyhow::Result<Synced> {
    let sync = Sync {
        store,
        client,
        tenant: &tenant.id,
        epoch,
        sync_every,
        stop,
    };
    if job == JobKind::Reconcile {
        sync.reconcile().await
    } else {
        sync.catch_up().await
    }
}

/// A tenant's history and what it is compared with.
struct Sync<'a> {
    store: &'a dyn Store,
    client: &'a Client,
    tenant: &'a TenantId,
    /// Of the lease on the tenant.
    epoch: i64,
    /// Even while everything is compared.
    sync_every: Option<TimeDelta>,
    stop: &'a CancellationToken,
}

impl Sync<'_> {
    /// Takes over what changed since the last sync.
    ///
    /// # Errors
    /// `Usage` if nothing was imported yet, and those of every call. What was stored until then stays; the next sync
    /// begins where this one did.
    async fn catch_up(&self) -> anyhow::Result<Synced> {
        let freshness = self.store.freshness(self.tenant).await?;
        let seen = match freshness.synced_to {
            Some(seen) => Some(seen),
            None => self.store.imported_to(self.tenant, clock::now()).await?,
        };
        let seen = seen.ok_or_else(|| {
            let message = format!("no import of tenant {} has finished yet", self.tenant);
            Failure::new(ExitCode::Usage, message)
                .hint(format!("precedent import --tenant-id={}", self.tenant))
        })?;
        let since = seen - OVERLAP;
        let mut synced = Synced::default();
        let windows = self.client.changes(since, clock::now()).await;
        for window in windows.context("ask what changed")? {
            let mut pages = self.client.pages(window.clone(), None);
            while let Some(page) = pages.next().await? {
                self.go_on()?;
                let mut rows = page.rows;
                // A server that ignores the filter shows everything.
                rows.retain(|row| row.changed_at().is_none_or(|changed| changed >= since));
                self.take_over(&window, rows, &mut synced).await?;
            }
        }
        let freshness = Freshness {
            synced_to: synced.latest.max(Some(seen)),
            synced_at: Some(clock::now()),
            ..freshness
        };
        self.store
            .set_freshness(self.tenant, self.epoch, &freshness)
            .await?;
        Ok(synced)
    }

    /// Forgets what is older than the tenant keeps, then walks every ticket that is stored: takes over what changed
    /// unnoticed, and withdraws what is gone.
    ///
    /// # Errors
    /// `Incomplete` if more vanished at once than is plausible, with nothing withdrawn for it; those of every call.
    async fn reconcile(&self) -> anyhow::Result<Synced> {
        retention::expire(self.store, self.tenant, self.epoch, clock::now(), self.stop).await?;
        let mut synced = Synced::default();
        let (from, to) = (DateTime::UNIX_EPOCH, clock::now() + TimeDelta::days(36_500));
        let mut missing = stored(self.store, self.tenant, from, to).await?;
        let count = missing.len();
        if let Some(oldest) = self.store.oldest(self.tenant).await? {
            let windows = self.client.plan(oldest, clock::now(), clock::now()).await;
            for window in windows.context("plan what to read")? {
                let mut pages = self.client.pages(window.clone(), None);
                while let Some(page) = pages.next().await? {
                    self.go_on()?;
                    let mut rows = page.rows;
                    // That a stored ticket is still there is all that a row without a time of change tells.
                    rows.retain(|row| {
                        let known = row.id().is_some_and(|id| missing.remove(&id).is_some());
                        !known || row.source_time().is_some()
                    });
                    self.take_over(&window, rows, &mut synced).await?;
                    self.catch_up_in_time(&mut synced).await?;
                }
            }
        }
        let gone = self.gone(missing.into_keys(), count).await?;
        let batch = Batch {
            withdrawn: withdrawals(gone),
            ..self.batch()
        };
        synced.withdrawn += self.store.apply(self.tenant, &batch).await?.withdrawn;
        let freshness = Freshness {
            reconciled_at: Some(clock::now()),
            ..self.store.freshness(self.tenant).await?
        };
        self.store
            .set_freshness(self.tenant, self.epoch, &freshness)
            .await?;
        Ok(synced)
    }

    /// Takes over what changed if that is due: to compare a long history takes hours.
    async fn catch_up_in_time(&self, synced: &mut Synced) -> anyhow::Result<()> {
        let last = self.store.freshness(self.tenant).await?.synced_at;
        if let (Some(every), Some(last)) = (self.sync_every, last)
            && clock::now() - last >= every
        {
            let more = self.catch_up().await?;
            synced.counts += more.counts;
            synced.withdrawn += more.withdrawn;
        }
        Ok(())
    }

    /// Stores what is final of some rows, and withdraws what is not.
    async fn take_over(&self, window: &Window, rows: Vec<Row>, synced: &mut Synced) -> anyhow::Result<()> {
        let ids: Vec<_> = rows.iter().filter_map(Row::id).collect();
        let known = self.store.known(self.tenant, &ids).await?;
        let of_rows: Vec<_> = rows.iter().filter_map(Row::changed_at).collect();
        let finished = self.client.finish(window.clone(), rows, known).await?;
        let Finished {
            outcomes, not_final, ..
        } = finished;
        let mut batch = self.batch();
        outcomes.into_iter().for_each(|outcome| add(&mut batch, outcome));
        // Where rows do not tell when they changed, details do.
        let of_details = batch
            .tickets
            .iter()
            .filter_map(|incoming| incoming.ticket.source_updated_at);
        let now = clock::now();
        // A time that is still to come would hide what changes until then.
        let changes = of_rows
            .into_iter()
            .chain(of_details)
            .filter(|changed| *changed <= now);
        synced.latest = synced.latest.max(changes.max());
        let withdrawals = not_final.into_iter().map(|ticket| Withdrawal {
            id: ticket.id,
            changed_at: ticket.changed_at,
        });
        batch.withdrawn.extend(withdrawals);
        let applied = self.store.apply(self.tenant, &batch).await?;
        synced.counts += applied.counts;
        synced.withdrawn += applied.withdrawn;
        Ok(())
    }

    fn batch(&self) -> Batch {
        Batch::new(Some(self.epoch), Source::Sync, clock::now())
    }

    /// Of the tickets that no list shows, those that the helpdesk says are gone.
    async fn gone(
        &self,
        missing: impl Iterator<Item = TicketId>,
        stored: usize,
    ) -> anyhow::Result<Vec<TicketId>> {
        let window = Window::anything(clock::now());
        let (mut gone, mut hidden) = (Vec::new(), 0);
        for id in missing {
            self.go_on()?;
            match fate(self.client, &window, &id).await? {
                Fate::Gone(_) => gone.push(id),
                Fate::Hidden => hidden += 1,
                Fate::Kept => {}
            }
            // The rest would take a call each, to say the same.
            if !is_plausible(gone.len() + hidden, stored) {
                return Err(implausible(format!("at least {}", gone.len() + hidden), stored).into());
            }
        }
        if hidden > 0 {
            warn!(tenant_id = %self.tenant, "{hidden} stored tickets are hidden from this key now; they are kept");
        }
        Ok(gone)
    }

    /// Fails once a signal came.
    fn go_on(&self) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::new(ExitCode::Interrupted, "stopped before the end")
                .hint("give the same command again: what was stored stays"));
        }
        Ok(())
    }
}
