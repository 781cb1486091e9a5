//! One part of a plan: a filter over a range of time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::dialect::Dialect;

/// Earliest believable time of a resolution, in milliseconds since the epoch: 1990-01-01. An earlier figure
/// counts seconds, or is no time.
pub(crate) const EARLIEST_MS: i64 = 631_152_000_000;

/// Maximum clock skew of a helpdesk. A time further ahead is wrong for another reason.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

/// The tickets that a list request selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Resolved or completed within the range.
    ResolvedOrCompleted,
    /// The same in the other order, for lists with fewer completed tickets.
    CompletedOrResolved,
    /// Resolved within the range.
    Resolved,
    /// Completed within the range. `Resolved` covers those that were also resolved.
    Completed,
    /// Completed within the range and never resolved.
    CompletedOnly,
    /// All tickets, for a server that honours no filter.
    Nothing,
    /// Last changed within the range, final or not, resolved at any time.
    Changed,
    /// Created within the range, final or not. A ticket that never changed has no time of a change.
    Created,
    /// The story form: status names and a range of resolved times.
    Story,
}

/// One part of a plan. Serialisable, so that a later process can resume it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Tickets that the list selects.
    pub filter: Filter,
    /// First instant, included, in milliseconds since the epoch.
    pub from_ms: i64,
    /// Last instant, included, in milliseconds since the epoch.
    pub to_ms: i64,
    /// Time of the plan, in milliseconds since the epoch. Tickets that became final later may join the list.
    pub planned_at_ms: i64,
    /// Form of the list request.
    pub dialect: Dialect,
    /// The server's total at the time of the plan.
    pub total: Option<u64>,
}

impl Window {
    /// Returns a window over all tickets, for rows that come from elsewhere.
    pub fn anything(now: DateTime<Utc>) -> Self {
        Self {
            filter: Filter::Nothing,
            from_ms: 0,
            to_ms: (now + CLOCK_SKEW).timestamp_millis(),
            planned_at_ms: now.timestamp_millis(),
            dialect: Dialect::FULL,
            total: None,
        }
    }

    /// Returns whether a ticket with this time of resolution belongs to the window.
    pub(crate) fn holds(&self, resolved: DateTime<Utc>) -> bool {
        matches!(self.filter, Filter::Changed | Filter::Created)
            || (self.from_ms..=self.to_ms).contains(&resolved.timestamp_millis())
    }

    /// Returns the latest believable time of a resolution, given the time of the plan.
    pub(crate) fn latest(&self) -> DateTime<Utc> {
        let latest = DateTime::from_timestamp_millis(self.to_ms.max(self.planned_at_ms));
        latest
            .and_then(|latest| latest.checked_add_signed(CLOCK_SKEW))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Returns the window with another filter.
    pub(crate) fn over(&self, filter: Filter) -> Self {
        Self {
            filter,
            total: None,
            ..self.clone()
        }
    }

    /// Splits the window into `parts` of the same length, in order and without gaps; into fewer if it is too short.
    pub(crate) fn split(&self, parts: u64) -> Vec<Self> {
        let length = self.to_ms.saturating_sub(self.from_ms).max(0) as u64 + 1;
        let step = length.div_ceil(parts.max(1)) as i64;
        let mut windows = Vec::new();
        let mut from_ms = self.from_ms;
        while from_ms <= self.to_ms {
            let to_ms = from_ms.saturating_add(step - 1).min(self.to_ms);
            windows.push(Self {
                from_ms,
                to_ms,
                total: None,
                ..self.clone()
            });
            from_ms = to_ms.saturating_add(1);
        }
        windows
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn window(from_ms: i64, to_ms: i64) -> Window {
        Window {
            filter: Filter::Resolved,
            from_ms,
            to_ms,
            planned_at_ms: to_ms,
            dialect: Dialect::FULL,
            total: None,
        }
    }

    #[test]
    fn parts_leave_no_gap_and_do_not_overlap() {
        for (from, to, parts) in [(0, 99, 4), (0, 99, 7), (5, 5, 3), (0, 1, 9), (-10, 10, 2)] {
            let windows = window(from, to).split(parts);
            assert!(windows.len() as u64 <= parts, "{windows:?}");
            assert_eq!((windows[0].from_ms, windows[windows.len() - 1].to_ms), (from, to));
            assert!(windows.windows(2).all(|two| two[0].to_ms + 1 == two[1].from_ms));
        }
    }
}
