//! The result of hydrating the rows of a page.

use super::not_final::NotFinal;
use super::outcome::Outcome;
use crate::wire::held_bytes;
use crate::{Error, Row};

/// The result of hydrating the rows of a page.
#[derive(Debug, Default)]
pub struct Hydrated {
    /// One outcome for each row of the window, in the order of the list.
    pub outcomes: Vec<Outcome>,
    /// Number of rows outside the window: open, resolved at another time, or deleted since the list was read.
    pub outside: u64,
    /// Rows outside the window that are open or in the trash.
    pub not_final: Vec<NotFinal>,
    /// Rows whose details are too large to be read while others are: hydrate them one by one with another client.
    pub large: Vec<Row>,
    /// Rows without details, because of a failure that concerns more than one row.
    pub left: Vec<Row>,
    /// That failure. The other rows of the page are complete.
    pub failure: Option<Error>,
}

impl Hydrated {
    /// Returns the approximate memory in bytes that the outcomes keep: answers and texts.
    pub fn held_bytes(&self) -> usize {
        let raws = self.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Ticket(_, fingerprint) => Some(&fingerprint.raw),
            Outcome::Unchanged | Outcome::Rejected(_) => None,
        });
        held_bytes(raws) + self.outcomes.iter().map(Outcome::text_bytes).sum::<usize>()
    }

    pub(super) fn add_outside(&mut self, not_final: Option<NotFinal>) {
        self.outside += 1;
        self.not_final.extend(not_final);
    }

    /// Leaves a row for later because of a failure.
    pub(super) fn leave(&mut self, row: Row, failure: Error) {
        self.left.push(row);
        self.failure = more_telling(self.failure.take(), failure);
    }
}

/// Returns the failure that says more: `Stopped` may only follow from the failure of another row.
pub(super) fn more_telling(before: Option<Error>, error: Error) -> Option<Error> {
    match before {
        None | Some(Error::Stopped) => Some(error),
        before => before,
    }
}
