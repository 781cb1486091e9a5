//! The honest answer to a call: pace, sign-in, media type, then the path.

mod list;
mod ticket;

use std::time::Instant;

use axum::http::Method;
use serde_json::json;

use crate::desk::{Desk, gate};
use crate::edition::Api;
use crate::exchange::bad_query::BadQuery;
use crate::exchange::call::{Call, Target};
use crate::exchange::log::Visit;
use crate::exchange::reply::Reply;

const MEDIA_TYPES: [&str; 2] = ["application/vnd.manageengine.sdp.v3+json", "application/v3+json"];

impl Desk {
    /// Answers a call.
    pub(crate) fn answer(&self, call: &Call, visit: &mut Visit<'_>) -> Reply {
        let now = Instant::now();
        if call.target == Target::Token {
            let locked = self.tokens.is_locked(now);
            visit.record(|entry| entry.during_lock |= locked);
            return match call.method {
                Method::POST => self.tokens.refresh(call, &self.options, now),
                _ => Reply::not_found(self.options.edition),
            };
        }
        let authorised = self.tokens.admits(call, &self.options, now);
        visit.record(|entry| entry.authorised = authorised);
        if let Some(refusal) = self.gate.throttled(visit.arrived(), now) {
            visit.record(|entry| entry.during_lock |= refusal.during_lock);
            let mut reply = Reply::too_many();
            reply.retry_after = Some(refusal.wait.as_millis().div_ceil(1_000).to_string());
            return reply;
        }
        if let Some(limit) = &self.options.limit
            && let Err(refusal) = self.gate.admit(limit, visit.arrived(), now)
        {
            visit.record(|entry| entry.during_lock |= refusal.during_lock);
            return gate::refusal(limit, refusal.wait, self.now_ms());
        }
        if !authorised {
            return Reply::unauthorised(self.options.edition);
        }
        let accepted = call.header("accept").unwrap_or_default();
        if !MEDIA_TYPES.iter().any(|media_type| accepted.contains(media_type)) {
            return Reply::failure(415, 4000, None, "Unsupported Media Type");
        }
        if call.method != Method::GET {
            return Reply::bad_query(&BadQuery::extra_key("list_info"));
        }
        match &call.target {
            Target::List => self.list(call, visit),
            // The simplified form has lists only.
            _ if self.options.api == Api::Story => Reply::not_found(self.options.edition),
            Target::Detail(id) => self.detail(id),
            Target::Archived(id) => self.archived(id),
            Target::Resolution(id) => self.resolution(id),
            Target::Notes(id) => self.notes(id),
            Target::Note(id, note) => self.note(id, note),
            Target::Statuses => Reply::success("statuses", json!(self.renderer.directory.status_rows())),
            Target::Token | Target::Unknown => Reply::not_found(self.options.edition),
        }
    }
}
