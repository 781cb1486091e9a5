//! The form in which the source sent a ticket. A ticket in the same form need not be converted again.

use crate::Raw;

/// The form in which the source sent a ticket.
#[derive(Debug)]
pub struct SourceFingerprint {
    /// The ticket's own JSON.
    pub raw: Raw,
    /// Digest of all fields that Precedent reads and of all settings that decide the result. The same digest means
    /// the same ticket.
    pub digest: Vec<u8>,
}
