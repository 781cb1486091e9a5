//! Shared parts of the tests: the binary, databases, the simulated helpdesk, and checks of their state.

#[macro_use]
mod cases;

mod answer;
mod bench;
mod connection;
mod credentials;
mod database;
mod environment;
mod first_release;
mod help;
mod hostile_desk;
mod import;
mod index;
mod many;
mod objects;
mod pooler;
mod process;
mod python;
mod random;
mod scratch;
mod search;
mod server;
mod setup;
mod table;
mod tenant;
mod token;
mod truth;
mod wait;
mod webhook;

pub(crate) use answer::{problem, read, status};
pub(crate) use bench::{Bench, MASTER_KEY, PLANTED};
pub(crate) use connection::Connection;
pub(crate) use database::Database;
pub(crate) use environment::setting;
pub(crate) use first_release::FIRST_RELEASE;
pub(crate) use hostile_desk::{Answer, HostileDesk};
pub(crate) use import::summary;
pub(crate) use index::{folders, index_folder, index_of};
pub(crate) use pooler::Pooler;
pub(crate) use process::{finished, interrupt, peak_memory_bytes, peak_memory_until, send_signal};
pub(crate) use python::python_folder;
pub(crate) use random::Random;
pub(crate) use scratch::Scratch;
pub(crate) use server::Server;
pub(crate) use table::Row;
pub(crate) use webhook::{SECRET, Webhook, assert_accepted, resolved_ticket, sign, signed};
