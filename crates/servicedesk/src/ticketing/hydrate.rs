//! From the rows of a page to tickets: details where rows are thin, then normalised.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use ticket::{Ticket, TicketId};
use tokio::task::spawn_blocking;
use tracing::{info, warn};

use crate::normalise::{Normaliser, Verdict};
use crate::original::{Original, OriginalDigest};
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
    /// Rows whose details could not be read for a reason that concerns more than them.
    pub left: Vec<Row>,
    /// That reason; the rest of the page is done all the same.
    pub failure: Option<Error>,
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

/// What is stored of tickets.
pub type Known = HashMap<TicketId, Stored>;

/// What is stored of a ticket, as far as it spares reading it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// When it was last changed at the source.
    pub changed_at: Option<DateTime<Utc>>,
    /// Digest of its [`Original`].
    pub digest: Option<Vec<u8>>,
    /// It has a resolution, or its notes are not to be looked at for one.
    pub resolved: bool,
}

/// What came of asking for a detail.
enum Detail {
    NotNeeded,
    Read(Box<Row>),
    Unchanged,
    Outside,
    Gone(String),
    Unreadable(Error),
}

/// The failure that says more: a stop that follows from the failure of another row says nothing.
pub(crate) fn worse(before: Option<Error>, error: Error) -> Option<Error> {
    match before {
        None | Some(Error::Stopped) => Some(error),
        told => told,
    }
}

