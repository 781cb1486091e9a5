//! Memory limit of a worker process.
//!
//! The limit holds for resident memory. Limits of the system count address space, of which the allocator reserves much
//! more than it uses.

use std::time::Duration;

use anyhow::Context as _;
use tracing::{error, warn};

use crate::setup::end_first_without_memory;

/// Interval between two measurements. Within it a process fills some 100 MB at most.
const INTERVAL: Duration = Duration::from_millis(50);

/// Exit status of a process that exceeded its limit.
const EXCEEDED: i32 = 70;

/// Ends this process once it uses more memory. On systems without `/proc` there is no limit.
///
/// # Errors
/// The thread cannot be started.
pub(super) fn enforce(limit_mib: u64) -> anyhow::Result<()> {
    // If the machine itself runs out of memory, the process that answers callers goes on.
    if let Err(error) = end_first_without_memory() {
        warn!("this process cannot be marked as the first to end when memory runs out: {error}");
    }
    let watch = move || {
        while let Some(used_mib) = resident_mib() {
            if used_mib > limit_mib {
                error!(
                    "this worker process uses {used_mib} MiB of memory, and its limit is {limit_mib} MiB: it ends"
                );
                std::process::exit(EXCEEDED);
            }
            std::thread::sleep(INTERVAL);
        }
        warn!("the memory of this process cannot be measured, so it has no limit");
    };
    // Not a task of the runtime, which may be busy.
    std::thread::Builder::new()
        .name("memory-limit".to_owned())
        .spawn(watch)
        .context("start the thread of the memory limit")?;
    Ok(())
}

/// Returns the resident memory of this process.
fn resident_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1_024)
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_is_used_is_measured() {
        let before = super::resident_mib().expect("Linux");
        let used = vec![1_u8; 64 << 20];
        let after = super::resident_mib().expect("Linux");
        assert!(after >= before + 60, "{before} and {after}");
        drop(used);
    }
}
