//! Processes: their end, and signals to them.

use std::process::{Child, Command, Output};
use std::time::Duration;

/// Returns the exit code, stdout and stderr.
pub(crate) fn finished(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Sends SIGINT.
pub(crate) fn interrupt(child: &Child) {
    send_signal("-INT", child.id());
}

/// Sends a signal such as `-KILL`.
pub(crate) fn send_signal(signal: &str, process: u32) {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status();
    assert!(sent.expect("kill").success());
}

/// Returns the processes that any thread of a process has started and that still run.
pub(crate) fn children(process: &Child) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{}/task", process.id())) else {
        return Vec::new();
    };
    let lists = threads.flatten().map(|thread| thread.path().join("children"));
    let lists = lists.map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let lists: Vec<_> = lists.collect();
    let ids = lists.iter().flat_map(|list| list.split_whitespace());
    ids.filter_map(|id| id.parse().ok()).collect()
}

/// Returns the peak of a running process's memory.
pub(crate) fn peak_memory_bytes(process: &Child) -> u64 {
    memory(process.id(), "VmHWM:").expect("a running process")
}

/// Returns the peak of a process's memory until it ends or `is_enough` holds. Kills it then.
pub(crate) async fn peak_memory_until(mut process: Child, is_enough: impl Fn() -> bool) -> u64 {
    let mut peak = 0;
    while !is_enough() && process.try_wait().expect("its state").is_none() {
        peak = memory(process.id(), "VmHWM:").unwrap_or(0).max(peak);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    process.kill().expect("killed");
    process.wait().expect("ended");
    peak
}

/// Returns the memory that a process uses now; 0 if it has ended.
pub(crate) fn memory_bytes(process: u32) -> u64 {
    memory(process, "VmRSS:").unwrap_or(0)
}

/// Returns a value of the process's status; `None` if it has ended.
fn memory(process: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = value.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib << 10)
}
