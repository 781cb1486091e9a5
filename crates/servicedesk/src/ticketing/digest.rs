//! The digest of a [`SourceFingerprint`](super::SourceFingerprint).

use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};

use super::normalise::Normaliser;
use crate::wire::Request;

/// Computes the digests of rows.
#[derive(Clone)]
pub(crate) struct FingerprintDigest(Sha256);

impl FingerprintDigest {
    /// Starts with everything but the row that decides the result: the settings, and the version of this program.
    pub(crate) fn new(normaliser: &Normaliser) -> Self {
        let mut start = Self(Sha256::new());
        env!("CARGO_PKG_VERSION").hash(&mut start);
        normaliser.keep_html.hash(&mut start);
        normaliser.resolution_from_notes.hash(&mut start);
        normaliser.address.ticket("").hash(&mut start);
        start
    }

    /// Returns the digest of a row. Skips all fields that Precedent does not read, some of which change by
    /// themselves, such as the elapsed time.
    pub(crate) fn of(&self, request: &Request) -> Vec<u8> {
        let mut digest = self.clone();
        request.hash(&mut digest);
        digest.0.finalize().to_vec()
    }
}

/// Digests the output of the derived [`Hash`] of a row: every field with its length and kind.
impl Hasher for FingerprintDigest {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("a SHA-256 digest does not fit into 64 bits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(json: &str) -> Vec<u8> {
        FingerprintDigest(Sha256::new()).of(&serde_json::from_str(json).expect("a row"))
    }

    #[test]
    fn only_fields_that_are_read_change_the_digest() {
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
