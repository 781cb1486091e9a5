//! Serves one call of the API: hooks before, answer, hooks after.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;

use super::body::{cut_off, dripping, send, truncated};
use super::oversized;
use super::shared::{Server, stopped};
use crate::exchange::call::{Call, Target};
use crate::exchange::log::LogEntry;
use crate::exchange::plan::{Ending, Plan};
use crate::exchange::reply::Reply;

/// Maximum size of a form body, in bytes; only refreshes of a token have one.
const FORM_BYTES: usize = 64 * 1024;

pub(super) async fn serve(State(server): State<Server>, request: Request) -> Response {
    let desk = &server.desk;
    let clock = &desk.tickets.clock;
    let (at_ms, elapsed_ms) = (clock.now_ms(), clock.elapsed_ms());
    let (parts, body) = request.into_parts();
    let form = axum::body::to_bytes(body, FORM_BYTES).await.unwrap_or_default();
    let form = String::from_utf8_lossy(&form);
    let portal = desk.options.portal.as_deref();
    let target = Target::read(parts.uri.path(), desk.options.edition, portal);
    let call = Call::read(target, parts.method, &parts.uri, parts.headers, &form);
    let mut visit = desk.log.arrive(LogEntry::arrived(&call, at_ms, elapsed_ms));
    let mut plan = Plan {
        delay: desk.options.latency,
        ending: Ending::Honest,
        during_lock: false,
        revokes_tokens: false,
    };
    let hooks = desk.hooks();
    hooks.iter().for_each(|hook| hook.arrive(&desk.tickets, &call));
    hooks.iter().for_each(|hook| hook.before(&call, &mut plan));
    visit.record(|entry| entry.during_lock = plan.during_lock);
    if plan.revokes_tokens {
        desk.revoke_access_tokens();
    }
    if !plan.delay.is_zero() {
        tokio::time::sleep(plan.delay).await;
    }
    let mut honest = || {
        let mut reply = desk.answer(&call, &mut visit);
        if reply.status == 200 {
            hooks.iter().for_each(|hook| hook.on_reply(&call, &mut reply));
        }
        reply
    };
    let response = match plan.ending {
        Ending::Honest => send(honest(), Body::from),
        Ending::Reply(reply) => send(reply, Body::from),
        Ending::Truncate => send(honest(), truncated),
        Ending::Reset => send(honest(), cut_off),
        Ending::Drip => send(honest(), dripping),
        Ending::Oversized(body) => oversized::response(body, stopped(server.stop.clone())),
        Ending::Hang => {
            stopped(server.stop.clone()).await;
            send(Reply::empty(503), Body::from)
        }
    };
    visit.record(|entry| entry.status = response.status().as_u16());
    hooks.iter().for_each(|hook| hook.after(&desk.tickets, &call));
    response
}
