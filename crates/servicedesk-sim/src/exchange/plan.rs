//! The plan for one call: what the hooks make of it before it is answered.

use std::time::Duration;

use crate::exchange::reply::Reply;

/// The plan for one call.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) ending: Ending,
    /// Whether the call came during a lock that an earlier reply announced.
    pub(crate) during_lock: bool,
    /// Whether the call ends every access token.
    pub(crate) revokes_tokens: bool,
}

/// The end of a call.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The honest reply.
    Honest,
    /// Another reply.
    Reply(Reply),
    /// No reply.
    Hang,
    /// The first half of the body, with a matching length.
    Truncate,
    /// A connection closed in the middle of the body.
    Reset,
    /// The honest reply, a few bytes at a time.
    Drip,
    /// A body that no client should read to its end.
    Oversized(OversizedBody),
}

/// A body that no client should read to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum OversizedBody {
    /// This many tiny rows.
    Flood { rows: u64 },
    /// A byte now and then, without an end.
    Drip,
    /// Gzip that unpacks to this size.
    Bomb { mebibytes: u64, of: BombContent },
}

/// The content of a bomb.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum BombContent {
    /// Blanks, which no parser keeps.
    Blanks,
    /// A page of tiny rows.
    Rows,
}
