//! Webhook events of helpdesks, from their acceptance until they are processed.
//!
//! Reading order: `signature` (secrets and signatures), `sealed` (secrets at rest), `resolved` (events with a whole ticket),
//! `notification` (events that a ticket changed), `intake` and `lane` (store events before they are acknowledged),
//! `processor` (the loop over all tenants), `portion` (claims events), `whole` (stores whole tickets), `changed` (rereads
//! changed tickets) and `retry`.

mod changed;
mod intake;
mod lane;
mod notification;
mod portion;
mod processor;
mod resolved;
mod retry;
mod sealed;
mod signature;
mod whole;

pub use intake::Intake;
pub use notification::{Missing, ticket_id};
pub use processor::{Processor, readable_at};
pub use resolved::ticket_of;
pub use sealed::WebhookSecret;
pub use signature::{MIN_SECRET_CHARS, Signature, is_secret, make_secret};
