//! The source's own JSON of a ticket, cut out of its answer on demand.

use std::fmt;
use std::sync::Arc;

use super::body::Body;

/// The source's own JSON of a ticket.
///
/// Only the display cuts the row out of the answer: to find its first and last byte takes as long as to read
/// it, and few rows are shown.
#[derive(Clone, Debug)]
pub struct Raw(pub(super) Form);

#[derive(Clone, Debug)]
pub(super) enum Form {
    /// The JSON of one ticket.
    Alone(String),
    /// The answer, and the place of the row in it, from 0. A detail has place 0.
    Within(Arc<Body>, usize),
}

impl fmt::Display for Raw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Alone(json) => formatter.write_str(json),
            // The answer was readable before. If not, show all of it rather than nothing.
            Form::Within(answer, place) => formatter.write_str(answer.row(*place).unwrap_or(answer.text())),
        }
    }
}

/// Returns the memory in bytes that these keep. Neighbours of the same answer share it.
pub(crate) fn held_bytes<'a>(raws: impl IntoIterator<Item = &'a Raw>) -> usize {
    let mut last: Option<&Arc<Body>> = None;
    let mut bytes = 0;
    for raw in raws {
        match &raw.0 {
            Form::Alone(json) => bytes += json.len(),
            Form::Within(answer, _) => {
                if last.is_none_or(|last| !Arc::ptr_eq(last, answer)) {
                    bytes += answer.text().len();
                }
                last = Some(answer);
            }
        }
    }
    bytes
}
