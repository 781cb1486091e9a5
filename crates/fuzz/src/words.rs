//! Words that mean something to a target; mutations insert them.

use std::sync::LazyLock;

use serde::Deserialize;

/// The words of `words.json`.
pub(crate) static WORDS: LazyLock<Words> =
    LazyLock::new(|| serde_json::from_str(include_str!("words.json")).expect("valid lists of words"));

#[derive(Deserialize)]
pub(crate) struct Words {
    /// Keys and values of tickets.
    pub(crate) ticket: Vec<String>,
    /// Keys, values and phrases of refusals.
    pub(crate) error: Vec<String>,
    /// Markup, and text that looks like it.
    pub(crate) html: Vec<String>,
    /// Times, and the shapes around them.
    pub(crate) time: Vec<String>,
}
