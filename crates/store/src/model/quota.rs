//! Limits of what is stored for a tenant.

/// Maximum sizes of what is stored for a tenant, in MiB; `None` for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Maximum size of its tickets.
    pub stored_mib: Option<u32>,
    /// Maximum size of the raw forms of its rejected tickets.
    pub rejected_mib: Option<u32>,
}

impl Default for Quota {
    /// Returns the limits of a new tenant: 20 GiB are some five million tickets, and 1 GiB of rejected ones is far more
    /// than anybody will look at.
    fn default() -> Self {
        Self {
            stored_mib: Some(20 << 10),
            rejected_mib: Some(1 << 10),
        }
    }
}

/// Sizes of what is stored for a tenant, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Size of its tickets: texts, HTML, and [`crate::TICKET_BYTES`] for the other fields. May be too high after
    /// updates, never too low.
    pub stored_bytes: u64,
    /// Size of the raw forms of its rejected tickets.
    pub rejected_bytes: u64,
}

impl Usage {
    /// Returns the share of a limit in percent, rounded down; 0 without a limit.
    pub fn percent(bytes: u64, limit_mib: Option<u32>) -> u64 {
        limit_mib.map_or(0, |limit| bytes / 1024 * 100 / (u64::from(limit).max(1) * 1024))
    }
}
