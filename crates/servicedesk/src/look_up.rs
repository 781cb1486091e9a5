//! One ticket by what people and webhooks call it: its id, or the number that it shows.

use serde_json::json;
use ticket::TicketId;

use crate::finish::{Completed, NotFinal, normalise_all};
use crate::{Client, Edition, Error, Outcome, Result, Row, Window};

/// Numbers that people quote are shorter than ids on cloud.
const DISPLAY_ID_DIGITS: usize = 12;

/// What a ticket is now.
#[derive(Debug)]
pub enum Found {
    /// Final: stored or set aside.
    Outcome(Outcome),
    /// Open, or in the trash.
    NotFinal(NotFinal),
    /// Deleted or merged, in the server's words.
    Gone(String),
    /// In the archive, or hidden from this key: nothing to be learned of it.
    Unknown,
}

impl Client {
    /// Reads one ticket anew.
    ///
    /// # Errors
    /// Those of any call that concern more than this ticket.
    pub async fn look_up(&self, window: &Window, id: &TicketId) -> Result<Found> {
        let row = match self.detail(id).await {
            Err(Error::NotFound(reason)) => match self.by_display_id(id).await? {
                Some(id) => self.detail(&id).await,
                None if self.is_archived(id).await? => return Ok(Found::Unknown),
                None => return Ok(Found::Gone(reason)),
            },
            answered => answered,
        };
        let row = match row {
            Ok(row) => row,
            Err(Error::NotFound(reason)) => return Ok(Found::Gone(reason)),
            Err(Error::Forbidden(_) | Error::Refused(_)) => return Ok(Found::Unknown),
            Err(error) => return Err(error),
        };
        let mut normaliser = self.normaliser(window.clone());
        normaliser.statuses = self.statuses_for(row.request.as_ref().ok().into_iter()).await?;
        let mut finished = normalise_all(&normaliser, vec![Completed::Row(Box::new(row))]);
        if self.settings().resolution_from_notes {
            self.resolve_from_notes(&mut finished).await?;
        }
        let not_final = finished.not_final.pop().map(Found::NotFinal);
        let found = finished.outcomes.pop().map(Found::Outcome).or(not_final);
        Ok(found.unwrap_or(Found::Unknown))
    }

    /// The id behind a number that people quote; on premises both are the same.
    async fn by_display_id(&self, display_id: &TicketId) -> Result<Option<TicketId>> {
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
                let requests = answer.requests.as_ref().ok_or("no list of requests")?;
                Ok(requests.iter().map(|raw| Row::new(raw)).collect::<Vec<_>>())
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
}
