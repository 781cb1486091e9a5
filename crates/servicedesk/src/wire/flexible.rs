//! Values that one build sends as a number and the next as a text.
//!
//! `serde_with` 3 offers the same (`PickFirst`, `DefaultOnError`), but buffers the value first. A value that
//! is nested 100,000 deep overflows the buffer's limit and fails the whole answer; [`Scalar`] skips it.

use serde::{Deserialize, Deserializer};

use super::scalar::Scalar;

/// Reads `7` or `"7"`; any other value counts as absent.
pub(super) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Integer(number) => Some(number),
        Scalar::Text(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// Reads `true` or `"true"`; any other value counts as absent.
pub(super) fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?.boolean())
}

/// Reads a text; any other value counts as absent.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Text(text) => Some(text.into_owned()),
        _ => None,
    })
}
