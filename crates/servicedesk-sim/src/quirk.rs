//! The quirks of real servers: a catalog, and the hooks behind it.

pub(crate) mod catalog;
pub(crate) mod envelope;
pub(crate) mod errors;
pub(crate) mod facts;
pub(crate) mod fields;
pub(crate) mod life_cycle;
pub(crate) mod listing;
pub(crate) mod sign_in;
pub(crate) mod throttle;
