//! One tenant's connection: addresses, credentials, pace, and the classification of answers.
//!
//! [`Client`] holds the settings, the access token, the pace and the status names of one helpdesk. Every
//! request passes through `Client::call`: fetch a token, wait for a place at the pace, send, classify.

mod address;
mod auth;
mod backoff;
mod call;
mod classify;
mod client;
mod data_centre;
mod exchange;
mod failure;
mod http_client;
mod network;
mod pace;
mod retry_after;
mod room;
mod settings;
mod status_memory;
mod status_queries;
mod statuses;
mod stop;
mod throttle;
mod transport;
mod unpack;

pub(crate) use address::Address;
#[cfg(feature = "fuzzing")]
pub(crate) use classify::{Exchange, read};
pub use client::Client;
pub(crate) use client::{DETAILS_IN_FLIGHT, PAGE_AHEAD};
#[cfg(feature = "fuzzing")]
pub(crate) use failure::Failure;
pub use pace::{InProcess, PaceChange, PaceState, PaceStore};
pub use settings::{Api, Credentials, Edition, Settings};
pub use statuses::Statuses;
pub use stop::Stop;
