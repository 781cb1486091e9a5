//! Finds the ticket with a number that people quote.

use serde_json::json;
use ticket::TicketId;

use crate::{Client, Edition, Error, Result, Row};

/// Maximum digits of a quoted number; ids on cloud are longer.
const DISPLAY_ID_DIGITS: usize = 12;

impl Client {
    /// Returns the id of the ticket with a quoted number; `None` if no ticket has it. On premises the number is the
    /// id.
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
        // A server that ignores the criterion lists other tickets.
        let has_number = |row: &&Row| {
            let request = row.request.as_ref().ok();
            request.and_then(|request| request.display_id.0.as_deref()) == Some(wanted)
        };
        Ok(rows.iter().find(has_number).and_then(Row::id))
    }
}
