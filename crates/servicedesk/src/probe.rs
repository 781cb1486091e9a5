//! Probes what a server supports. Builds differ in what they send, honour and permit, and rarely say so.
//!
//! The caller probes on first contact, keeps the result and shows it to an operator. An import uses only the
//! names of statuses from it. It judges every row by its own fields, so a server that changes costs time but
//! no tickets.

mod findings;
mod report;
mod run;

pub use findings::Finding;
pub use report::Probe;
