//! Endings of a run: completion and interruptions.

use chrono::{DateTime, Utc};

use crate::source;
use crate::{Error, Result};

/// Ending of a run without an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The run read and stored everything.
    Complete,
    /// The caller, a signal or the end of a turn stopped the run.
    Stopped,
    /// The helpdesk asked for a pause.
    Paused {
        /// End of the pause.
        until: DateTime<Utc>,
        /// Reason that the helpdesk gave.
        reason: String,
    },
}

/// Converts an interruption, which is not an error, to an ending.
///
/// # Errors
/// Every error except an interruption.
pub fn ending_of(ending: Result<Ending>) -> Result<Ending> {
    let error = match ending {
        Err(error) => error,
        ending => return ending,
    };
    match error.source_error() {
        Some(source::Error::Stopped) => Ok(Ending::Stopped),
        Some(source::Error::Paused { until, reason }) => Ok(Ending::Paused {
            until: *until,
            reason: reason.clone(),
        }),
        _ => Err(error),
    }
}

/// Joins the endings of reader and writer: an error outranks a pause, and a pause outranks a stop.
pub(super) fn join(read: Result<()>, written: Result<()>) -> Result<Ending> {
    let [written, read] = [written, read].map(|half| ending_of(half.map(|()| Ending::Complete)));
    Ok(match (written?, read?) {
        (paused @ Ending::Paused { .. }, _) | (_, paused @ Ending::Paused { .. }) => paused,
        (Ending::Complete, Ending::Complete) => Ending::Complete,
        _ => Ending::Stopped,
    })
}

/// Returns the more severe failure: an error outranks a pause, and a pause outranks a stop.
pub(super) fn graver(before: Option<Error>, failure: Error) -> Error {
    let rank = |error: &Error| match error.source_error() {
        Some(source::Error::Stopped) => 0,
        Some(source::Error::Paused { .. }) => 1,
        _ => 2,
    };
    match before {
        Some(before) if rank(&before) >= rank(&failure) => before,
        _ => failure,
    }
}
