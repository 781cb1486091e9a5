//! A fault on a desk: the hook that strikes.

use serde_json::Value;

use crate::edition::Edition;
use crate::exchange::call::{Call, CallKind};
use crate::exchange::plan::{Ending, Plan};
use crate::exchange::reply::Reply;
use crate::fault::spec::{Fault, FaultKind};
use crate::hook::{Hook, Page};
use crate::json::edit_object;

/// A fault with the edition, which determines the bodies.
pub(crate) struct ArmedFault {
    pub(crate) fault: Fault,
    pub(crate) edition: Edition,
}

impl Hook for ArmedFault {
    fn before(&self, call: &Call, plan: &mut Plan) {
        let kind = &self.fault.kind;
        let later = matches!(
            kind,
            FaultKind::ShortPage
                | FaultKind::NoHasMoreRows
                | FaultKind::Lie(_)
                | FaultKind::HugeTicket { .. }
        );
        if later || !self.fault.strikes(call) {
            return;
        }
        plan.ending = match kind {
            FaultKind::Slow(delay) => {
                plan.delay += *delay;
                return;
            }
            FaultKind::Status {
                code,
                body,
                retry_after,
            } => {
                let named = body.as_deref().and_then(Reply::named);
                let mut reply = named.unwrap_or_else(|| Reply::of_status(*code, self.edition));
                reply.status = *code;
                reply.retry_after.clone_from(retry_after);
                Ending::Reply(reply)
            }
            FaultKind::Hang => Ending::Hang,
            FaultKind::Reset => Ending::Reset,
            FaultKind::Truncate => Ending::Truncate,
            FaultKind::LoginPage => Ending::Reply(Reply::login_page()),
            FaultKind::Empty => Ending::Reply(Reply::empty(200)),
            FaultKind::Failed => Ending::Reply(Reply::failed_success()),
            FaultKind::Oversized(body) => Ending::Oversized(*body),
            FaultKind::ShortPage
            | FaultKind::NoHasMoreRows
            | FaultKind::Lie(_)
            | FaultKind::HugeTicket { .. } => return,
        };
    }

    fn on_list(&self, call: &Call, page: &mut Page) {
        match self.fault.kind {
            FaultKind::ShortPage if self.fault.strikes(call) && page.numbers.len() > 1 => {
                page.numbers.truncate(page.numbers.len() / 2);
                page.has_more_rows = Some(true);
            }
            FaultKind::NoHasMoreRows if self.fault.strikes(call) => page.has_more_rows = None,
            _ => {}
        }
    }

    fn on_reply(&self, call: &Call, reply: &mut Reply) {
        match &self.fault.kind {
            FaultKind::Lie(lie) if call.kind() == CallKind::List && self.fault.strikes(call) => {
                lie.apply(call, reply);
            }
            FaultKind::HugeTicket { mebibytes }
                if call.kind() == CallKind::Detail && self.fault.strikes(call) =>
            {
                make_huge(reply, *mebibytes);
            }
            _ => {}
        }
    }
}

/// Makes the description of a ticket as long as this.
fn make_huge(reply: &mut Reply, mebibytes: u64) {
    edit_object(&mut reply.body, |answer| {
        if let Some(ticket) = answer.get_mut("request") {
            ticket["description"] = Value::from("sixteen letters ".repeat((mebibytes as usize) << 16));
        }
    });
}
