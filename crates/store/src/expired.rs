//! What is forgotten because it is older than its tenant keeps.

use std::ops::AddAssign;

/// Rows of one call, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Tickets whose text was emptied.
    pub tickets: u64,
    /// Tickets that were set aside, deleted with their raw form.
    pub rejected: u64,
    /// Reports that were given up, deleted.
    pub notes: u64,
}

impl Expired {
    /// Whether there was nothing to forget.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for Expired {
    fn add_assign(&mut self, other: Self) {
        self.tickets += other.tickets;
        self.rejected += other.rejected;
        self.notes += other.notes;
    }
}
