//! The payload of an index commit: which history it holds, and up to which revision.

use serde::{Deserialize, Serialize};
use store::History;

/// Revision of an empty index. Rows that another program wrote have revision 0.
const NOTHING: i64 = -1;

/// Payload of the last commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IndexCheckpoint {
    /// The index holds every change of the table up to this revision.
    pub(crate) revision: i64,
    /// Identity and language of the history: see [`History`].
    pub(crate) since_ms: i64,
    pub(crate) language: String,
}

impl IndexCheckpoint {
    /// Checkpoint of an index that holds nothing of this history yet.
    pub(crate) fn before(history: &History) -> Self {
        Self {
            revision: NOTHING,
            since_ms: history.since.timestamp_millis(),
            language: history.language.clone(),
        }
    }
}
