//! How long a helpdesk is waited for.

use std::time::Duration;

use crate::desk::Patience;

#[derive(Debug, clap::Args)]
pub(crate) struct Waits {
    /// Longest wait for one answer, in seconds
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    timeout: u64,
    /// How long to send nothing when the helpdesk locks and does not say for how long, in seconds
    #[arg(long, default_value_t = 300, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    lock_wait: u64,
}

impl Waits {
    pub(crate) fn patience(&self) -> Patience {
        Patience {
            timeout: Duration::from_secs(self.timeout),
            lock: Duration::from_secs(self.lock_wait),
        }
    }
}
