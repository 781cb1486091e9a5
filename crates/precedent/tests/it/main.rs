//! The real binary against a real database and the simulated helpdesk over HTTP.

mod adopt;
mod architecture;
mod bench;
mod choices;
mod clients;
mod conformance;
mod crash;
mod documents;
mod erase;
mod exits;
mod faults;
mod import;
mod many_tenants;
mod operations;
mod retention;
mod schedule;
mod scratch;
mod search;
mod security;
mod serve;
mod server;
mod sign_in;
mod sync;
mod tenants;
mod webhooks;
mod week;
