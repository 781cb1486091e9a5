//! Jobs of a service: imports that were requested, and syncs and reconciliations that are due.
//!
//! Reading order: `due` (which jobs are due), `attempt` (one turn of a job), `retry` (when a failed job is due again),
//! `schedule` (the loop that takes due jobs of all tenants).

mod attempt;
mod due;
mod retry;
mod schedule;

pub use due::Intervals;
pub use schedule::{JobObserver, Schedule};
