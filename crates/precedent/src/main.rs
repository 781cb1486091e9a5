//! Precedent: how did we solve this before?
//!
//! Reading order: `cli` (one file a command: it parses, calls the engine or the search, and renders), `api` (HTTP and
//! MCP), `setup` (configuration, store, logs, metrics, signals), `exit` (exit codes, the contract with scripts), `workers` (processes that read from the
//! helpdesks).

// Standard output and standard error may be closed at any time, and these macros panic then.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod api;
mod cli;
mod exit;
mod setup;
mod workers;

/// Allocator of the process. The system's allocator does not return the memory that short-lived threads free, such as
/// the buffers of an index writer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    setup::protect();
    let code = cli::run(std::env::args_os());
    std::process::ExitCode::from(code as u8)
}
