//! The result of a probe.

use serde::{Deserialize, Serialize};

use crate::wire::Text;
use crate::{Dialect, Row, Statuses};

/// Number of days whose tickets are counted.
pub(super) const DAYS: i64 = 90;

/// The result of a probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Time of the probe, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Tickets that became final in the last 90 days, if the server counts.
    pub total: Option<u64>,
    /// Form of list requests that the server accepts.
    pub dialect: Dialect,
    /// Whether the server honours a range of time.
    pub filters_honoured: bool,
    /// Whether one list can select by both times.
    pub one_list_for_both_times: bool,
    /// Fields that a list row holds; `None` if there was no ticket to read.
    pub row: Option<RowGives>,
    /// The server's reason for refusing the detail of a ticket, if it does.
    pub detail_refused: Option<String>,
    /// The server's list of statuses, if it sends one.
    pub statuses: Option<Statuses>,
    /// The server's reason for refusing the list of statuses, if it does.
    pub statuses_refused: Option<String>,
}

/// The fields that a list row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowGives {
    /// Text of the description.
    pub description: bool,
    /// Text of the resolution.
    pub resolution: bool,
    /// Time of resolution or completion.
    pub times: bool,
    /// Time of the last update; with it, unchanged tickets cost no call.
    pub last_update: bool,
}

impl RowGives {
    /// Returns the fields of a row; `None` if the row cannot be read.
    pub(super) fn of(row: &Row) -> Option<Self> {
        let request = row.request.as_ref().ok()?;
        Some(Self {
            description: request.description != Text::Absent,
            resolution: request.resolution != Text::Absent,
            times: !(request.resolved_time.is_absent() && request.completed_time.is_absent()),
            last_update: row.source_time().is_some(),
        })
    }

    /// Returns whether the row needs no detail call.
    pub(super) fn is_whole(&self) -> bool {
        self.description && self.resolution && self.times
    }
}
