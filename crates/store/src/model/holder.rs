//! The process that holds a tenant's lease.

use std::fmt;

use chrono::{DateTime, Utc};

/// Holder of a lease, as far as the database knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// Description that the holder gave of itself.
    pub name: Option<String>,
    /// Time when it acquired the lease.
    pub since: Option<DateTime<Utc>>,
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("another process");
        match self.since {
            Some(since) => write!(formatter, "{name} since {}", since.to_rfc3339()),
            None => formatter.write_str(name),
        }
    }
}
