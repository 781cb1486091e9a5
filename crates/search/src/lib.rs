//! Search for precedents: the stored tickets that are similar to a new one.
//!
//! Reading order: [`request`](SearchRequest) (the request and its validation), `analysis` (texts to terms), `index` (a
//! tenant's copy of the table, kept up to date by revision), `query` (terms, filters, ranking), `similar` (the function
//! behind every caller), `response` (what it returns), [`evaluate`] (search quality on data with known answers).
//!
//! This crate knows the table and tantivy; it knows no helpdesk, no HTTP and no command line.

mod analysis;
pub mod evaluate;
mod index;
mod query;
mod request;
mod response;
mod similar;

pub use analysis::Language;
pub use index::{Indexes, TicketIndex, Unavailable, Writer, body, secure_folder};
pub use request::{Resolution, SearchQuery, SearchRequest};
pub use response::{Cuts, Precedent, SearchResponse, StoredTicket, UntrustedContent};
pub use similar::{get_ticket, search_similar_tickets};
