//! The detail call of one ticket.

use ticket::TicketId;

use crate::reading::list_url;
use crate::{Client, Result, Row, Window};

impl Client {
    /// Reads the detail of a ticket.
    pub(crate) async fn detail(&self, id: &TicketId) -> Result<Row> {
        let url = self.address().api(&["requests", id.as_str()]);
        self.call(&format!("detail of {id}"), url, |answer| {
            answer.request.ok_or_else(|| "no request".to_owned())
        })
        .await
    }

    /// Makes a call that a healthy server answers, after the detail of one ticket failed.
    ///
    /// # Errors
    /// Those of the call: the trouble is the server's, not the ticket's.
    pub(super) async fn confirm_that_lists_work(&self, window: &Window) -> Result<()> {
        let what = "a list, to distinguish a broken ticket from a broken server";
        self.reading_alone()
            .call(what, list_url(self, window, 1, 1), |_| Ok(()))
            .await
    }
}
