//! Secrets of tenants, sealed at rest: credentials of helpdesks and secrets of webhooks.

mod error;
mod master_key;
mod place;
mod vault;

pub use error::Error;
pub use master_key::MasterKey;
pub use place::Place;
pub use vault::{Vault, key_id};
