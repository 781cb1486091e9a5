//! The real binary with a real database and the simulated helpdesk over HTTP.
//!
//! A folder holds the tests of one capability; `support` holds what they share.

#[macro_use]
mod support;

mod api;
mod databases;
mod freshness;
mod import;
mod operators;
mod repository;
mod safety;
mod search;
mod snapshots;
mod tenants;
