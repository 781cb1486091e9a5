//! One value of a row, in whatever shape it came.
//!
//! Each type tells "not there" from "null" from "of a wrong kind", because each means something else: a
//! key that a list row lacks is asked for by a detail call, a null is an answer, a wrong kind sets the
//! ticket aside with a reason.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::flexible::Scalar;
use crate::error::one_line;

/// A text, or why it is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Text {
    #[default]
    Absent,
    Null,
    Given(String),
    Wrong(&'static str),
}

impl Text {
    /// The text, blank where there is none, or the kind of value that came instead.
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

/// An id: text or whole number; `None` where it is null, absent, blank or of another kind.
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

/// A point in time: `{"display_value": .., "value": "<milliseconds since the epoch>"}`.
///
/// `display_value` is in the portal's language and zone: never read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Time {
    #[default]
    Absent,
    Null,
    Milliseconds(i64),
    /// What came instead.
    Wrong(String),
}

impl Time {
    /// Absent, or there whatever it holds.
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
            // Older builds say "not set" with 0 or -1.
            Scalar::Null | Scalar::Integer(-1 | 0) => Self::Null,
            Scalar::Integer(milliseconds) => Self::Milliseconds(milliseconds),
            Scalar::Text(text) if text.trim().is_empty() => Self::Null,
            Scalar::Text(text) => match text.trim().parse::<i64>() {
                Ok(0 | -1) => Self::Null,
                Ok(milliseconds) => Self::Milliseconds(milliseconds),
                // Long enough to recognise, short enough for a log line.
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

/// Tags: absent, null, a list of texts or a list of `{"name": ..}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tags {
    Names(Vec<String>),
    Wrong(&'static str),
}

impl Default for Tags {
    fn default() -> Self {
        Self::Names(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kind = match Value::deserialize(deserializer)? {
            Value::Null => return Ok(Self::default()),
            Value::Array(tags) => return Ok(Self::Names(tags.iter().filter_map(tag_name).collect())),
            Value::String(text) if text.trim().is_empty() => return Ok(Self::default()),
            Value::String(_) => "text",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Object(_) => "an object",
        };
        Ok(Self::Wrong(kind))
    }
}

fn tag_name(tag: &Value) -> Option<String> {
    let name = tag.get("name").unwrap_or(tag);
    let name = name
        .as_str()
        .map(str::to_owned)
        .or_else(|| name.as_i64().map(|number| number.to_string()))?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
