//! Completes thin rows by their details.

use futures::future::join_all;
use ticket::TicketId;
use tracing::{info, warn};

use super::completed::{Completed, CompletedPage};
use super::hydrated::more_telling;
use super::normalise::Normaliser;
use super::outcome::Outcome;
use super::stored::StoredTickets;
use crate::{Client, Error, Result, Row};

/// Number of details of a page that, if all are missing, indicates a wrong URL rather than deleted tickets.
const MISSING_AT_ONCE: usize = 5;

impl Client {
    /// Completes rows, many at a time, until a failure concerns more than one row.
    pub(super) async fn complete_all(
        &self,
        normaliser: &Normaliser,
        rows: Vec<Row>,
        stored: &StoredTickets,
    ) -> CompletedPage {
        let mut page = CompletedPage::default();
        if !rows.iter().any(Row::is_thin) {
            page.completed = rows.into_iter().map(Completed::whole).collect();
            return page;
        }
        // The failure of one row stops the calls for the others.
        let part = self.stopped_by(self.stop().child());
        let completing = rows.into_iter().map(async |row| {
            let completed = part.complete(normaliser, row, stored).await;
            completed.inspect_err(|_| part.stop().soft.cancel())
        });
        for result in join_all(completing).await {
            match result {
                Ok(completed) => page.completed.push(completed),
                Err((row, error)) => {
                    page.left.push(row);
                    page.failure = more_telling(page.failure, error);
                }
            }
        }
        page
    }

    /// Completes a row by its detail, if it needs one.
    async fn complete(
        &self,
        normaliser: &Normaliser,
        row: Row,
        stored: &StoredTickets,
    ) -> Result<Completed, (Row, Error)> {
        let Some(id) = row.id().filter(|_| normaliser.wants_details() && row.is_thin()) else {
            return Ok(Completed::whole(row));
        };
        if normaliser.is_outside(&row) {
            return Ok(Completed::Outside(normaliser.not_final(&row)));
        }
        if self.is_unchanged(&id, &row, stored) {
            return Ok(Completed::Decided(Outcome::Unchanged));
        }
        match self.try_detail(normaliser, &id).await {
            Ok(Ok(detail)) => Ok(Completed::whole(detail)),
            Ok(Err(Error::NotFound(reason))) => {
                info!(ticket.id = %id, "skipped a ticket that was deleted, merged or archived after it was listed ({reason})");
                Ok(Completed::Gone(Box::new(row), reason))
            }
            Ok(Err(Error::TooLong { .. })) if self.reads_ahead() => Ok(Completed::Large(Box::new(row))),
            Ok(Err(error)) => {
                warn!(ticket.id = %id, "rejected a ticket whose detail cannot be read: {error}");
                let reason = format!("its detail cannot be read: {error}");
                Ok(Completed::Decided(Outcome::rejected(&row, reason)))
            }
            Err(error) => Err((row, error)),
        }
    }

    /// Returns whether the row has the time of update that is stored, and its notes need no search.
    fn is_unchanged(&self, id: &TicketId, row: &Row, stored: &StoredTickets) -> bool {
        let searches_notes = self.settings().resolution_from_notes;
        row.source_time()
            .zip(stored.get(id))
            .is_some_and(|(now, before)| now == before.changed_at && (before.resolved || !searches_notes))
    }

    /// Reads a detail. The inner error concerns this ticket alone.
    ///
    /// # Errors
    /// Errors that concern more than this ticket.
    async fn try_detail(&self, normaliser: &Normaliser, id: &TicketId) -> Result<Result<Row>> {
        let place = self.stop().before_sending(self.details().acquire()).await?;
        let _place = place.expect("never closed");
        let answers_before = self.pacer().answers();
        let error = match self.detail(id).await {
            Ok(detail) => return Ok(Ok(detail)),
            Err(error) => error,
        };
        let others_succeed = self.pacer().answers() != answers_before;
        match &error {
            Error::NotFound(_) => {}
            Error::TooLong { .. } if self.reads_ahead() => {}
            Error::Throttled { .. } if !others_succeed => return Err(error),
            Error::Refused(_)
            | Error::Forbidden(_)
            | Error::TooLong { .. }
            | Error::Unavailable { .. }
            | Error::Throttled { .. } => {
                if !others_succeed {
                    self.confirm_that_lists_work(&normaliser.window).await?;
                }
            }
            _ => return Err(error),
        }
        Ok(Err(error))
    }
}

/// Refuses a page if lists work but all its details are missing.
///
/// # Errors
/// `NotFound`, with the server's words for the first of them.
pub(super) fn refuse_if_all_are_gone(completed: &[Completed]) -> Result<()> {
    let inside = |completed: &&Completed| !matches!(completed, Completed::Outside(_));
    let mut inside = completed.iter().filter(inside).peekable();
    let first = match inside.peek() {
        Some(Completed::Gone(_, reason)) => reason.clone(),
        _ => return Ok(()),
    };
    let count = inside.clone().count();
    let all_gone = inside.all(|completed| matches!(completed, Completed::Gone(..)));
    if all_gone && count >= MISSING_AT_ONCE {
        return Err(Error::NotFound(format!(
            "lists work, but all {count} details of a page are missing: {first}"
        )));
    }
    Ok(())
}
