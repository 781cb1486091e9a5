//! Limits of this process, set before it opens a file: what it writes is its user's alone, and its memory, which holds
//! keys, reaches no other program.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, Signal, setrlimit, umask};
use tokio::signal::unix::{SignalKind, signal};

/// Closes new files and folders to other users, and turns core dumps off.
pub(crate) fn protect() {
    umask(Mode::from_raw_mode(0o077));
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Lowering a limit needs no right.
    let _ = setrlimit(Resource::Core, none);
    hide_memory();
}

/// Asks the kernel to end this process before others if the machine runs out of memory.
///
/// # Errors
/// The kernel refuses it, or has no such setting.
pub(crate) fn end_first_without_memory() -> std::io::Result<()> {
    // The files of a process with a hidden memory belong to root.
    show_memory();
    let written = std::fs::write("/proc/self/oom_score_adj", "500");
    hide_memory();
    written
}

/// Makes a write beyond the limit of a file's size fail like one on a full disk, instead of ending the process. Needs a
/// runtime.
pub(crate) fn refuse_large_files() {
    // Without the handler the limit still holds.
    let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
}

/// Keeps other processes of this user from reading the memory, and the system from dumping it.
#[cfg(target_os = "linux")]
fn hide_memory() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // It fails for no process that names this value.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Takes [`hide_memory`] back.
#[cfg(target_os = "linux")]
fn show_memory() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    let _ = set_dumpable_behavior(DumpableBehavior::Dumpable);
}

#[cfg(not(target_os = "linux"))]
fn hide_memory() {}

#[cfg(not(target_os = "linux"))]
fn show_memory() {}
