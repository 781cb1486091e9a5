//! The domain: a resolved helpdesk ticket.
//!
//! Pure: no IO, no clock, no async. Reading order: [`TenantId`] and [`TicketId`], [`Ticket`] (the stored
//! fields), [`html_to_text`] (readable text of a description), [`ContentDigest`] (equality of two copies), [`visible`]
//! and [`Printable`] (foreign text as it is shown).

mod digest;
mod field_error;
mod html;
mod id;
mod range;
mod shown;
mod ticket;

pub use digest::ContentDigest;
pub use field_error::FieldError;
pub use html::{html_to_full_text, html_to_text};
pub use id::{InvalidTenantId, TenantId, TicketId};
pub use range::{Edge, Range};
pub use shown::{OneLine, Printable, escape_json, visible};
pub use ticket::{Ticket, join_description};
