//! Retries rejected tickets from their raw form.
//!
//! A ticket that still cannot be read keeps its raw form, the first reason and its time, which document what the
//! helpdesk sent. A retry appends the newest reason to the first one.

use std::collections::HashMap;
use std::sync::Arc;

use store::{Batch, Incoming, RejectedTicket, Store, TicketOrigin};
use ticket::TenantId;
use tokio_util::sync::CancellationToken;

use crate::source::{Client, Outcome, Row, Window};
use crate::{Error, Result, clock};

/// Maximum number of tickets that are retried together and stored in one transaction.
const BATCH: u32 = 50;

/// Text between the first reason and the newest one.
const AGAIN: &str = "; tried again: ";

/// Outcome of a retry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// Tickets that were stored.
    pub stored: u64,
    /// Tickets that are open again, in the trash, or deleted.
    pub gone: u64,
    /// Tickets that are still rejected.
    pub rejected: u64,
}

/// Retries rejected tickets of a tenant under the epoch of its lease: one, or all of them.
pub struct Retry<'a> {
    store: &'a Store,
    client: &'a Client,
    tenant: &'a TenantId,
    epoch: i64,
    retried: Retried,
}

impl<'a> Retry<'a> {
    /// Prepares a retry.
    pub fn new(store: &'a Store, client: &'a Client, tenant: &'a TenantId, epoch: i64) -> Self {
        Self {
            store,
            client,
            tenant,
            epoch,
            retried: Retried::default(),
        }
    }

    /// Retries one ticket.
    ///
    /// # Errors
    /// Those of the helpdesk and the store.
    pub async fn one(mut self, rejected: RejectedTicket) -> Result<Retried> {
        self.page(&[rejected]).await?;
        Ok(self.retried)
    }

    /// Retries all rejected tickets.
    ///
    /// # Errors
    /// `Stopped` if `stop` is cancelled, and those of the helpdesk and the store. Tickets that were stored before stay.
    pub async fn all(mut self, stop: &CancellationToken) -> Result<Retried> {
        let mut last: Option<RejectedTicket> = None;
        loop {
            let mut page = self.store.rejections(self.tenant, last.as_ref(), BATCH).await?;
            if stop.is_cancelled() {
                return Err(Error::Stopped("the retry was stopped".to_owned()));
            }
            self.page(&page).await?;
            last = page.pop();
            if last.is_none() {
                return Ok(self.retried);
            }
        }
    }

    /// Reads the tickets of a page and stores those that can be read.
    async fn page(&mut self, page: &[RejectedTicket]) -> Result<()> {
        let now = clock::now();
        let oldest = page.iter().map(|rejected| rejected.rejected_at).min();
        let mut batch = Batch {
            // The raw forms are as old as their rejection.
            read_at: oldest.unwrap_or(now),
            ..Batch::new(Some(self.epoch), TicketOrigin::BulkImport, now)
        };
        // The rejection of each ticket that can be read.
        let mut read: HashMap<String, &RejectedTicket> = HashMap::new();
        for rejected in page {
            if let Some(incoming) = self.read(rejected).await? {
                read.insert(incoming.ticket.id.to_string(), rejected);
                batch.tickets.push(incoming);
            }
        }
        let applied = self.store.apply(self.tenant, &batch).await?;
        for refused in &applied.rejections {
            // The row with the ticket's id contains only the reason of the database.
            let Some(id) = &refused.ticket_id else { continue };
            let Some(rejected) = read.get(id) else { continue };
            let reason = reason(&rejected.reason, &refused.reason);
            self.store.set_rejection_reason(self.tenant, id, &reason).await?;
            if rejected.key == *id {
                read.remove(id);
            }
        }
        for rejected in read.values() {
            self.store.delete_rejection(self.tenant, &rejected.key).await?;
        }
        self.retried.stored += applied.counts.imported + applied.counts.updated + applied.counts.skipped;
        self.retried.rejected += applied.counts.rejected;
        Ok(())
    }

    /// Reads a ticket from its raw form, with requests for missing details; `None` if it cannot be stored.
    async fn read(&mut self, rejected: &RejectedTicket) -> Result<Option<Incoming>> {
        let rows = vec![Row::from_json(&rejected.raw)];
        let window = Window::anything(clock::now());
        let hydrated = self.client.hydrate(window, rows, HashMap::new()).await;
        if let Some(failure) = hydrated.failure {
            return Err(Error::from(failure).of_helpdesk(self.tenant));
        }
        match hydrated.outcomes.into_iter().next() {
            Some(Outcome::Ticket(ticket, original)) => {
                return Ok(Some(Incoming {
                    ticket: *ticket,
                    raw: Arc::new(rejected.raw.clone()),
                    source_digest: Some(original.digest),
                }));
            }
            Some(Outcome::Rejected(again)) => {
                self.retried.rejected += 1;
                let reason = reason(&rejected.reason, &again.reason);
                self.store
                    .set_rejection_reason(self.tenant, &rejected.key, &reason)
                    .await?;
            }
            Some(Outcome::Unchanged) | None => {
                self.retried.gone += 1;
                self.store.delete_rejection(self.tenant, &rejected.key).await?;
            }
        }
        Ok(None)
    }
}

/// Appends the newest reason to the first one if they differ.
fn reason(before: &str, newest: &str) -> String {
    let first = before.split(AGAIN).next().unwrap_or(before);
    if newest == first {
        first.to_owned()
    } else {
        format!("{first}{AGAIN}{newest}")
    }
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn the_first_reason_stays_and_the_newest_is_appended() {
        assert_eq!(reason("it has no id", "it has no id"), "it has no id");
        let again = reason("its detail cannot be read", "it has no id");
        assert_eq!(again, "its detail cannot be read; tried again: it has no id");
        assert_eq!(
            reason(&again, "it has no resolved time"),
            "its detail cannot be read; tried again: it has no resolved time"
        );
        assert_eq!(
            reason(&again, "its detail cannot be read"),
            "its detail cannot be read"
        );
    }
}
