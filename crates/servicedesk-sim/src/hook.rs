//! The points of an exchange where misbehaviour enters, so that the honest path has no exceptions in it.

use serde_json::{Map, Value};

use crate::exchange::call::Call;
use crate::exchange::plan::Plan;
use crate::exchange::reply::Reply;
use crate::population::table::TicketTable;
use crate::population::ticket::Ticket;
use crate::population::truth::Truth;

/// A way to misbehave. Each method does nothing by default.
pub(crate) trait Hook: Send + Sync {
    /// Changes the tickets with which the desk starts.
    fn on_population(&self, _tickets: &mut [Ticket]) {}

    /// Returns the lead of the desk's clock in milliseconds.
    fn ahead_ms(&self) -> i64 {
        0
    }

    /// Changes tickets when a call arrives.
    fn arrive(&self, _tickets: &TicketTable, _call: &Call) {}

    /// Delays a call, answers it or spoils the answer, before pace limit and sign-in.
    fn before(&self, _call: &Call, _plan: &mut Plan) {}

    /// Changes or refuses `list_info` before it is parsed.
    fn on_input(&self, _list_info: &mut Map<String, Value>) -> Result<(), Reply> {
        Ok(())
    }

    /// Changes a page before it is rendered.
    fn on_list(&self, _call: &Call, _page: &mut Page) {}

    /// Changes a rendered row or detail.
    fn on_ticket(&self, _ticket: &Ticket, _json: &mut String) {}

    /// Replaces every answer about this one ticket.
    fn hides(&self, _ticket: &Ticket) -> Option<Reply> {
        None
    }

    /// Changes a successful reply before it is sent.
    fn on_reply(&self, _call: &Call, _reply: &mut Reply) {}

    /// Changes tickets after a call was answered.
    fn after(&self, _tickets: &TicketTable, _call: &Call) {}

    /// Changes the truth about a ticket whose JSON the hook changes.
    fn on_truth(&self, _ticket: &Ticket, _truth: &mut Truth) {}
}

/// A page of a list before it is rendered.
#[derive(Debug)]
pub(crate) struct Page {
    /// The tickets in order.
    pub(crate) numbers: Vec<u32>,
    /// `None` omits the key.
    pub(crate) has_more_rows: Option<bool>,
}
