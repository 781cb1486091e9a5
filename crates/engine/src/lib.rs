//! The operations on a tenant's tickets, for all callers: command line, worker and webhook.
//!
//! Reading order: [`import`] (the main path: pages are read, hydrated and stored with their checkpoint), [`sync`] and
//! [`reconcile`] (keep a history up to date), [`verify`], [`deletion`](reconcile), [`rejections`], [`retention`], [`quota`]
//! and [`erase`] (other operations on a history), [`jobs`] and [`webhook`] (the background work of a service), [`source`]
//! (the helpdesk; the only module that names its client), [`secrets`], [`lease`], [`audit`], [`progress`], [`clock`].
//!
//! The engine knows no command line, no HTTP and no exit codes: an [`Error`] describes a failure, and the callers add
//! the hints.

pub mod audit;
pub mod clock;
mod company;
mod deletion;
pub mod erase;
mod error;
pub mod import;
pub mod jobs;
pub mod lease;
pub mod progress;
pub mod quota;
pub mod reconcile;
pub mod rejections;
pub mod retention;
pub mod secrets;
pub mod source;
pub mod sync;
pub mod verify;
pub mod webhook;

pub use error::Error;

/// Result of the engine's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;
