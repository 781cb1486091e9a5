//! The source's own JSON of a ticket, cut out of its answer on demand.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The source's own JSON of a ticket.
///
/// Only the display cuts the row out of the answer: to find its first and last byte takes as long as to read
/// it, and few rows are shown.
#[derive(Clone, Debug)]
pub enum Raw {
    /// The JSON of one ticket.
    Alone(String),
    /// The answer, and the place of the row in it, from 0. A detail has place 0.
    Within(Arc<String>, usize),
}

impl fmt::Display for Raw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (answer, place) = match self {
            Self::Alone(json) => return formatter.write_str(json),
            Self::Within(answer, place) => (answer, *place),
        };
        // The answer was readable before. If not, show all of it rather than nothing.
        let Ok(rows) = serde_json::from_str::<RawRows<'_>>(answer) else {
            return formatter.write_str(answer);
        };
        let listed = || rows.requests.as_ref()?.get(place).copied();
        let row = listed().or(rows.request).map(RawValue::get);
        formatter.write_str(row.unwrap_or_default())
    }
}

/// The rows of an answer as raw JSON.
#[derive(Debug, Deserialize)]
struct RawRows<'a> {
    #[serde(borrow)]
    requests: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
}
