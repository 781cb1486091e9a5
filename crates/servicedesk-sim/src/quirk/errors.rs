//! Quirks that fail calls or the details of single tickets: Q51 to Q53, Q55 and Q56.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::exchange::call::{Call, CallKind};
use crate::exchange::plan::{Ending, Plan};
use crate::exchange::reply::Reply;
use crate::hook::Hook;
use crate::population::ticket::Ticket;
use crate::population::truth::Truth;
use crate::quirk::catalog::Quirk;

/// Number of the corrupt ticket (Q53).
const POISONED: u32 = 21;
/// Number of the first of three refused tickets (Q55).
const FIRST_REFUSED: u32 = 23;

pub(crate) struct Errors {
    quirk: Quirk,
    calls: AtomicU64,
}

impl Errors {
    pub(crate) fn new(quirk: Quirk) -> Self {
        Self {
            quirk,
            calls: AtomicU64::new(0),
        }
    }

    fn refusal(&self, number: u32) -> Option<Reply> {
        match (self.quirk, number.checked_sub(FIRST_REFUSED)) {
            (Quirk::Q53, _) if number == POISONED => Some(Reply::failure(500, 4004, None, "Internal Error")),
            (Quirk::Q55, Some(0)) => Some(Reply::failure(401, 4007, None, "Invalid URL")),
            (Quirk::Q55, Some(1)) => Some(Reply::failure(401, 4002, None, "Forbidden")),
            (Quirk::Q55, Some(2)) => Some(Reply::failure(401, 7001, None, "Licence does not allow this")),
            _ => None,
        }
    }
}

impl Hook for Errors {
    fn before(&self, call: &Call, plan: &mut Plan) {
        if !matches!(call.kind(), CallKind::List | CallKind::Detail) {
            return;
        }
        let count = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        plan.ending = match self.quirk {
            Quirk::Q51 if count.is_multiple_of(20) => Ending::Reply(Reply::failed_success()),
            Quirk::Q52 if count.is_multiple_of(20) => Ending::Reply(Reply::login_page()),
            Quirk::Q52 if count % 30 == 7 => Ending::Reply(Reply::empty(200)),
            Quirk::Q56 if count % 45 == 15 => Ending::Reset,
            Quirk::Q56 if count % 45 == 30 => Ending::Truncate,
            Quirk::Q56 if count.is_multiple_of(45) => Ending::Drip,
            _ => return,
        };
    }

    fn hides(&self, ticket: &Ticket) -> Option<Reply> {
        self.refusal(ticket.number)
    }

    fn on_truth(&self, ticket: &Ticket, truth: &mut Truth) {
        truth.valid &= self.refusal(ticket.number).is_none();
    }
}
