//! The vocabulary of an IT service desk. A word in braces is a slot that `invent` fills.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The sentences and slots of `vocabulary.json`.
pub(super) static VOCABULARY: LazyLock<Vocabulary> =
    LazyLock::new(|| serde_json::from_str(include_str!("vocabulary.json")).expect("a valid vocabulary"));

#[derive(Deserialize)]
pub(super) struct Vocabulary {
    /// The values of each slot.
    pub(super) slots: HashMap<String, Vec<String>>,
    pub(super) greetings: Vec<String>,
    pub(super) closings: Vec<String>,
    pub(super) asides: Vec<String>,
    pub(super) confirmations: Vec<String>,
    pub(super) topics: Vec<Topic>,
}

/// One recurring problem.
#[derive(Deserialize)]
pub(super) struct Topic {
    /// Index into the directory's categories.
    pub(super) category: u8,
    pub(super) subjects: Vec<String>,
    pub(super) symptoms: Vec<String>,
    pub(super) remedies: Vec<String>,
}
