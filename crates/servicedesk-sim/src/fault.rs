//! Faults: failures that a test plants in chosen calls.

pub(crate) mod armed;
mod list_lie;
mod parse;
pub(crate) mod spec;
