//! An honest, faulty ManageEngine ServiceDesk Plus on loopback, for demos, tests and benches.
//!
//! Honest: answers have the shapes of real ones, and filters, paging, sign-in and pace limits behave as
//! seen on real desks, their traps included. Faulty: on demand, in repeatable ways. It shares no code with
//! the client it tests, so that the two cannot share a mistake. Everything is in memory and follows from a
//! seed; [`Desk::truth`] tells what a perfect client would have found.
//!
//! The modules in reading order: a call arrives in `server`, is read by `call`, passes the `hook`s and is
//! answered by `answer`, which asks `query` what is wanted, `selection` which tickets that is, and `render`
//! for their JSON; `population` and `text` made the tickets. The desk's clock may run fast, tickets may change by
//! themselves, and `report` tells a webhook of it.

mod answer;
mod calendar;
mod call;
mod defect;
mod desk;
mod directory;
mod edition;
mod fault;
mod hook;
mod json;
mod log;
mod options;
mod pace;
mod population;
mod query;
mod quirk;
mod random;
mod render;
mod reply;
mod report;
mod selection;
mod server;
mod sign_in;
mod status;
mod text;
mod ticket;
mod tls;
mod truth;

pub use call::CallKind;
pub use desk::{Change, ChangeKind, Desk};
pub use edition::{Api, Edition, Rows};
pub use fault::Fault;
pub use log::{LogEntry, Stats};
pub use options::{Credentials, Limit, LimitAnswer, Options};
pub use quirk::Quirk;
pub use report::{Reports, Webhook};
pub use server::Simulator;
pub use truth::Truth;
