//! A resolved helpdesk ticket, as the rest of the product sees it.
//!
//! Pure: no IO, no clock, no async. Reading order: [`id`](TicketId) (who is who), [`Ticket`] (what is
//! kept), [`html_to_text`] (how a description becomes readable), [`ContentDigest`] (when two copies
//! are the same).

mod digest;
mod field_error;
mod html;
mod id;
mod range;
mod ticket;

pub use digest::ContentDigest;
pub use field_error::FieldError;
pub use html::{html_to_full_text, html_to_text};
pub use id::{InvalidTenantId, TenantId, TicketId};
pub use range::{Edge, Range};
pub use ticket::{Ticket, join_description};
