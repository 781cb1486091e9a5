//! Rows become tickets or rejections.
//!
//! [`Client::hydrate`](crate::Client::hydrate) fetches the details of thin rows (`complete`), turns each row
//! into an outcome (`convert`, `normalise`) and takes missing resolutions from `notes`.
//! [`Client::look_up`](crate::Client::look_up) does the same for a single ticket.

mod complete;
mod completed;
mod convert;
mod detail;
mod digest;
mod display_id;
mod fingerprint;
mod hydrate;
mod hydrated;
mod look_up;
mod normalise;
mod not_final;
mod notes;
mod outcome;
mod parts;
mod resolution_time;
mod statuses;
mod stored;

#[cfg(feature = "fuzzing")]
pub(crate) use completed::Completed;
#[cfg(feature = "fuzzing")]
pub(crate) use convert::convert_all;
pub use fingerprint::SourceFingerprint;
pub use hydrated::Hydrated;
pub use look_up::RemoteState;
#[cfg(feature = "fuzzing")]
pub(crate) use normalise::Normaliser;
pub use not_final::NotFinal;
pub use outcome::{Outcome, Rejected};
#[cfg(feature = "fuzzing")]
pub(crate) use resolution_time::resolved_at;
pub use stored::{StoredTicket, StoredTickets};
