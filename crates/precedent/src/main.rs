//! Precedent: how did we solve this before?
//!
//! Reading order: `cli` (what can be asked for), `import` (the main job), `sync` (what happens after it), `desk` (a
//! tenant's helpdesk), `vault` (its secrets), `config` and `exit` (the contract with operators).

// Standard output and standard error may be closed at any time, and these macros panic then.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod advice;
mod audit;
mod cli;
mod clock;
mod config;
mod context;
mod credentials;
mod deletion;
mod desk;
mod desks;
mod erase;
mod exit;
mod hold;
mod http;
mod import;
mod inbox;
mod lifecycle;
mod logs;
mod mcp;
mod metrics;
mod pace;
mod pipeline;
mod progress;
mod range;
mod reconcile;
mod retention;
mod schedule;
mod search;
mod sync;
mod token;
mod vault;
mod verify;
mod waits;
mod webhook;

/// The system's keeps what each of many short-lived threads freed: an index writer's buffers, once a core and more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let code = cli::run(std::env::args_os());
    std::process::ExitCode::from(code as u8)
}
