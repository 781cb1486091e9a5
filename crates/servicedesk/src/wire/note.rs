//! A note of a request.

use serde::Deserialize;

use super::field::{Id, Text};
use super::time::Time;

/// A note. A list of notes omits the text; a single note has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Note {
    pub(crate) id: Id,
    pub(crate) description: Text,
    pub(crate) added_time: Time,
}
