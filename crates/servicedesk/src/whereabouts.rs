//! What became of a ticket that lists do not show any more.

use ticket::TicketId;

use crate::normalise::Verdict;
use crate::{Client, Edition, Error, Result, Window};

/// Where a ticket is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// There, and final within the window.
    Present,
    /// There, but open, in the trash, or of another time.
    NotFinal,
    /// Deleted or merged, in the server's words.
    Gone(String),
    /// Moved to the archive, where requests are no longer listed: closed for good, as true as ever.
    Archived,
    /// This key may not see it, in the server's words: nothing is known.
    Hidden(String),
}

impl Client {
    /// Asks for one ticket.
    ///
    /// # Errors
    /// Those of any call that concern more than this ticket.
    pub async fn whereabouts(&self, window: &Window, id: &TicketId) -> Result<Whereabouts> {
        let row = match self.detail(id).await {
            Ok(row) => row,
            Err(Error::NotFound(_)) if self.is_archived(id).await? => return Ok(Whereabouts::Archived),
            Err(Error::NotFound(reason)) => return Ok(Whereabouts::Gone(reason)),
            Err(Error::Forbidden(reason) | Error::Refused(reason)) => return Ok(Whereabouts::Hidden(reason)),
            Err(error) => return Err(error),
        };
        let mut normaliser = self.normaliser(window.clone());
        normaliser.statuses = self.statuses_for(row.request.as_ref().ok().into_iter()).await?;
        Ok(match normaliser.normalise(&row) {
            Verdict::Outside => Whereabouts::NotFinal,
            Verdict::Ticket(_) | Verdict::Rejected(_) => Whereabouts::Present,
        })
    }

    /// Only servers on premises have an archive; builds before it answer as to any unknown path.
    pub(crate) async fn is_archived(&self, id: &TicketId) -> Result<bool> {
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
