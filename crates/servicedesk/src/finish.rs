//! From the rows of a page to tickets: details where rows are thin, then normalised.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use ticket::{Ticket, TicketId};
use tokio::task::spawn_blocking;
use tracing::warn;

use crate::normalise::{Verdict, is_outside, normalise};
use crate::pages::panicked;
use crate::{Client, Error, Result, Row, Window, list};

/// A page's tickets.
#[derive(Debug, Default)]
pub struct Finished {
    /// One for each row that belongs to the window, in the order of the list.
    pub outcomes: Vec<Outcome>,
    /// Rows that are not of the window: still open, resolved at another time, gone meanwhile.
    pub outside: u64,
}

/// What became of a row.
#[derive(Debug)]
pub enum Outcome {
    /// A ticket, with the JSON that it was made from.
    Ticket(Box<Ticket>, String),
    /// A stored ticket that has not changed since, by the time of its last update.
    Unchanged,
    /// Set aside.
    Rejected(Rejected),
}

/// A row that is no ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its id, if it has one.
    pub id: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// Its own JSON.
    pub raw: String,
}

/// When stored tickets were last changed at the source.
pub type SourceTimes = HashMap<TicketId, Option<DateTime<Utc>>>;

impl Client {
    /// Completes and normalises the rows of a page. Rows whose time of last update is in `stored` are
    /// unchanged and cost no detail call.
    ///
    /// # Errors
    /// Those of a detail call that concern more than its ticket: a server that is away, refused credentials.
    pub async fn finish(&self, window: Window, rows: Vec<Row>, stored: SourceTimes) -> Result<Finished> {
        let completed = rows.into_iter().map(|row| self.complete(&window, row, &stored));
        let completed = try_join_all(completed).await?;
        let client = self.clone();
        // HTML to text is work for a core, not for the threads that wait for the network.
        spawn_blocking(move || client.normalise_all(&window, completed))
            .await
            .map_err(panicked)
    }

    fn normalise_all(&self, window: &Window, completed: Vec<Completed>) -> Finished {
        let mut finished = Finished::default();
        for completed in completed {
            let row = match completed {
                Completed::Row(row) => row,
                Completed::Outcome(outcome) => {
                    finished.outcomes.push(outcome);
                    continue;
                }
                Completed::Outside => {
                    finished.outside += 1;
                    continue;
                }
            };
            match normalise(&row, window, self.address()) {
                Verdict::Ticket(ticket) => finished.outcomes.push(Outcome::Ticket(ticket, row.raw)),
                Verdict::Rejected(reason) => finished.outcomes.push(reject(*row, reason)),
                Verdict::Outside => finished.outside += 1,
            }
        }
        finished
    }

    /// Asks for the detail of a thin row that is worth it.
    async fn complete(&self, window: &Window, row: Row, stored: &SourceTimes) -> Result<Completed> {
        let Some(id) = row
            .id()
            .filter(|_| window.filter != crate::Filter::Story && row.is_thin())
        else {
            return Ok(Completed::Row(Box::new(row)));
        };
        if is_outside(&row, window) {
            return Ok(Completed::Outside);
        }
        let unchanged = row
            .source_time()
            .zip(stored.get(&id))
            .is_some_and(|(now, then)| now == *then);
        if unchanged {
            return Ok(Completed::Outcome(Outcome::Unchanged));
        }
        let _place = self.details().acquire().await.expect("never closed");
        Ok(match self.detail(&id).await {
            Ok(detail) => Completed::Row(Box::new(detail)),
            Err(Error::NotFound(_)) => Completed::Outside,
            Err(error @ (Error::Refused(_) | Error::Forbidden(_) | Error::Unavailable { .. })) => {
                // This ticket's own trouble, or everybody's? A call that is known to be good tells.
                self.call(
                    "a list, to tell a broken ticket from a broken server",
                    list::url(self, window, 1, 1),
                    |_| Ok(()),
                )
                .await?;
                warn!(ticket.id = %id, "set aside a ticket whose detail cannot be read: {error}");
                Completed::Outcome(reject(row, format!("its detail cannot be read: {error}")))
            }
            Err(error) => return Err(error),
        })
    }

    async fn detail(&self, id: &TicketId) -> Result<Row> {
        let url = self.address().api(&["requests", id.as_str()]);
        self.call(&format!("detail of {id}"), url, |answer| {
            answer
                .request
                .map(Row::new)
                .ok_or_else(|| "no request".to_owned())
        })
        .await
    }
}

enum Completed {
    Row(Box<Row>),
    Outcome(Outcome),
    Outside,
}

fn reject(row: Row, reason: String) -> Outcome {
    Outcome::Rejected(Rejected {
        id: row.id().map(|id| id.to_string()),
        reason,
        raw: row.raw,
    })
}
