//! Purposes of runs. A purpose selects rows and puts outcomes into a batch.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use store::{Batch, Incoming, Rejection, Store, TicketOrigin, Withdrawal};
use ticket::{TenantId, TicketId};

use crate::source::{Hydrated, NotFinal, Outcome, Rejected, Row, StoredTicket, StoredTickets};

/// Difference between a stored ticket and the helpdesk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The ticket is not stored.
    Missing,
    /// The stored content differs from the helpdesk's.
    Stale,
    /// The helpdesk no longer has the ticket.
    Gone,
}

impl Difference {
    /// Returns the name for people and programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Gone => "gone",
        }
    }
}

/// Callback for each difference, with the reason.
pub type OnDifference<'a> = &'a (dyn Fn(Difference, &TicketId, &str) + Sync);

/// Purpose of a run.
#[derive(Clone, Copy)]
pub enum Purpose<'a> {
    /// Store the tickets that became final in a range.
    Import,
    /// Store the tickets that changed since a given time.
    Sync {
        /// Earliest change that counts.
        since: DateTime<Utc>,
    },
    /// Store the changes that syncs missed, and record which tickets the lists show.
    Reconcile,
    /// Compare contents.
    Verify {
        /// Whether to store the tickets that differ.
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

    /// Drops rows that the purpose ignores. A server that ignores a filter returns all rows.
    pub(super) fn select(&self, rows: &mut Vec<Row>) {
        if let Self::Sync { since } = self {
            rows.retain(|row| row.changed_at().is_none_or(|changed| changed >= *since));
        }
    }

    /// Drops rows that need no reading because the ticket is stored. A row without a time of change only shows that the
    /// ticket still exists.
    pub(super) fn select_unknown(&self, rows: &mut Vec<Row>, known: &StoredTickets) {
        if let Self::Reconcile = self {
            rows.retain(|row| {
                row.source_time().is_some() || row.id().is_none_or(|id| !known.contains_key(&id))
            });
        }
    }

    /// Returns whether rows of unchanged stored tickets can be skipped.
    pub(super) fn trusts_stored(&self) -> bool {
        !matches!(self, Self::Verify { .. })
    }

    /// Converts a stored ticket for the client. Only an import looks for resolutions that were added later.
    pub(super) fn stored(&self, known: store::KnownTicket) -> StoredTicket {
        StoredTicket {
            changed_at: known.changed_at,
            digest: known.source_digest,
            resolved: known.resolved || !matches!(self, Self::Import),
        }
    }

    /// Returns the tickets that a page's rows prove to exist.
    pub(super) fn seen(&self, rows: &[Row]) -> Vec<TicketId> {
        match self {
            Self::Reconcile => rows.iter().filter_map(Row::id).collect(),
            _ => Vec::new(),
        }
    }

    /// Puts the outcomes of rows into a batch.
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
        // The source sent an unreadable ticket, which counts neither as missing nor as stored.
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
    // With `repair`, storing the ticket counts it.
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

/// Puts the outcome of a row into a batch.
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
