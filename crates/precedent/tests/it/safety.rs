//! Keys, secrets, the audit log and outbound calls.

mod audit;
mod keys;
mod outbound;
mod secrets;
