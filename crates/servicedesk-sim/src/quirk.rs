//! The quirks of real servers: a catalog, and the hooks behind it.

pub(crate) mod catalog;
mod envelope;
mod errors;
mod facts;
mod fields;
mod life_cycle;
mod listing;
pub(crate) mod select;
mod sign_in;
mod throttle;
