//! Setup that commands share: configuration, store, keys, logs, metrics, signals.

pub(crate) mod config;
mod context;
pub(crate) mod lifecycle;
pub(crate) mod logs;
mod metrics;
mod process;
mod secret_file;

pub(crate) use context::Context;
pub(crate) use metrics::{JobReport, Metrics};
pub(crate) use process::{end_first_without_memory, protect, refuse_large_files};
pub(crate) use secret_file::read_secret_file;
