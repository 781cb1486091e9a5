//! The client against servers that are scripted call by call.

mod client;
mod giants;
mod pages;
mod plan;
