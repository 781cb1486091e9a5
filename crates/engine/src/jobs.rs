//! Jobs of a service: requested imports, and syncs and reconciliations that are due.
//!
//! Reading order: `due` (selects due jobs), `attempt` (one turn of a job), `retry` (schedules failed jobs), `schedule`
//! (the loop that runs due jobs of all tenants).

mod attempt;
mod due;
mod retry;
mod schedule;

pub use due::Intervals;
pub use schedule::{JobObserver, Schedule};
