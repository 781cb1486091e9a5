//! Numbers of tickets by result.

use std::ops::AddAssign;

/// Tickets by result; each ticket counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New rows.
    pub imported: u64,
    /// Rows whose content changed.
    pub updated: u64,
    /// Tickets that were stored before and did not change, and repeated ones.
    pub skipped: u64,
    /// Rejected tickets, each with a reason.
    pub rejected: u64,
}

impl Counts {
    /// Returns the number of all tickets.
    pub fn total(&self) -> u64 {
        self.imported + self.updated + self.skipped + self.rejected
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.imported += other.imported;
        self.updated += other.updated;
        self.skipped += other.skipped;
        self.rejected += other.rejected;
    }
}
