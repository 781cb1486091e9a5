//! Rows after their detail calls.

use super::not_final::NotFinal;
use super::outcome::Outcome;
use crate::wire::Request;
use crate::{Error, Row};

/// A row after its detail call, if it needed one.
pub(crate) enum Completed {
    /// A row with all its fields.
    Row(Box<Row>),
    /// A row that needs no conversion.
    Decided(Outcome),
    /// A row outside the window, and the ticket if it is not final.
    Outside(Option<NotFinal>),
    /// A row whose detail is too large to be read while others are.
    Large(Box<Row>),
    /// A row of the list without a detail, with the server's words.
    Gone(Box<Row>, String),
}

/// The rows of a page after their detail calls.
#[derive(Default)]
pub(super) struct CompletedPage {
    pub(super) completed: Vec<Completed>,
    /// Rows that still need their details.
    pub(super) left: Vec<Row>,
    /// The failure that left them.
    pub(super) failure: Option<Error>,
}

impl Completed {
    pub(crate) fn whole(row: Row) -> Self {
        Self::Row(Box::new(row))
    }

    pub(super) fn request(&self) -> Option<&Request> {
        match self {
            Self::Row(row) => row.request.as_ref().ok(),
            Self::Decided(_) | Self::Outside(_) | Self::Large(_) | Self::Gone(..) => None,
        }
    }
}

impl CompletedPage {
    /// Leaves all undecided rows for later because of a failure.
    pub(super) fn fail(&mut self, failure: Error) {
        for completed in std::mem::take(&mut self.completed) {
            match completed {
                Completed::Row(row) | Completed::Large(row) | Completed::Gone(row, _) => {
                    self.left.push(*row);
                }
                Completed::Decided(_) | Completed::Outside(_) => self.completed.push(completed),
            }
        }
        self.failure = Some(failure);
    }
}
