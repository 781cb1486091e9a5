//! From the rows of a page to tickets: details where rows are thin, then normalised.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures::future::try_join_all;
use ticket::{Ticket, TicketId};
use tokio::task::spawn_blocking;
use tracing::{info, warn};

use crate::normalise::{Normaliser, Verdict};
use crate::original::{Original, OriginalDigest};
use crate::pages::panicked;
use crate::{Client, Error, Result, Row, Window, list};

/// Details of a page that are all missing mean a wrong way rather than so many tickets gone at once.
const MISSING_AT_ONCE: usize = 5;

/// A page's tickets.
#[derive(Debug, Default)]
pub struct Finished {
    /// One for each row that belongs to the window, in the order of the list.
    pub outcomes: Vec<Outcome>,
    /// Rows that are not of the window: still open, resolved at another time, gone meanwhile.
    pub outside: u64,
    /// Of these, tickets that are open or in the trash.
    pub not_final: Vec<NotFinal>,
}

impl Finished {
    fn leave_out(&mut self, not_final: Option<NotFinal>) {
        self.outside += 1;
        self.not_final.extend(not_final);
    }
}

/// A ticket that is open or in the trash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFinal {
    /// The ticket.
    pub id: TicketId,
    /// When it last changed, as far as its row tells.
    pub changed_at: Option<DateTime<Utc>>,
}

/// What became of a row.
#[derive(Debug)]
pub enum Outcome {
    /// A ticket, with what it was made from.
    Ticket(Box<Ticket>, Original),
    /// A stored ticket that has not changed since, by the time of its last update or by its own form.
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

/// Of stored tickets, when they were last changed at the source and the digest of their [`Original`].
pub type Known = HashMap<TicketId, (Option<DateTime<Utc>>, Option<Vec<u8>>)>;

impl Client {
    /// Completes and normalises the rows of a page. Rows whose time of last update is in `stored` are
    /// unchanged and cost no detail call; whole rows that came just so before are not converted again.
    ///
    /// # Errors
    /// Those of a detail call that concern more than its ticket: a server that is away, refused credentials.
    pub async fn finish(&self, window: Window, rows: Vec<Row>, stored: Known) -> Result<Finished> {
        let requests = rows.iter().filter_map(|row| row.request.as_ref().ok());
        let mut normaliser = self.normaliser(window);
        normaliser.statuses = self.statuses_for(requests).await?;
        let completed: Vec<_> = if rows.iter().any(Row::is_thin) {
            let completed = rows
                .into_iter()
                .map(|row| self.complete(&normaliser, row, &stored));
            try_join_all(completed).await?
        } else {
            rows.into_iter().map(Completed::whole).collect()
        };
        self.refuse_if_all_are_gone(&completed)?;
        // A detail may have another status than its row, one not met before.
        let requests = completed.iter().filter_map(Completed::request);
        normaliser.statuses = self.statuses_for(requests).await?;
        // HTML to text is work for a core, not for the threads that wait for the network.
        // What notes tell may have changed without the ticket.
        let known = if self.settings().resolution_from_notes {
            Known::new()
        } else {
            stored
        };
        let core = self.conversions().acquire().await.expect("never closed");
        let mut finished = spawn_blocking(move || normalise_all(&normaliser, completed, &known))
            .await
            .map_err(panicked)?;
        drop(core);
        if self.settings().resolution_from_notes {
            self.resolve_from_notes(&mut finished).await?;
        }
        Ok(finished)
    }

    /// Asks for the detail of a thin row that is worth it.
    async fn complete(&self, normaliser: &Normaliser, row: Row, stored: &Known) -> Result<Completed> {
        let Some(id) = row.id().filter(|_| normaliser.wants_details() && row.is_thin()) else {
            return Ok(Completed::whole(row));
        };
        if normaliser.is_outside(&row) {
            return Ok(Completed::Outside(normaliser.not_final(&row)));
        }
        let unchanged = row
            .source_time()
            .zip(stored.get(&id))
            .is_some_and(|(now, (then, _))| now == *then);
        if unchanged {
            return Ok(Completed::Outcome(Outcome::Unchanged));
        }
        let _place = self.details().acquire().await.expect("never closed");
        let answers_before = self.pacer().answers();
        Ok(match self.detail(&id).await {
            Ok(detail) => Completed::whole(detail),
            Err(Error::NotFound(reason)) => {
                info!(ticket.id = %id, "left out a ticket that was deleted, merged or archived meanwhile ({reason})");
                Completed::Gone(reason)
            }
            Err(
                error @ (Error::Refused(_)
                | Error::Forbidden(_)
                | Error::TooLong { .. }
                | Error::Unavailable { .. }),
            ) => {
                if self.pacer().answers() == answers_before {
                    self.confirm_that_lists_work(normaliser).await?;
                }
                warn!(ticket.id = %id, "set aside a ticket whose detail cannot be read: {error}");
                Completed::Outcome(reject(row, format!("its detail cannot be read: {error}")))
            }
            Err(error) => return Err(error),
        })
    }

