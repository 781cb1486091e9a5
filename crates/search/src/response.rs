//! The response to a search.

mod content;
mod extract;
mod precedent;
mod stored;

pub use content::{Cuts, UntrustedContent};
pub(crate) use extract::extract;
pub use precedent::{Precedent, SearchResponse};
pub(crate) use stored::Helpdesk;
pub use stored::StoredTicket;
