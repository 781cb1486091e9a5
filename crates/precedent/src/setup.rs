//! Setup that commands share: configuration, store, keys, logs, metrics, signals.

pub(crate) mod config;
mod context;
pub(crate) mod lifecycle;
pub(crate) mod logs;
mod metrics;

pub(crate) use context::Context;
pub(crate) use metrics::{JobReport, Metrics};
