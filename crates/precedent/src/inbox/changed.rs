//! Reading tickets anew that a helpdesk hinted at: stored, or withdrawn, and waited for while the helpdesk pauses.

use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use servicedesk::{Client, Found, Stop, Window};
use store::{Batch, Note, Source, Withdrawal};
use ticket::{TenantId, TicketId};
use tracing::{debug, error, info};

use super::worker::Worker;
use crate::clock;
use crate::pipeline::add;
use crate::waits::doubled;

/// Longest pause of a helpdesk that is waited out; events wait for the end of a longer one in the inbox.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// First and longest wait after a failure, doubled in between, and the failures after which a note is given up.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(5);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
const ATTEMPTS: u32 = 12;

impl Worker {
    /// Reads tickets anew that something happened to.
    pub(super) async fn changed(&self, tenant: &TenantId, hints: &[Note], stop: &Stop) -> anyhow::Result<()> {
        let stop = Stop {
            longest_pause: Some(LONGEST_PAUSE),
            ..stop.clone()
        };
        let client = match self.desks.of(tenant).await {
            Ok((_, client)) => client.stopped_by(stop),
            Err(error) => {
                let reason = format!("{error:#}");
                for hint in hints {
                    self.postpone(tenant, hint, &reason).await?;
                }
                return Ok(());
            }
        };
        let window = Window::anything(clock::now());
        let read_at = clock::now();
        // No more than are claimed at a time.
        let mut looking_up = Vec::new();
        for hint in hints {
            looking_up.push(look_up(&client, &window, hint));
        }
        let found = hints.iter().zip(join_all(looking_up).await);
        let mut batch = Batch {
            read_at,
            ..Batch::new(None, Source::WebhookResolved, clock::now())
        };
        let mut done = Vec::new();
        for (hint, found) in found {
            let withdrawal = match found {
                Ok((_, Found::Outcome(outcome))) => {
                    add(&mut batch, outcome);
                    None
                }
                Ok((_, Found::NotFinal(ticket))) => Some((ticket.id, ticket.changed_at)),
                Ok((id, Found::Gone(_))) => Some((id, None)),
                Ok((_, Found::Archived | Found::Hidden)) => None,
                // Nothing is wrong with the event.
                Err(error) if error.is_interruption() => {
                    self.wait_for_helpdesk(tenant, hint, &error).await?;
                    continue;
                }
                Err(error) => {
                    self.postpone(tenant, hint, &error.to_string()).await?;
                    continue;
                }
            };
            let withdrawal = withdrawal.map(|(id, changed_at)| Withdrawal { id, changed_at });
            batch.withdrawn.extend(withdrawal);
            done.push(hint.clone());
        }
        let applied = self.store.apply(tenant, &batch).await?;
        debug!(tenant_id = %tenant, hints = done.len(), withdrawn = applied.withdrawn, "read tickets anew");
        self.store.settle_notes(tenant, &done, clock::now()).await?;
        Ok(())
    }

    /// Has an event wait for the end of a helpdesk's pause, or for the next process.
    async fn wait_for_helpdesk(
        &self,
        tenant: &TenantId,
        note: &Note,
        interruption: &servicedesk::Error,
    ) -> anyhow::Result<()> {
        let due_at = match interruption {
            servicedesk::Error::Paused { until, .. } => *until,
            _ => clock::now(),
        };
        let note = Note {
            due_at,
            error: Some(interruption.to_string()),
            ..note.clone()
        };
        self.store.postpone_note(tenant, &note).await?;
        Ok(())
    }

    /// Tries again later, and gives up in the end: an operator sees it then.
    async fn postpone(&self, tenant: &TenantId, note: &Note, reason: &str) -> anyhow::Result<()> {
        let now = clock::now();
        let attempts = note.attempts + 1;
        let note = Note {
            due_at: now + doubled(FIRST_WAIT, LONGEST_WAIT, attempts),
            attempts,
            error: Some(reason.to_owned()),
            failed_at: (attempts >= ATTEMPTS).then_some(now),
            ..note.clone()
        };
        match note.failed_at {
            Some(_) => {
                error!(tenant_id = %tenant, note_id = note.id, "gave a report up after {attempts} attempts: {reason}")
            }
            None => {
                info!(tenant_id = %tenant, note_id = note.id, attempts, "a report is tried again later: {reason}")
            }
        }
        self.store.postpone_note(tenant, &note).await?;
        Ok(())
    }
}

/// The ticket that a hint names by its id or, where that is gone, by the number that it shows.
async fn look_up(client: &Client, window: &Window, hint: &Note) -> servicedesk::Result<(TicketId, Found)> {
    let Some(id) = TicketId::new(&hint.body) else {
        return Err(servicedesk::Error::NotFound(
            "the report names no ticket".to_owned(),
        ));
    };
    match client.look_up(window, &id).await? {
        Found::Gone(reason) => match client.by_display_id(&id).await? {
            Some(id) => Ok((id.clone(), client.look_up(window, &id).await?)),
            None => Ok((id, Found::Gone(reason))),
        },
        found => Ok((id, found)),
    }
}
