//! The client against servers that are scripted call by call.

mod client;
mod misfits;
mod pages;
mod plan;
mod statuses;
mod throttles;
