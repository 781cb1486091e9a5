//! The place at which a walk over a window resumes.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The place at which a walk over a window resumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Rest of the window as pairs of first and last millisecond; the walk is within the first pair.
    pub spans: VecDeque<(i64, i64)>,
    /// Start index of the next row, from 1.
    pub start_index: u64,
    /// The server's total at the time, if it gave one. A different total means that the list has drifted.
    pub total: Option<u64>,
    /// Rows before this place whose details are still missing, each in its own JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

impl Cursor {
    /// Returns whether nothing is left to read.
    pub fn is_at_end(&self) -> bool {
        self.spans.is_empty() && self.left.is_empty()
    }
}
