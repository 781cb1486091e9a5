//! Snapshots of the texts that people read. `scripts/snapshots` renews them; `git diff` then shows what changed.

mod errors;
mod folder;
mod help;
mod lists;
mod openapi;
mod redact;
