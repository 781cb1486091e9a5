//! A tenant's tickets on disk, as a searchable cache of the table.
//!
//! Reading order: [`fields`] (schema), [`checkpoint`] (revision of a commit), [`writer`], [`ticket_index`] (one tenant's
//! index), [`catch_up`] (brings it up to date with the table), [`indexes`] (the open indexes of all tenants).

mod catch_up;
mod checkpoint;
mod fields;
mod indexes;
#[cfg(test)]
mod tests;
mod ticket_index;
mod writer;

pub(crate) use fields::Fields;
pub use indexes::Indexes;
pub use ticket_index::TicketIndex;
pub(crate) use writer::SUBJECT_TIMES;
pub use writer::{Writer, body};
