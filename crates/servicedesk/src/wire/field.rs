//! Texts, ids and names of a row.
//!
//! A text keeps "absent", "null" and "of a wrong kind" apart. An absent key of a list row costs a detail
//! call, a null is an answer, and a wrong kind rejects the ticket with a reason.

use serde::{Deserialize, Deserializer};

use super::scalar::Scalar;

/// A text, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Text {
    #[default]
    Absent,
    Null,
    Given(String),
    Wrong(&'static str),
}

impl Text {
    /// Returns the text, blank if there is none, or the kind of value that came instead.
    pub(crate) fn read(&self) -> Result<&str, &'static str> {
        match self {
            Self::Absent | Self::Null => Ok(""),
            Self::Given(text) => Ok(text),
            Self::Wrong(kind) => Err(kind),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Scalar::deserialize(deserializer)? {
            Scalar::Null => Self::Null,
            Scalar::Text(text) => Self::Given(text.into_owned()),
            other => Self::Wrong(other.kind()),
        })
    }
}

/// An id: a text or a whole number. `None` if it is null, absent, blank or of another kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Id(pub(crate) Option<String>);

impl Id {
    pub(super) fn from_scalar(scalar: Scalar<'_>) -> Self {
        Self(match scalar {
            Scalar::Integer(number) => Some(number.to_string()),
            Scalar::Unsigned(number) => Some(number.to_string()),
            other => other.trimmed().map(str::to_owned),
        })
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::deserialize(deserializer).map(Self::from_scalar)
    }
}

/// A named thing, such as a category: `{"name": ..}`, a plain text, or null.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Named(pub(crate) Option<String>);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Scalar::alone_or_member(deserializer, "name")? {
            Scalar::Integer(number) => Some(number.to_string()),
            other => other.trimmed().map(str::to_owned),
        }))
    }
}

/// The resolution: null, `{"content": ..}` or a plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Content(pub(crate) Text);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Scalar::alone_or_member(deserializer, "content")? {
            Scalar::Null => Text::Null,
            Scalar::Text(text) => Text::Given(text.into_owned()),
            other => Text::Wrong(other.kind()),
        }))
    }
}
