//! Is the table what the helpdesk says? Ids and digests of a range, compared one by one.

use std::collections::HashMap;

use anyhow::Context as _;
use servicedesk::{Client, Outcome, Window};
use store::{Batch, Source, Store};
use ticket::{TenantId, TicketId};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::exit::{ExitCode, Failure};
use crate::import::{Range, add};
use crate::vanished::{Fate, fate, implausible, is_plausible, stored, withdrawals};

/// What is wrong with a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Missing,
    Stale,
    Gone,
}

impl Fault {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Gone => "gone",
        }
    }
}

/// How a comparison ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    pub(crate) same: u64,
    pub(crate) missing: u64,
    pub(crate) stale: u64,
    pub(crate) gone: u64,
    /// Set aside at the source's fault: neither missing nor there.
    pub(crate) rejected: u64,
}

impl Found {
    pub(crate) fn faults(&self) -> u64 {
        self.missing + self.stale + self.gone
    }
}

pub(crate) struct Verify<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) client: &'a Client,
    pub(crate) tenant: &'a TenantId,
    pub(crate) stop: &'a CancellationToken,
    /// Of the lease on the tenant, if what is found is to be repaired.
    pub(crate) repair: Option<i64>,
    /// Told of each fault as it is found.
    pub(crate) tell: &'a (dyn Fn(Fault, &TicketId, &str) + Sync),
}

impl Verify<'_> {
    pub(crate) async fn run(&self, range: &Range) -> anyhow::Result<Found> {
        if range.from >= range.to {
            return Ok(Found::default());
        }
        let mut stored = stored(self.store, self.tenant, range.from, range.to).await?;
        let count = stored.len();
        let mut found = Found::default();
        let windows = self.client.plan(range.from, range.to, clock::now()).await;
        for window in windows.context("plan what to read")? {
            self.compare(window, &mut stored, &mut found).await?;
        }
        let window = Window::anything(clock::now());
        let mut gone = Vec::new();
        for id in stored.into_keys() {
            self.go_on()?;
            let Fate::Gone(why) = fate(self.client, &window, &id).await? else {
                continue;
            };
            found.gone += 1;
            (self.tell)(Fault::Gone, &id, &why);
            gone.push(id);
        }
        self.withdraw(gone, count).await?;
        Ok(found)
    }

    /// Fails once a signal came.
    fn go_on(&self) -> Result<(), Failure> {
        if self.stop.is_cancelled() {
            return Err(Failure::new(ExitCode::Interrupted, "the comparison was stopped")
                .hint("give the same command again: it begins anew"));
        }
        Ok(())
    }

    /// Reads a window anew and takes off `stored` what it meets.
    async fn compare(
        &self,
        window: Window,
        stored: &mut HashMap<TicketId, Option<Vec<u8>>>,
        found: &mut Found,
    ) -> anyhow::Result<()> {
        let mut pages = self.client.pages(window.clone(), None);
        while let Some(page) = pages.next().await? {
            self.go_on()?;
            let finished = self
                .client
                .finish(window.clone(), page.rows, HashMap::new())
                .await?;
            let mut batch = Batch::new(self.repair, Source::BulkImport, clock::now());
            let mut unknown = Vec::new();
            for outcome in finished.outcomes {
                let Outcome::Ticket(ticket, _) = &outcome else {
                    found.rejected += 1;
                    continue;
                };
                match stored.remove(&ticket.id) {
                    Some(Some(digest)) if digest == ticket.digest().as_bytes() => found.same += 1,
                    Some(_) => {
                        found.stale += 1;
                        (self.tell)(Fault::Stale, &ticket.id, "its content has changed");
                        add(&mut batch, outcome);
                    }
                    None => unknown.push(outcome),
                }
            }
            self.judge_unknown(unknown, &mut batch, found).await?;
            if self.repair.is_some() {
                self.store.apply(self.tenant, &batch).await?;
            }
        }
        Ok(())
    }

    /// Not stored within the range: with another resolved time, or not at all.
    async fn judge_unknown(
        &self,
        unknown: Vec<Outcome>,
        batch: &mut Batch,
        found: &mut Found,
    ) -> anyhow::Result<()> {
        let id = |outcome: &Outcome| match outcome {
            Outcome::Ticket(ticket, _) => Some(ticket.id.clone()),
            Outcome::Unchanged | Outcome::Rejected(_) => None,
        };
        let ids: Vec<_> = unknown.iter().filter_map(id).collect();
        let elsewhere = self.store.known(self.tenant, &ids).await?;
        for outcome in unknown {
            let Some(id) = id(&outcome) else { continue };
            if elsewhere.contains_key(&id) {
                found.stale += 1;
                (self.tell)(Fault::Stale, &id, "its resolved time has changed");
            } else {
                found.missing += 1;
                (self.tell)(Fault::Missing, &id, "it is not stored");
            }
            add(batch, outcome);
        }
        Ok(())
    }

    async fn withdraw(&self, gone: Vec<TicketId>, stored: usize) -> anyhow::Result<()> {
        let Some(epoch) = self.repair else { return Ok(()) };
        if !is_plausible(gone.len(), stored) {
            return Err(implausible(gone.len(), stored).into());
        }
        let batch = Batch {
            withdrawn: withdrawals(gone),
            ..Batch::new(Some(epoch), Source::BulkImport, clock::now())
        };
        self.store.apply(self.tenant, &batch).await?;
        Ok(())
    }
}
