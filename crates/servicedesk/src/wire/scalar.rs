//! Values that one build sends as a number and the next as a text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// `7`, `"7"`; anything else is as good as absent.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Integer(number) => Some(number),
        Scalar::Text(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// `true`, `"true"`; anything else is as good as absent.
pub(crate) fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?.boolean())
}

/// A text; anything else is as good as absent.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Text(text) => Some(text.into_owned()),
        _ => None,
    })
}

/// Any JSON value, of which only scalars are kept; a text without escapes is not copied.
#[derive(Debug, PartialEq)]
pub(crate) enum Scalar<'de> {
    Null,
    Boolean(bool),
    Integer(i64),
    /// Ids may exceed `i64`, never 64 bits.
    Unsigned(u64),
    /// Not exact: of no use as an id or a time.
    Fraction,
    Text(Cow<'de, str>),
    List,
    Object,
}

impl<'de> Scalar<'de> {
    /// The scalar itself, or the member `key` of an object; null where the object lacks it.
    pub(crate) fn alone_or_member<D: Deserializer<'de>>(
        deserializer: D,
        key: &'static str,
    ) -> Result<Self, D::Error> {
        Ok(match Self::alone_or_members(deserializer, [key])? {
            Ok([member]) => member,
            Err(alone) => alone,
        })
    }

    /// Members of an object, null where it lacks them; `Err` inside holds what is no object.
    pub(crate) fn alone_or_members<D: Deserializer<'de>, const COUNT: usize>(
        deserializer: D,
        keys: [&'static str; COUNT],
    ) -> Result<Result<[Self; COUNT], Self>, D::Error> {
        deserializer.deserialize_any(ScalarVisitor { keys })
    }

    /// For a message to an operator.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "true or false",
            Self::Integer(_) | Self::Unsigned(_) | Self::Fraction => "a number",
            Self::Text(_) => "text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }

    /// A text without white space around it, `None` if it is blank or no text.
    pub(crate) fn trimmed(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// `true`, `"true"`; anything else is as good as absent.
    pub(crate) fn boolean(&self) -> Option<bool> {
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

/// Looks for these members of an object.
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

/// Compares a key where it stands.
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
