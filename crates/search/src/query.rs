//! Finds the stored tickets that are similar to a text: chooses terms, filters tickets, ranks by likelihood.

mod filter;
mod find;
mod terms;

pub(crate) use find::{Matches, find};
