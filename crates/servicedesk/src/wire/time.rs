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
    /// Milliseconds before 1970 or after the year 9999, which not every database stores.
    Impossible(i64),
}

/// The last millisecond of the year 9999.
const LATEST_MS: i64 = 253_402_300_799_999;

impl Time {
    /// Returns whether the key is absent; null and wrong values are present.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) fn milliseconds(&self) -> Option<i64> {
        match self {
            Self::Milliseconds(milliseconds) => Some(*milliseconds),
            Self::Absent | Self::Null | Self::Wrong(_) | Self::Impossible(_) => None,
        }
    }

    fn from_scalar(scalar: Scalar<'_>) -> Self {
        match scalar {
            Scalar::Null => Self::Null,
            Scalar::Integer(milliseconds) => Self::from_milliseconds(milliseconds),
            Scalar::Text(text) if text.trim().is_empty() => Self::Null,
            Scalar::Text(text) => match text.trim().parse::<i64>() {
                Ok(milliseconds) => Self::from_milliseconds(milliseconds),
                // Forty characters identify the value and fit a log line.
                Err(_) => Self::Wrong(format!("\"{}\"", one_line(&text, 40))),
            },
            other => Self::Wrong(other.kind().to_owned()),
        }
    }

    fn from_milliseconds(milliseconds: i64) -> Self {
        match milliseconds {
            // Older builds send 0 or -1 for "not set".
            -1 | 0 => Self::Null,
            1..=LATEST_MS => Self::Milliseconds(milliseconds),
            _ => Self::Impossible(milliseconds),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::alone_or_member(deserializer, "value").map(Self::from_scalar)
    }
}
