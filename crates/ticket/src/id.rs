//! Identifiers as distinct types, so that the compiler finds a mix-up.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is encoded in the id of a ticket that agents are shown.
const SHOWN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Id of a customer of the platform: 1 to 100 ASCII letters, digits, `-`, `_` or `.`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(String);

/// Error for a text that is not a [`TenantId`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tenant id is 1 to 100 letters, digits, '-', '_' or '.', and starts with a letter or digit")]
pub struct InvalidTenantId;

impl TenantId {
    /// Maximum length of an id in characters; the width of the column `tenant_id`.
    pub const MAX_LENGTH: usize = 100;

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantId {
    type Err = InvalidTenantId;

    fn from_str(text: &str) -> Result<Self, InvalidTenantId> {
        let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if starts_well && text.len() <= Self::MAX_LENGTH && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidTenantId)
        }
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Id of a ticket at its source. It is text, since the 18 digits of a cloud id exceed 2^53.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TicketId(String);

impl TicketId {
    /// Makes an id from a text without its surrounding white space. Returns `None` for a blank text, and for one with
    /// U+0000, which PostgreSQL refuses.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && !text.contains('\0')).then(|| Self(text.to_owned()))
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id as agents are shown it, percent-encoded: ids come from outside and may contain any text. The ids of
    /// helpdesks are digits and stay as they are.
    pub fn shown(&self) -> String {
        utf8_percent_encode(&self.0, SHOWN).to_string()
    }

    /// Makes an id from what an agent was shown; see [`Self::new`].
    pub fn from_shown(shown: &str) -> Option<Self> {
        Self::new(&percent_decode_str(shown).decode_utf8().ok()?)
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_ids_are_plain_words() {
        for good in ["acme", "a", "Acme-2.eu_west", &"x".repeat(100)] {
            assert_eq!(
                good.parse::<TenantId>().map(|id| id.to_string()),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "",
            " acme",
            "-acme",
            "ac me",
            "acme/..",
            "ümlaut",
            "a\0",
            &"x".repeat(101),
        ] {
            assert_eq!(bad.parse::<TenantId>(), Err(InvalidTenantId), "{bad:?}");
        }
    }

    #[test]
    fn ticket_ids_are_trimmed_and_never_empty() {
        assert_eq!(
            TicketId::new(" 701100000000215007\n")
                .map(|id| id.to_string())
                .as_deref(),
            Some("701100000000215007")
        );
        assert_eq!(TicketId::new(" \t"), None);
        assert_eq!(TicketId::new("7\0"), None);
    }

    #[test]
    fn agents_are_shown_ids_without_texts() {
        for (text, shown) in [
            ("216826000000304055", "216826000000304055"),
            ("50 %\n", "50%20%25"),
            ("ü", "%C3%BC"),
        ] {
            let id = TicketId::new(text).expect("an id");
            assert_eq!(id.shown(), shown);
            assert_eq!(TicketId::from_shown(shown), Some(id));
        }
    }
}
