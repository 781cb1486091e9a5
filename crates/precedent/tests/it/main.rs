//! The real binary against a real database and the simulated helpdesk over HTTP.

mod adopt;
mod architecture;
mod bench;
mod choices;
mod conformance;
mod documents;
mod exits;
mod faults;
mod import;
mod scratch;
mod sign_in;
mod tenants;
