//! A tenant's tickets on disk, as a searchable cache of the table.
//!
//! Reading order: [`fields`] (schema), [`checkpoint`] (revision of a commit), [`secure`], [`sealed`] and [`files`] (files
//! that nobody else can change unnoticed), [`writer`], [`ticket_index`] (one tenant's index), [`turns`] and [`catch_up`]
//! (bring it up to date with the table), [`fault`], [`folder`] and [`build`] (open it or build it again), [`slot`] and
//! [`indexes`] (the open indexes of all tenants).

mod build;
mod catch_up;
mod checkpoint;
mod fault;
mod fields;
mod files;
mod folder;
mod indexes;
mod sealed;
mod secure;
mod slot;
#[cfg(test)]
mod tests;
mod ticket_index;
mod turns;
mod writer;

pub use fault::Unavailable;
pub(crate) use fault::is_damage;
pub(crate) use fields::Fields;
pub use indexes::Indexes;
pub use secure::secure_folder;
pub use ticket_index::TicketIndex;
pub(crate) use writer::SUBJECT_TIMES;
pub use writer::{Writer, body};
