//! One value of a row, in whatever shape it came.
//!
//! Each type tells "not there" from "null" from "of a wrong kind", because each means something else: a
//! key that a list row lacks is asked for by a detail call, a null is an answer, a wrong kind sets the
//! ticket aside with a reason.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

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

/// Maximum tags of a ticket.
const MOST_TAGS: usize = 1_000;

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TagsVisitor)
    }
}

/// Takes names one by one: a list of anything may be as long as the answer.
struct TagsVisitor;

impl<'de> Visitor<'de> for TagsVisitor {
    type Value = Tags;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Tags, E> {
        Ok(Tags::default())
    }

    fn visit_bool<E>(self, _value: bool) -> Result<Tags, E> {
        Ok(Tags::Wrong("true or false"))
    }

    fn visit_i64<E>(self, _value: i64) -> Result<Tags, E> {
        Ok(Tags::Wrong("a number"))
    }

    fn visit_u64<E>(self, _value: u64) -> Result<Tags, E> {
        Ok(Tags::Wrong("a number"))
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Tags, E> {
        Ok(Tags::Wrong("a number"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tags, E> {
        let blank = text.trim().is_empty();
        Ok(if blank {
            Tags::default()
        } else {
            Tags::Wrong("text")
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Tags, A::Error> {
        let mut names = Vec::new();
        while let Some(Named(name)) = sequence.next_element()? {
            names.extend(name);
            if names.len() > MOST_TAGS {
                while sequence.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Tags::Wrong("more than 1000 names"));
            }
        }
        Ok(Tags::Names(names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tags, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Tags::Wrong("an object"))
    }
}
