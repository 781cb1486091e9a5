//! The response to a search.

mod extract;
mod precedent;

pub(crate) use extract::extract;
pub use precedent::{Precedent, SearchResponse, StoredTicket, cut};