    pub(crate) async fn detail(&self, id: &TicketId) -> Result<Row> {
        let url = self.address().api(&["requests", id.as_str()]);
        self.call(&format!("detail of {id}"), url, |answer| {
            answer.request.ok_or_else(|| "no request".to_owned())
        })
        .await
    }

    /// One ticket's own trouble, or everybody's? A call that is known to be good tells.
    async fn confirm_that_lists_work(&self, normaliser: &Normaliser) -> Result<()> {
        let url = list::url(self, &normaliser.window, 1, 1);
        let what = "a list, to tell a broken ticket from a broken server";
        self.call(what, url, |_| Ok(())).await
    }

    fn refuse_if_all_are_gone(&self, completed: &[Completed]) -> Result<()> {
        let asked = |completed: &&Completed| !matches!(completed, Completed::Outside(_));
        let mut asked = completed.iter().filter(asked).peekable();
        let first = match asked.peek() {
            Some(Completed::Gone(reason)) => reason.clone(),
            _ => return Ok(()),
        };
        let count = asked.clone().count();
        let gone = asked.all(|completed| matches!(completed, Completed::Gone(_)));
        if gone && count >= MISSING_AT_ONCE {
            return Err(Error::NotFound(format!(
                "lists work, but all {count} details of a page are missing: {first}"
            )));
        }
        Ok(())
    }
}

pub(crate) fn normalise_all(normaliser: &Normaliser, completed: Vec<Completed>, known: &Known) -> Finished {
    let mut finished = Finished::default();
    let digests = OriginalDigest::new(normaliser);
    for completed in completed {
        let row = match completed {
            Completed::Row(row) => row,
            Completed::Outcome(outcome) => {
                finished.outcomes.push(outcome);
                continue;
            }
            Completed::Outside(not_final) => {
                finished.leave_out(not_final);
                continue;
            }
            Completed::Gone(_) => {
                finished.leave_out(None);
                continue;
            }
        };
        let digest = row
            .request
            .as_ref()
            .map_or_else(|_| Vec::new(), |request| digests.of(request));
        let before = row.id().and_then(|id| known.get(&id)?.1.as_ref());
        match normaliser.normalise(&row, before == Some(&digest)) {
            Verdict::Ticket(ticket) => {
                let raw = row.raw;
                finished
                    .outcomes
                    .push(Outcome::Ticket(ticket, Original { raw, digest }));
            }
            Verdict::Unchanged => finished.outcomes.push(Outcome::Unchanged),
            Verdict::Rejected(reason) => finished.outcomes.push(reject(*row, reason)),
            Verdict::Outside => finished.leave_out(normaliser.not_final(&row)),
        }
    }
    finished
}

pub(crate) enum Completed {
    Row(Box<Row>),
    Outcome(Outcome),
    /// If it is, because it is not final.
    Outside(Option<NotFinal>),
    /// The list shows it, its detail is missing; in the server's words.
    Gone(String),
}

impl Completed {
    pub(crate) fn whole(row: Row) -> Self {
        Self::Row(Box::new(row))
    }

    fn request(&self) -> Option<&crate::wire::Request> {
        match self {
            Self::Row(row) => row.request.as_ref().ok(),
            Self::Outcome(_) | Self::Outside(_) | Self::Gone(_) => None,
        }
    }
}

fn reject(row: Row, reason: String) -> Outcome {
    Outcome::Rejected(Rejected {
        id: row.id().map(|id| id.to_string()),
        reason,
        raw: row.raw.to_string(),
    })
}
