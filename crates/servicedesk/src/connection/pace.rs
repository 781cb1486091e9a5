//! The pace of one connection: one limit for all requests with the same credentials, from any process.
//!
//! At most N requests in any 60 seconds. The first few of a quiet minute go at once, the rest at even
//! intervals. The vendor publishes no limit, so N is [learned]: halved after a throttle, raised slowly
//! afterwards, never above the operator's maximum. The pacer sends nothing during a lock, since requests
//! during a lock prolong it.
//!
//! The [state](PaceState) is kept in a [`PaceStore`]: in memory, or in a database that several processes
//! share. At the usual pace the pacer asks the store before each request. At a fast pace it takes several
//! places at once. Without a limit it asks a few times a second, only to learn of a pause.

mod allotment;
mod learned;
mod pacer;
mod state;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use pacer::Pacer;
pub use state::PaceState;
pub use store::{InProcess, PaceChange, PaceStore};
