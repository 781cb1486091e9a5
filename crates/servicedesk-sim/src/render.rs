//! From a ticket to the JSON text of a row or a detail. Nothing is cached: rendering costs a few microseconds.

mod forms;
pub(crate) mod notes;
mod parts;
pub(crate) mod renderer;
pub(crate) mod required_fields;
mod row;
mod template;
