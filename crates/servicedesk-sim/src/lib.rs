//! A simulated ManageEngine ServiceDesk Plus on loopback, for demos, tests and benches.
//!
//! Answers have the shapes of real ones. Filters, paging, sign-in and pace limits behave as on real servers, traps
//! included. On demand the simulator also fails, in repeatable ways. It shares no code with the client that it tests,
//! so the two cannot share a mistake. All state is in memory and follows from a seed; [`Desk::truth`] returns what a
//! perfect client would have found.
//!
//! The modules in reading order; each layer uses those above it:
//!
//! - an `exchange` is a call, its reply and its entry in the log;
//! - data: `population` makes the tickets, `text` their words, `render` their JSON, and `query` selects them;
//! - behaviours: `hook` names the points of an exchange at which a `fault` or a `quirk` strikes; a `webhook` reports;
//! - `desk` joins both as the `options` say, with sign-in and pace limits; `server` answers over HTTP.

mod calendar;
mod credentials;
mod edition;
mod json;
mod limit;
mod random;
mod synchronized;

mod exchange;

mod population;
mod text;

mod render;

mod query;

mod hook;
mod webhook;

mod fault;
mod quirk;

mod options;

mod desk;

mod server;

pub use credentials::Credentials;
pub use desk::Desk;
pub use edition::{Api, Edition, Rows};
pub use exchange::call::CallKind;
pub use exchange::log::LogEntry;
pub use exchange::stats::Stats;
pub use fault::spec::Fault;
pub use limit::{Limit, LimitAnswer};
pub use options::Options;
pub use population::change::{Change, ChangeKind};
pub use population::truth::Truth;
pub use quirk::catalog::Quirk;
pub use server::Simulator;
pub use webhook::{Reports, Webhook};
