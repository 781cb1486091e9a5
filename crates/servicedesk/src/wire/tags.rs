//! The tags of a request.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::field::Named;

/// Maximum tags of a ticket.
const MOST_TAGS: usize = 1_000;

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
        deserializer.deserialize_any(TagsVisitor)
    }
}

/// Visitor that reads the names one by one and stops at the limit: a list may be as long as the answer.
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