impl Client {
    /// Completes and normalises the rows of a page. Rows whose time of last update is in `stored` are
    /// unchanged and cost no detail call; whole rows that came just so before are not converted again.
    ///
    /// What keeps it from being done for all rows (a server that is away, refused credentials, a stop) is in
    /// [`Finished::failure`], with the rows that are left.
    pub async fn finish(&self, window: Window, rows: Vec<Row>, stored: Known) -> Finished {
        let mut normaliser = self.normaliser(window);
        let requests = rows.iter().filter_map(|row| row.request.as_ref().ok());
        normaliser.statuses = match self.statuses_for(requests).await {
            Ok(statuses) => statuses,
            Err(failure) => {
                return Finished {
                    left: rows,
                    failure: Some(failure),
                    ..Finished::default()
                };
            }
        };
        let (mut completed, mut left, mut failure) = self.complete_all(&normaliser, rows, &stored).await;
        let checked = self.refuse_if_all_are_gone(&completed);
        // A detail may have another status than its row, one not met before.
        let requests = completed.iter().filter_map(Completed::request);
        let statuses = match checked {
            Ok(()) => self.statuses_for(requests).await,
            Err(error) => Err(error),
        };
        match statuses {
            Ok(statuses) => normaliser.statuses = statuses,
            Err(error) => {
                failure = Some(error);
                completed = Completed::take_rows(completed, &mut left);
            }
        }
        // What notes tell may have changed without the ticket.
        let known = if self.settings().resolution_from_notes {
            Known::new()
        } else {
            stored
        };
        // HTML to text is work for a core, not for the threads that wait for the network.
        let core = self.conversions().acquire().await.expect("never closed");
        let normalised = spawn_blocking(move || normalise_all(&normaliser, completed, &known)).await;
        drop(core);
        let mut finished = match normalised {
            Ok(finished) => Finished {
                left,
                failure,
                ..finished
            },
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime shuts down: nothing comes after this.
                Err(_) => std::future::pending().await,
            },
        };
        if self.settings().resolution_from_notes {
            self.resolve_from_notes(&mut finished).await;
        }
        finished
    }

    /// Completes rows, many at a time, up to the first failure that concerns more than its row.
    async fn complete_all(
        &self,
        normaliser: &Normaliser,
        rows: Vec<Row>,
        stored: &Known,
    ) -> (Vec<Completed>, Vec<Row>, Option<Error>) {
        if !rows.iter().any(Row::is_thin) {
            return (rows.into_iter().map(Completed::whole).collect(), Vec::new(), None);
        }
        // What one failed of, the others need not try.
        let part = self.stopped_by(self.stop().child());
        let completing = rows.into_iter().map(async |row| {
            let completed = part.complete(normaliser, row, stored).await;
            completed.inspect_err(|_| part.stop().soft.cancel())
        });
        let (mut completed, mut left, mut failure) = (Vec::new(), Vec::new(), None);
        for result in join_all(completing).await {
            match result {
                Ok(done) => completed.push(done),
                Err((row, error)) => {
                    left.push(row);
                    failure = worse(failure, error);
                }
            }
        }
        (completed, left, failure)
    }

    /// A row with what its detail tells, if that is worth a call.
    async fn complete(
        &self,
        normaliser: &Normaliser,
        row: Row,
        stored: &Known,
    ) -> Result<Completed, (Row, Error)> {
        match self.detail_of(normaliser, &row, stored).await {
            Ok(Detail::NotNeeded) => Ok(Completed::whole(row)),
            Ok(Detail::Read(detail)) => Ok(Completed::Row(detail)),
            Ok(Detail::Unchanged) => Ok(Completed::Outcome(Outcome::Unchanged)),
            Ok(Detail::Outside) => Ok(Completed::Outside(normaliser.not_final(&row))),
            Ok(Detail::Gone(reason)) => Ok(Completed::Gone(Box::new(row), reason)),
            Ok(Detail::Unreadable(error)) => {
                let reason = format!("its detail cannot be read: {error}");
                Ok(Completed::Outcome(reject(row, reason)))
            }
            Err(error) => Err((row, error)),
        }
    }

    /// Asks for the detail of a thin row that is worth it.
    async fn detail_of(&self, normaliser: &Normaliser, row: &Row, stored: &Known) -> Result<Detail> {
        let Some(id) = row.id().filter(|_| normaliser.wants_details() && row.is_thin()) else {
            return Ok(Detail::NotNeeded);
        };
        if normaliser.is_outside(row) {
            return Ok(Detail::Outside);
        }
        let unchanged = row
            .source_time()
            .zip(stored.get(&id))
            .is_some_and(|(now, before)| {
                let nothing_to_find = before.resolved || !self.settings().resolution_from_notes;
                now == before.changed_at && nothing_to_find
            });
        if unchanged {
            return Ok(Detail::Unchanged);
        }
        let place = self.stop().before_sending(self.details().acquire()).await?;
        let _place = place.expect("never closed");
        let answers_before = self.pacer().answers();
        match self.detail(&id).await {
            Ok(detail) => Ok(Detail::Read(Box::new(detail))),
            Err(Error::NotFound(reason)) => {
                info!(ticket.id = %id, "left out a ticket that was deleted, merged or archived meanwhile ({reason})");
                Ok(Detail::Gone(reason))
            }
            Err(
                error @ (Error::Refused(_)
                | Error::Forbidden(_)
                | Error::TooLong { .. }
                | Error::Unavailable { .. }
                | Error::Throttled { .. }),
            ) => {
                let others_get_through = self.pacer().answers() != answers_before;
                if matches!(error, Error::Throttled { .. }) && !others_get_through {
                    return Err(error);
                }
                if !others_get_through {
                    self.confirm_that_lists_work(normaliser).await?;
                }
                warn!(ticket.id = %id, "rejected a ticket whose detail cannot be read: {error}");
                Ok(Detail::Unreadable(error))
            }
            Err(error) => Err(error),
        }
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
            Some(Completed::Gone(_, reason)) => reason.clone(),
            _ => return Ok(()),
        };
        let count = asked.clone().count();
        let gone = asked.all(|completed| matches!(completed, Completed::Gone(..)));
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
            Completed::Gone(..) => {
                finished.leave_out(None);
                continue;
            }
        };
        let digest = row
            .request
            .as_ref()
            .map_or_else(|_| Vec::new(), |request| digests.of(request));
        let before = row.id().and_then(|id| known.get(&id)?.digest.as_ref());
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
    Gone(Box<Row>, String),
}

impl Completed {
    pub(crate) fn whole(row: Row) -> Self {
        Self::Row(Box::new(row))
    }

    /// What is done without another look at the rows, which are `left` for later.
    fn take_rows(completed: Vec<Self>, left: &mut Vec<Row>) -> Vec<Self> {
        let mut done = Vec::new();
        for completed in completed {
            match completed {
                Self::Row(row) | Self::Gone(row, _) => left.push(*row),
                Self::Outcome(_) | Self::Outside(_) => done.push(completed),
            }
        }
        done
    }

    fn request(&self) -> Option<&crate::wire::Request> {
        match self {
            Self::Row(row) => row.request.as_ref().ok(),
            Self::Outcome(_) | Self::Outside(_) | Self::Gone(..) => None,
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
