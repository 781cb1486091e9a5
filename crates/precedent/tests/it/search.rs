//! Searches for similar tickets.

mod command;
mod giant_texts;
mod many_tenants;
mod visibility;
