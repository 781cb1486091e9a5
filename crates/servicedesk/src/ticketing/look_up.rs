//! Looks up one ticket, whether lists show it or not.

use ticket::TicketId;

use super::completed::Completed;
use super::convert::convert_all;
use super::not_final::NotFinal;
use super::outcome::Outcome;
use super::stored::StoredTickets;
use crate::{Client, Edition, Error, Result, Window};

/// The current state of a ticket at the source.
#[derive(Debug)]
pub enum RemoteState {
    /// Final within the window: a ticket or a rejection.
    Final(Outcome),
    /// Open, in the trash, or final outside the window.
    NotFinal(NotFinal),
    /// Deleted or merged, with the server's words.
    Gone(String),
    /// Moved to the archive. Lists no longer show it, but its content remains valid.
    Archived,
    /// Hidden from this key: its state is unknown.
    Hidden,
}

impl Client {
    /// Reads the current state of a ticket, whether lists show it or not.
    ///
    /// # Errors
    /// Those of any call that concern more than this ticket.
    pub async fn look_up(&self, window: &Window, id: &TicketId) -> Result<RemoteState> {
        let row = match self.detail(id).await {
            Ok(row) => row,
            Err(Error::NotFound(_)) if self.is_archived(id).await? => return Ok(RemoteState::Archived),
            Err(Error::NotFound(reason)) => return Ok(RemoteState::Gone(reason)),
            Err(Error::Forbidden(_) | Error::Refused(_)) => return Ok(RemoteState::Hidden),
            Err(error) => return Err(error),
        };
        let mut normaliser = self.normaliser(window.clone());
        normaliser.statuses = self.statuses_for(row.request.as_ref().ok().into_iter()).await?;
        let not_final = NotFinal {
            id: row.id().unwrap_or_else(|| id.clone()),
            changed_at: row.source_time().flatten(),
        };
        let mut hydrated = convert_all(&normaliser, vec![Completed::whole(row)], &StoredTickets::new());
        if self.settings().resolution_from_notes {
            self.resolve_from_notes(&mut hydrated).await;
            if let Some(error) = hydrated.failure {
                return Err(error);
            }
        }
        let outcome = hydrated.outcomes.pop().map(RemoteState::Final);
        Ok(outcome.unwrap_or(RemoteState::NotFinal(not_final)))
    }

    /// Returns whether the archive holds the ticket. Only servers on premises have an archive; older builds answer
    /// as they do to any unknown path.
    async fn is_archived(&self, id: &TicketId) -> Result<bool> {
        if self.settings().edition == Edition::Cloud {
            return Ok(false);
        }
        let url = self.address().api(&["archive_requests", id.as_str()]);
        match self.call(&format!("archive of {id}"), url, |_| Ok(())).await {
            Ok(()) => Ok(true),
            Err(Error::NotFound(_) | Error::Forbidden(_) | Error::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
