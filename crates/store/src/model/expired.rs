//! Result of expiry.

use std::ops::AddAssign;

/// Rows that were older than their tenant keeps, of one call or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Tickets whose text was emptied.
    pub tickets: u64,
    /// Rejected tickets that were deleted.
    pub rejections: u64,
    /// Dead-lettered webhook events that were deleted.
    pub events: u64,
}

impl Expired {
    /// Returns whether no row expired.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for Expired {
    fn add_assign(&mut self, other: Self) {
        self.tickets += other.tickets;
        self.rejections += other.rejections;
        self.events += other.events;
    }
}
