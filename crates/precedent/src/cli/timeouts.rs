//! Arguments for the timeouts of a helpdesk.

use std::time::Duration;

use engine::source::Timeouts;

#[derive(Debug, clap::Args)]
pub(crate) struct TimeoutArguments {
    /// Timeout for one response, in seconds
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    timeout: u64,
    /// Pause after the helpdesk locks the client without giving a duration, in seconds
    #[arg(long, default_value_t = 300, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    lock_wait: u64,
}

impl TimeoutArguments {
    pub(crate) fn timeouts(&self) -> Timeouts {
        Timeouts {
            answer: Duration::from_secs(self.timeout),
            lock: Duration::from_secs(self.lock_wait),
        }
    }
}
