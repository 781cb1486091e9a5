//! Tickets that change after their import.

mod clocks;
mod day;
mod deaths;
mod interrupted;
mod jobs;
mod list_kinds;
mod pauses;
mod schedule;
mod sync;
mod verify;
mod watermark;
mod webhooks;
mod week;
mod worker_processes;
mod workers;
