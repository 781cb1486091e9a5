//! What runs do differently: which rows they look at, and how outcomes go into a batch.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use store::{Batch, Incoming, Rejection, Store, TicketOrigin, Withdrawal};
use ticket::{TenantId, TicketId};

use crate::source::{Hydrated, NotFinal, Outcome, Rejected, Row, StoredTicket, StoredTickets};

/// How a stored ticket differs from the helpdesk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The ticket is not stored.
    Missing,
    /// The stored content is not that of the helpdesk.
    Stale,
    /// The helpdesk does not have the ticket any more.
    Gone,
}

impl Difference {
    /// Name for people and programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Gone => "gone",
        }
    }
}

/// Called for each difference that is found, with the reason.
pub type OnDifference<'a> = &'a (dyn Fn(Difference, &TicketId, &str) + Sync);

/// Purpose of a run.
#[derive(Clone, Copy)]
pub enum Purpose<'a> {
    /// Store what became final in a range.
    Import,
    /// Store what changed since an instant.
    Sync {
        /// Earliest change that counts.
        since: DateTime<Utc>,
    },
    /// Store what changed unnoticed, and record which tickets lists show.
    Reconcile,
    /// Compare contents.
    Verify {
        /// Store what differs.
        repair: bool,
        /// Receives each difference.
        on_difference: OnDifference<'a>,
    },
}

impl Purpose<'_> {
    pub(super) fn source(&self) -> TicketOrigin {
        match self {
            Self::Import | Self::Verify { .. } => TicketOrigin::BulkImport,
            Self::Sync { .. } | Self::Reconcile => TicketOrigin::Sync,
        }
    }

    /// Leaves out rows that are not looked at. A server that ignores a filter shows everything.
    pub(super) fn select(&self, rows: &mut Vec<Row>) {
        if let Self::Sync { since } = self {
            rows.retain(|row| row.changed_at().is_none_or(|changed| changed >= *since));
        }
    }

    /// Leaves out rows that what is stored answers. That a stored ticket is still there is all that a row without a time
    /// of change says.
    pub(super) fn select_unknown(&self, rows: &mut Vec<Row>, known: &StoredTickets) {
        if let Self::Reconcile = self {
            rows.retain(|row| {
                row.source_time().is_some() || row.id().is_none_or(|id| !known.contains_key(&id))
            });
        }
    }

    /// Whether stored tickets spare reading rows anew.
    pub(super) fn trusts_stored(&self) -> bool {
        !matches!(self, Self::Verify { .. })
    }

    /// What is known of a stored ticket. Only who reads a whole range looks for resolutions that came later.
    pub(super) fn stored(&self, known: store::KnownTicket) -> StoredTicket {
        StoredTicket {
            changed_at: known.changed_at,
            digest: known.source_digest,
            resolved: known.resolved || !matches!(self, Self::Import),
        }
    }

    /// Tickets that a page's rows prove to be there.
    pub(super) fn seen(&self, rows: &[Row]) -> Vec<TicketId> {
        match self {
            Self::Reconcile => rows.iter().filter_map(Row::id).collect(),
            _ => Vec::new(),
        }
    }

    /// Puts what became of rows into a batch.
    pub(super) async fn gather(
        &self,
        (store, tenant): (&Store, &TenantId),
        batch: &mut Batch,
        hydrated: Hydrated,
    ) -> store::Result<()> {
        match self {
            Self::Import => hydrated
                .outcomes
                .into_iter()
                .for_each(|outcome| add(batch, outcome)),
            Self::Sync { .. } | Self::Reconcile => {
                hydrated
                    .outcomes
                    .into_iter()
                    .for_each(|outcome| add(batch, outcome));
                batch
                    .withdrawals
                    .extend(hydrated.not_final.into_iter().map(withdrawal));
            }
            Self::Verify {
                repair,
                on_difference,
            } => {
                let ids: Vec<_> = hydrated.outcomes.iter().filter_map(ticket_id).cloned().collect();
                let stored = store.content_digests(tenant, &ids).await?;
                for outcome in hydrated.outcomes {
                    compare(batch, outcome, &stored, *repair, on_difference);
                }
                batch.seen.extend(ids);
            }
        }
        Ok(())
    }
}

fn ticket_id(outcome: &Outcome) -> Option<&TicketId> {
    match outcome {
        Outcome::Ticket(ticket, _) => Some(&ticket.id),
        Outcome::Unchanged | Outcome::Rejected(_) => None,
    }
}

fn compare(
    batch: &mut Batch,
    outcome: Outcome,
    stored: &HashMap<TicketId, Option<Vec<u8>>>,
    repair: bool,
    on_difference: OnDifference<'_>,
) {
    let Outcome::Ticket(ticket, _) = &outcome else {
        // Rejected at the source's fault: neither missing nor there.
        batch.counted.rejected += 1;
        return;
    };
    let counted = match stored.get(&ticket.id) {
        Some(Some(digest)) if digest == ticket.digest().as_bytes() => {
            batch.counted.skipped += 1;
            return;
        }
        Some(_) => {
            on_difference(Difference::Stale, &ticket.id, "its content has changed");
            &mut batch.counted.updated
        }
        None => {
            on_difference(Difference::Missing, &ticket.id, "it is not stored");
            &mut batch.counted.imported
        }
    };
    // What is stored is counted as it is stored.
    if repair {
        add(batch, outcome);
    } else {
        *counted += 1;
    }
}

fn withdrawal(ticket: NotFinal) -> Withdrawal {
    Withdrawal {
        id: ticket.id,
        changed_at: ticket.changed_at,
    }
}

/// Puts what became of a row into a batch.
pub(crate) fn add(batch: &mut Batch, outcome: Outcome) {
    match outcome {
        Outcome::Ticket(ticket, original) => batch.tickets.push(Incoming {
            ticket: *ticket,
            raw: Arc::new(original.raw),
            source_digest: Some(original.digest),
        }),
        Outcome::Unchanged => batch.counted.skipped += 1,
        Outcome::Rejected(Rejected { id, reason, raw }) => batch.rejections.push(Rejection {
            ticket_id: id,
            reason,
            raw,
        }),
    }
}
