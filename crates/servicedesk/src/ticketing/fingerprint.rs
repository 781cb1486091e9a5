//! The form in which the source gave a ticket: what comes just so again need not be converted again.

use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};

use crate::Raw;
use crate::normalise::Normaliser;
use crate::wire::Request;

/// The form in which the source gave a ticket.
#[derive(Debug)]
pub struct Original {
    /// Its own JSON.
    pub raw: Raw,
    /// Digest of all that was read of it and of whatever decides what is made of that: the same again makes the same
    /// ticket.
    pub digest: Vec<u8>,
}

/// Makes the digests of rows.
#[derive(Clone)]
pub(crate) struct OriginalDigest(Sha256);

impl OriginalDigest {
    /// Begins with what decides, besides the row, what is made of it. A later version may make something else of it.
    pub(crate) fn new(normaliser: &Normaliser) -> Self {
        let mut begun = Self(Sha256::new());
        env!("CARGO_PKG_VERSION").hash(&mut begun);
        normaliser.keep_html.hash(&mut begun);
        normaliser.resolution_from_notes.hash(&mut begun);
        normaliser.address.ticket("").hash(&mut begun);
        begun
    }

    /// Of a row. What no ticket is made of does not count: most of the JSON, and what of it changes by itself, such as
    /// the time that has passed.
    pub(crate) fn of(&self, request: &Request) -> Vec<u8> {
        let mut digest = self.clone();
        request.hash(&mut digest);
        digest.0.finalize().to_vec()
    }
}

/// Takes in what the derived [`Hash`] of a row writes: every field, lengths and kinds included.
impl Hasher for OriginalDigest {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the digest is longer than this")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(json: &str) -> Vec<u8> {
        OriginalDigest(Sha256::new()).of(&serde_json::from_str(json).expect("a row"))
    }

    #[test]
    fn what_is_read_counts_and_nothing_else() {
        let row =
            r#"{"id": "7", "subject": "VPN", "status": {"name": "Closed"}, "resolved_time": {"value": "9"}}"#;
        for same in [
            r#"{"id": "7", "subject": "VPN", "status": {"name": "Closed"}, "resolved_time": {"value": "9"}, "time_elapsed": "5"}"#,
            r#"{"resolved_time": {"value": 9, "display_value": "9 ms"}, "status": {"color": "red", "name": "Closed"}, "subject": "VPN", "id": 7}"#,
        ] {
            assert_eq!(digest(same), digest(row), "{same}");
        }
        for other in [
            r#"{"id": "7", "subject": "VPN", "status": {"name": "Closed"}, "resolved_time": {"value": "8"}}"#,
            r#"{"id": "7", "subject": "VPN", "status": {"name": "Open"}, "resolved_time": {"value": "9"}}"#,
            r#"{"id": "7", "subject": "VP", "description": "N", "status": {"name": "Closed"}, "resolved_time": {"value": "9"}}"#,
            r#"{"id": "7", "subject": "VPN", "status": {"name": "Closed"}, "resolved_time": {"value": "9"}, "tags": ["a"]}"#,
        ] {
            assert_ne!(digest(other), digest(row), "{other}");
        }
    }
}
