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
mod check;
mod classify;
mod client;
mod error;
mod finish;
mod list;
mod normalise;
mod pace;
mod pages;
mod plan;
mod row;
mod settings;
mod wire;

pub use check::{Check, Finding};
pub use client::Client;
pub use error::Error;
pub use finish::{Finished, Outcome, Rejected, SourceTimes};
pub use pages::{Cursor, Page, Pages};
pub use plan::{Filter, Window};
pub use row::Row;
pub use settings::{Api, Credentials, Edition, Settings};

/// What every method of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;
