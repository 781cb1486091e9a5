//! What to read: one part of a plan.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::list::Dialect;

/// Which tickets a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Resolved or completed within the range.
    ResolvedOrCompleted,
    /// The same in the other order, for when fewer are completed.
    CompletedOrResolved,
    /// Resolved within the range.
    Resolved,
    /// Completed within the range; those that were resolved as well are left to `Resolved`.
    Completed,
    /// Completed within the range and never resolved.
    CompletedOnly,
    /// All there are, for a server that filters by neither.
    Nothing,
    /// Last changed within the range, final or not, whenever resolved.
    Changed,
    /// Created within the range, likewise: what was never changed since has no time of it.
    Created,
    /// The story form: status names and a resolved time.
    Story,
}

/// One part of what to read. Serialisable, so that a later process can go on with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Which tickets.
    pub filter: Filter,
    /// First instant, included, in milliseconds since the epoch.
    pub from_ms: i64,
    /// Last instant, included, in milliseconds since the epoch.
    pub to_ms: i64,
    /// When the plan was made, in milliseconds since the epoch: what became final since may still join.
    pub planned_at_ms: i64,
    /// How to ask.
    pub dialect: Dialect,
    /// Tickets the server counted when the plan was made.
    pub total: Option<u64>,
}

/// A clock that is wrong by more than this is not the helpdesk's.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

impl Window {
    /// Every ticket, whenever it became final: for rows that were read before.
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

    /// Whether a ticket that was resolved then belongs here.
    pub(crate) fn holds(&self, resolved: DateTime<Utc>) -> bool {
        matches!(self.filter, Filter::Changed | Filter::Created)
            || (self.from_ms..=self.to_ms).contains(&resolved.timestamp_millis())
    }

    /// The latest resolved time that is not absurd for a plan made when this window was.
    pub(crate) fn latest(&self) -> DateTime<Utc> {
        let latest = DateTime::from_timestamp_millis(self.to_ms.max(self.planned_at_ms));
        latest
            .and_then(|latest| latest.checked_add_signed(CLOCK_SKEW))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The window with another filter.
    pub(crate) fn over(&self, filter: Filter) -> Self {
        Self {
            filter,
            total: None,
            ..self.clone()
        }
    }

    /// `parts` windows of the same length, in order, nothing between them; fewer where it is too short.
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
