//! Any JSON value, of which only a scalar is kept.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Any JSON value, of which only a scalar is kept. A text without escapes is not copied.
#[derive(Debug, PartialEq)]
pub(super) enum Scalar<'de> {
    Null,
    Boolean(bool),
    Integer(i64),
    /// An id may exceed `i64`, but not 64 bits.
    Unsigned(u64),
    /// A fraction; too inexact for an id or a time.
    Fraction,
    Text(Cow<'de, str>),
    List,
    Object,
}

impl<'de> Scalar<'de> {
    /// Reads a scalar, or the member `key` of an object; null if the object lacks it.
    pub(super) fn alone_or_member<D: Deserializer<'de>>(
        deserializer: D,
        key: &'static str,
    ) -> Result<Self, D::Error> {
        Ok(match Self::alone_or_members(deserializer, [key])? {
            Ok([member]) => member,
            Err(alone) => alone,
        })
    }

    /// Reads these members of an object, null for each that it lacks. The inner `Err` holds a value that is
    /// not an object.
    pub(super) fn alone_or_members<D: Deserializer<'de>, const COUNT: usize>(
        deserializer: D,
        keys: [&'static str; COUNT],
    ) -> Result<Result<[Self; COUNT], Self>, D::Error> {
        deserializer.deserialize_any(ScalarVisitor { keys })
    }

    /// Names the kind of the value, for a message to an operator.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "true or false",
            Self::Integer(_) | Self::Unsigned(_) | Self::Fraction => "a number",
            Self::Text(_) => "text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }

    /// Returns a text without surrounding white space; `None` if it is blank or not a text.
    pub(super) fn trimmed(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// Returns the truth of `true` or `"true"`; any other value counts as absent.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => self.trimmed()?.to_ascii_lowercase().parse().ok(),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let alone = Self::alone_or_members(deserializer, [])?;
        Ok(alone.err().unwrap_or(Self::Object))
    }
}

/// Visitor that looks for these members of an object.
struct ScalarVisitor<const COUNT: usize> {
    keys: [&'static str; COUNT],
}

impl<'de, const COUNT: usize> Visitor<'de> for ScalarVisitor<COUNT> {
    type Value = Result<[Scalar<'de>; COUNT], Scalar<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Err(Scalar::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Err(Scalar::Boolean(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Err(Scalar::Integer(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Err(
            i64::try_from(value).map_or(Scalar::Unsigned(value), Scalar::Integer)
        ))
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Self::Value, E> {
        Ok(Err(Scalar::Fraction))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Err(Scalar::Text(Cow::Borrowed(value))))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Err(Scalar::Text(Cow::Owned(value.to_owned()))))
    }

    fn visit_string<E>(self, value: String) -> Result<Self::Value, E> {
        Ok(Err(Scalar::Text(Cow::Owned(value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Err(Scalar::List))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = [const { Scalar::Null }; COUNT];
        while let Some(wanted) = map.next_key_seed(PlaceAmong(&self.keys))? {
            match wanted {
                Some(place) => members[place] = map.next_value()?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Ok(members))
    }
}

/// Finds the place of a key among the wanted ones, without copying it.
struct PlaceAmong<'a>(&'a [&'static str]);

impl<'de> DeserializeSeed<'de> for PlaceAmong<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for PlaceAmong<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|wanted| *wanted == key))
    }
}
