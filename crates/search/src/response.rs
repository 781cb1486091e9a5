//! What a search returns.

mod extract;
mod precedent;

pub(crate) use extract::extract;
pub use precedent::{Precedent, SearchResponse, StoredTicket, cut};
