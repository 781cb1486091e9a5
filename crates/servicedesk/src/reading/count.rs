//! The server's totals for windows.

use tracing::{debug, warn};

use super::dialect::Dialect;
use super::list;
use super::window::{Filter, Window};
use crate::wire::MOST_TICKETS;
use crate::{Client, Error, Result};

impl Client {
    /// Asks for the total of a window. Simplifies the request until the server accepts it, and drops the filter last.
    pub(super) async fn first_count(&self, mut window: Window) -> Result<Window> {
        loop {
            match self.count(&window).await {
                Ok(total) => return Ok(Window { total, ..window }),
                Err(Error::Refused(reason)) => {
                    debug!("the server refused a list ({reason}); simplifying the request");
                    if let Some(dialect) = window.dialect.simpler(&reason) {
                        window.dialect = dialect;
                    } else if window.filter != Filter::Nothing {
                        window.filter = Filter::Nothing;
                        window.dialect = Dialect::FULL;
                    } else {
                        return Err(Error::Refused(reason));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns the window with its total; `None` if the server refuses such a list.
    pub(super) async fn counted(&self, window: Window) -> Result<Option<Window>> {
        match self.count(&window).await {
            Ok(total) => Ok(Some(Window { total, ..window })),
            Err(Error::Refused(reason)) => {
                debug!(filter = ?window.filter, "the server refused a list ({reason})");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the server's total for a window, if it gives a plausible one.
    pub(super) async fn count(&self, window: &Window) -> Result<Option<u64>> {
        let url = list::url(self, window, 1, 1);
        let list_info = self.call("count", url, |answer| Ok(answer.list()?.1)).await?;
        if let (None, Some(counted)) = (list_info.total(), list_info.counted()) {
            warn!(
                "the server counts {counted} tickets, more than the {MOST_TICKETS} that a helpdesk may hold; planning \
                 without its counts"
            );
        }
        Ok(list_info.total())
    }
}
