//! Where misbehaviour enters: three points of every call, so that the honest path has no exceptions in it.

use std::time::Duration;

use crate::call::Call;
use crate::reply::Reply;
use crate::ticket::Ticket;

/// A way to misbehave. Every method does nothing unless a hook says otherwise.
pub(crate) trait Hook: Send + Sync {
    /// Before the pace limit and the sign-in: may delay the call, answer it, or spoil the answer to come.
    fn before(&self, _call: &Call, _plan: &mut Plan) {}

    /// On the page that a list is about to answer.
    fn on_list(&self, _call: &Call, _page: &mut Page) {}

    /// On a row or detail after it was made.
    fn on_ticket(&self, _ticket: &Ticket, _json: &mut String) {}
}

/// What is to become of a call.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) outcome: Outcome,
}

/// How a call ends.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// As it should.
    Honest,
    /// With this instead.
    Answer(Reply),
    /// Never.
    Hang,
    /// With the first half of the body, as if that were all.
    Truncate,
    /// With the connection closed in the middle of the body.
    Reset,
}

/// A page of a list before it is written out.
#[derive(Debug)]
pub(crate) struct Page {
    /// The tickets in order.
    pub(crate) numbers: Vec<u32>,
    /// `None` leaves the key out.
    pub(crate) has_more_rows: Option<bool>,
}

/// Breaks the tickets that the population marked as bad.
pub(crate) struct Defects;

impl Hook for Defects {
    fn on_ticket(&self, ticket: &Ticket, json: &mut String) {
        if let Some(defect) = ticket.defect {
            *json = defect.apply(json);
        }
    }
}
