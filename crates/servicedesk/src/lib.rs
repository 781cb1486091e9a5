//! A client for ManageEngine ServiceDesk Plus: cloud, on premises and MSP.
//!
//! The crate works alone and knows no database. An answer passes the rooms in this order, and a room
//! never uses a later one:
//!
//! 1. `wire` reads the bytes of an answer into rows.
//! 2. `connection` sends a request at the pace of one tenant and classifies the answer: [`Settings`],
//!    [`Client`], [`Stop`], [`PaceStore`].
//! 3. `reading` plans the [`Window`]s of an import and walks their [`Pages`].
//! 4. `ticketing` hydrates rows with their details and turns them into a [`ticket::Ticket`] or a
//!    rejection: [`Hydrated`], [`Outcome`], [`RemoteState`].
//!
//! [`Probe`] uses all four to show an operator what a server supports.

mod error;

mod wire;

mod connection;

mod reading;

mod ticketing;

mod probe;

#[cfg(feature = "fuzzing")]
pub mod fuzzing;

pub use connection::{
    Api, Client, Credentials, Edition, InProcess, PaceChange, PaceState, PaceStore, Settings, Statuses, Stop,
};
pub use error::{Error, Result};
pub use probe::{Finding, Probe};
pub use reading::{Cursor, Dialect, Filter, Page, Pages, Sort, Window};
pub use ticketing::{
    Hydrated, NotFinal, Outcome, Rejected, RemoteState, SourceFingerprint, StoredTicket, StoredTickets,
};
pub use wire::{Raw, Row};
