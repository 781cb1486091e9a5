//! Answers that are none, and tickets whose detail is broken: Q51 to Q56.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Quirk;
use crate::call::{Call, CallKind};
use crate::desk::Desk;
use crate::hook::{Hook, Outcome, Plan};
use crate::reply::Reply;
use crate::ticket::Ticket;
use crate::truth::Truth;

/// Q53: the corrupt record.
const POISONED: u32 = 21;
/// Q55: the first of three.
const FIRST_REFUSED: u32 = 23;

struct Errors {
    quirk: Quirk,
    calls: AtomicU64,
}

pub(super) fn hook(quirk: Quirk) -> Arc<dyn Hook> {
    Arc::new(Errors {
        quirk,
        calls: AtomicU64::new(0),
    })
}

impl Errors {
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
    fn before(&self, _desk: &Desk, call: &Call, plan: &mut Plan) {
        if !matches!(call.kind(), CallKind::List | CallKind::Detail) {
            return;
        }
        let count = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let outcome = match self.quirk {
            Quirk::Q51 if count.is_multiple_of(20) => Outcome::Answer(Reply::failed_success()),
            Quirk::Q52 if count.is_multiple_of(20) => Outcome::Answer(Reply::login_page()),
            Quirk::Q52 if count % 30 == 7 => Outcome::Answer(Reply::empty(200)),
            Quirk::Q56 if count % 45 == 15 => Outcome::Reset,
            Quirk::Q56 if count % 45 == 30 => Outcome::Truncate,
            Quirk::Q56 if count.is_multiple_of(45) => Outcome::Drip,
            _ => return,
        };
        plan.outcome = outcome;
    }

    fn hides(&self, ticket: &Ticket) -> Option<Reply> {
        self.refusal(ticket.number)
    }

    fn on_truth(&self, ticket: &Ticket, truth: &mut Truth) {
        truth.valid &= self.refusal(ticket.number).is_none();
    }
}
