//! Converts texts to terms.

mod language;
mod words;

pub use language::Language;
pub(crate) use words::{Word, Words, pairs};
