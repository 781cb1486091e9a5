//! One ticket by what people and webhooks call it: its id, or the number that it shows.

use serde_json::json;
use ticket::TicketId;

use crate::finish::{Completed, Known, NotFinal, normalise_all};
use crate::{Client, Edition, Error, Outcome, Result, Row, Window};

/// Numbers that people quote are shorter than ids on cloud.
const DISPLAY_ID_DIGITS: usize = 12;

/// What a ticket is now.
#[derive(Debug)]
pub enum Found {
    /// Final within the window: to be stored, or set aside.
    Outcome(Outcome),
    /// Open, in the trash, or of another time.
    NotFinal(NotFinal),
    /// Deleted or merged, in the server's words.
    Gone(String),
    /// Moved to the archive, where requests are no longer listed: closed for good, as true as ever.
    Archived,
    /// This key may not see it: nothing is known.
    Hidden,
}

impl Client {
    /// Reads one ticket anew, whether lists show it or not.
    ///
    /// # Errors
    /// Those of any call that concern more than this ticket.
    pub async fn look_up(&self, window: &Window, id: &TicketId) -> Result<Found> {
        let row = match self.detail(id).await {
            Ok(row) => row,
            Err(Error::NotFound(_)) if self.is_archived(id).await? => return Ok(Found::Archived),
            Err(Error::NotFound(reason)) => return Ok(Found::Gone(reason)),
            Err(Error::Forbidden(_) | Error::Refused(_)) => return Ok(Found::Hidden),
            Err(error) => return Err(error),
        };
        let mut normaliser = self.normaliser(window.clone());
        normaliser.statuses = self.statuses_for(row.request.as_ref().ok().into_iter()).await?;
        let not_final = NotFinal {
            id: row.id().unwrap_or_else(|| id.clone()),
            changed_at: row.source_time().flatten(),
        };
        let mut finished = normalise_all(&normaliser, vec![Completed::whole(row)], &Known::new());
        if self.settings().resolution_from_notes {
            self.resolve_from_notes(&mut finished).await;
            if let Some(error) = finished.failure {
                return Err(error);
            }
        }
        let outcome = finished.outcomes.pop().map(Found::Outcome);
        Ok(outcome.unwrap_or(Found::NotFinal(not_final)))
    }

    /// The id behind a number that people quote, `None` where no ticket shows it; on premises both are the same.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn by_display_id(&self, display_id: &TicketId) -> Result<Option<TicketId>> {
        let wanted = display_id.as_str();
        if self.settings().edition != Edition::Cloud || wanted.len() > DISPLAY_ID_DIGITS {
            return Ok(None);
        }
        let mut url = self.address().api(&["requests"]);
        let criterion = json!({"field": "display_id", "condition": "is", "value": wanted});
        let list_info = json!({"start_index": 1, "row_count": 5, "search_criteria": criterion});
        url.query_pairs_mut()
            .append_pair("input_data", &json!({"list_info": list_info}).to_string());
        let listed = self
            .call(&format!("ticket with number {wanted}"), url, |answer| {
                Ok(answer.requests.ok_or("no list of requests")?)
            })
            .await;
        let rows = match listed {
            Ok(rows) => rows,
            Err(Error::Refused(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        // A server that ignores the criterion lists anything.
        let shows_it = |row: &&Row| {
            let request = row.request.as_ref().ok();
            request.and_then(|request| request.display_id.0.as_deref()) == Some(wanted)
        };
        Ok(rows.iter().find(shows_it).and_then(Row::id))
    }

    /// Only servers on premises have an archive; builds before it answer as to any unknown path.
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
