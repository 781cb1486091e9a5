//! The time at which a ticket became final.

use chrono::{DateTime, Utc};

use crate::Window;
use crate::reading::EARLIEST_MS;
use crate::wire::{Request, Time};

/// Returns the time of resolution, or else of completion.
///
/// # Errors
/// The reason for a rejection: no time, a value of a wrong kind, or an impossible time.
pub(crate) fn resolved_at(request: &Request, window: &Window) -> Result<DateTime<Utc>, String> {
    let (name, time) = match (&request.resolved_time, &request.completed_time) {
        (Time::Absent | Time::Null, Time::Absent | Time::Null) => {
            return Err("it has no resolved time".to_owned());
        }
        (Time::Absent | Time::Null, completed) => ("completed time", completed),
        (resolved, _) => ("resolved time", resolved),
    };
    let milliseconds = match time {
        Time::Milliseconds(milliseconds) | Time::Impossible(milliseconds) => *milliseconds,
        Time::Wrong(value) => return Err(format!("its {name} is {value}, not milliseconds since 1970")),
        Time::Absent | Time::Null => return Err(format!("it has no {name}")),
    };
    DateTime::from_timestamp_millis(milliseconds)
        .filter(|time| milliseconds >= EARLIEST_MS && *time <= window.latest())
        .ok_or_else(|| format!("its {name} is impossible: {milliseconds} milliseconds since 1970"))
}
