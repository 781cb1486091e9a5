//! A client for ManageEngine ServiceDesk Plus: cloud, on premises and MSP.
//!
//! Useful alone: it knows no database. Reading order: [`Settings`] (whom to ask and with which
//! credentials), [`Client`] and its request loop, [`Window`] and [`Pages`] (what to read and how a list
//! is walked), [`Row`] (one ticket as answered), `finish` (missing texts by detail calls) and
//! `normalise` (a row becomes a [`ticket::Ticket`] or is set aside with a reason).
//!
//! The way of an answer: pace, send, classify, page, details, normalise. Wire types stay in here.

mod address;
mod auth;
mod classify;
mod client;
mod error;
mod finish;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod list;
mod look_up;
mod network;
mod normalise;
mod notes;
mod original;
mod pace;
mod pages;
mod plan;
mod probe;
mod raw;
mod row;
mod settings;
mod statuses;
mod stop;
mod transport;
mod window;
mod wire;

pub use client::Client;
pub use error::Error;
pub use finish::{Finished, Known, NotFinal, Outcome, Rejected, Stored};
pub use list::{Dialect, Sort};
pub use look_up::Found;
pub use original::Original;
pub use pace::{InProcess, PaceChange, PaceState, PaceStore};
pub use pages::{Cursor, Page, Pages};
pub use probe::{Finding, Probe};
pub use raw::Raw;
pub use row::Row;
pub use settings::{Api, Credentials, Edition, Settings};
pub use statuses::Statuses;
pub use stop::Stop;
pub use window::{Filter, Window};

/// What every method of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;
