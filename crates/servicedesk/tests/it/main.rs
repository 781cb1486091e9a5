//! The client against servers that are scripted call by call.

mod broken_tickets;
mod client;
mod drift;
mod pages;
mod plan;
mod scripted_list;
mod statuses;
mod throttles;
