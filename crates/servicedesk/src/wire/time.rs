//! A point in time.

use serde::{Deserialize, Deserializer};

use super::one_line::one_line;
use super::scalar::Scalar;

/// A point in time: `{"display_value": .., "value": "<milliseconds since the epoch>"}`.
///
/// `display_value` is ignored: it is in the portal's language and time zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Time {
    #[default]
    Absent,
    Null,
    Milliseconds(i64),
    /// The value that came instead, for a message.
    Wrong(String),
}

impl Time {
    /// Returns whether the key is absent; null and wrong values are present.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) fn milliseconds(&self) -> Option<i64> {
        match self {
            Self::Milliseconds(milliseconds) => Some(*milliseconds),
            Self::Absent | Self::Null | Self::Wrong(_) => None,
        }
    }

    fn from_scalar(scalar: Scalar<'_>) -> Self {
        match scalar {
            // Older builds send 0 or -1 for "not set".
            Scalar::Null | Scalar::Integer(-1 | 0) => Self::Null,
            Scalar::Integer(milliseconds) => Self::Milliseconds(milliseconds),
            Scalar::Text(text) if text.trim().is_empty() => Self::Null,
            Scalar::Text(text) => match text.trim().parse::<i64>() {
                Ok(0 | -1) => Self::Null,
                Ok(milliseconds) => Self::Milliseconds(milliseconds),
                // Forty characters identify the value and fit a log line.
                Err(_) => Self::Wrong(format!("\"{}\"", one_line(&text, 40))),
            },
            other => Self::Wrong(other.kind().to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::alone_or_member(deserializer, "value").map(Self::from_scalar)
    }
}
