//! Answers as the server sends them, read into rows.
//!
//! Shapes differ between editions, versions and even calls: `response_status` is a list on lists and an
//! object on details, numbers arrive as texts, keys are absent or null. The types here accept all of
//! these shapes. A value that no type accepts is an error of one row, never of the page.
//!
//! [`Row`] is the only type that leaves the crate, and its fields do not.

mod answer;
mod body;
mod bounded;
mod field;
mod flexible;
mod list_info;
mod note;
mod one_line;
mod raw;
pub(crate) mod repair;
mod request;
mod row;
mod scalar;
mod status;
mod tags;
mod time;

pub(crate) use answer::Answer;
pub(crate) use body::Body;
pub(crate) use field::Text;
pub(crate) use list_info::{ListInfo, MOST_TICKETS};
pub(crate) use note::Note;
pub(crate) use one_line::one_line;
pub use raw::Raw;
pub(crate) use raw::held_bytes;
pub(crate) use request::Request;
pub use row::Row;
pub(crate) use row::source_time;
pub(crate) use status::Status;
pub(crate) use tags::Tags;
pub(crate) use time::Time;
