//! Where misbehaviour enters: a few points of every call, so that the honest path has no exceptions in it.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::call::Call;
use crate::desk::Desk;
use crate::options::Options;
use crate::reply::Reply;
use crate::ticket::Ticket;
use crate::truth::Truth;

/// A way to misbehave. Every method does nothing unless a hook says otherwise.
pub(crate) trait Hook: Send + Sync {
    /// On the tickets that the desk starts with.
    fn on_population(&self, _options: &Options, _tickets: &mut [Ticket]) {}

    /// How far the desk's clock is ahead, in milliseconds.
    fn ahead_ms(&self) -> i64 {
        0
    }

    /// When a call arrives: may change the desk.
    fn arrive(&self, _desk: &Desk, _call: &Call) {}

    /// Before the pace limit and the sign-in: may delay the call, answer it, or spoil the answer to come.
    fn before(&self, _desk: &Desk, _call: &Call, _plan: &mut Plan) {}

    /// On what a list is asked for, before it is read: may change or refuse it.
    fn on_input(&self, _list_info: &mut Map<String, Value>) -> Result<(), Reply> {
        Ok(())
    }

    /// On the page that a list is about to answer.
    fn on_list(&self, _call: &Call, _page: &mut Page) {}

    /// On a row or detail after it was made.
    fn on_ticket(&self, _ticket: &Ticket, _json: &mut String) {}

    /// Instead of whatever would be told of this ticket alone.
    fn hides(&self, _ticket: &Ticket) -> Option<Reply> {
        None
    }

    /// On a good answer before it is sent.
    fn on_reply(&self, _call: &Call, _reply: &mut Reply) {}

    /// After a call was answered: may change the desk.
    fn after(&self, _desk: &Desk, _call: &Call) {}

    /// On the truth about a ticket, where a client sees something else than the desk was made with.
    fn on_truth(&self, _ticket: &Ticket, _truth: &mut Truth) {}
}

/// What is to become of a call.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) outcome: Outcome,
    /// Whether the call comes during a lock that an earlier call was told about.
    pub(crate) during_lock: bool,
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
    /// As it should, a few bytes at a time.
    Drip,
    /// With a body that nobody should read to its end.
    Monster(Monster),
}

/// A body that nobody should read to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Monster {
    /// So many tiny rows.
    Flood { rows: u64 },
    /// A byte now and then, without an end.
    Drip,
    /// So much when it is unpacked.
    Bomb { mebibytes: u64 },
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
