//! What a list says about itself: its total, and whether more rows follow.

use serde::Deserialize;

use super::flexible;

/// Maximum tickets that a helpdesk is believed to count or to list.
pub(crate) const MOST_TICKETS: u64 = 10_000_000;

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ListInfo {
    #[serde(default, deserialize_with = "flexible::boolean")]
    pub(crate) has_more_rows: Option<bool>,
    #[serde(default, deserialize_with = "flexible::integer")]
    total_count: Option<i64>,
}

impl ListInfo {
    /// Returns the server's total, if it gives a plausible one.
    pub(crate) fn total(&self) -> Option<u64> {
        self.counted().filter(|total| *total <= MOST_TICKETS)
    }

    /// Returns the server's total, plausible or not.
    pub(crate) fn counted(&self) -> Option<u64> {
        u64::try_from(self.total_count?).ok()
    }

    /// Drops a total of less than half of the rows that came with it.
    pub(super) fn checked_against(mut self, shown: u64) -> Self {
        self.total_count = self
            .total_count
            .filter(|total| u64::try_from(*total).is_ok_and(|total| total.saturating_mul(2) >= shown));
        self
    }
}
