//! Secrets of webhooks and their signatures.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Generate, Key};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Prefix of a base64 secret in Standard Webhooks.
const PREFIX: &str = "whsec_";

/// Maximum difference between the timestamp of an event and the clock. A recorded event cannot be replayed later.
const REPLAY_WINDOW: TimeDelta = TimeDelta::minutes(5);

/// Minimum length of a secret, in characters.
pub const MIN_SECRET_CHARS: usize = 16;

/// Generates a secret from the system's random source.
pub fn make_secret() -> SecretString {
    let bytes: [u8; 32] = Key::<Aes256Gcm>::generate().into();
    format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes)).into()
}

/// Returns whether a text is the secret; compares in constant time.
pub fn is_secret(secret: &SecretString, shown: &str) -> bool {
    secret.expose_secret().as_bytes().ct_eq(shown.as_bytes()).into()
}

/// Returns whether the body was signed with the secret: HMAC-SHA256 as hexadecimal digits, with or without `sha256=`.
pub fn is_signed(secret: &SecretString, body: &[u8], signature: &str) -> bool {
    let digits = signature.trim();
    let digits = digits.strip_prefix("sha256=").unwrap_or(digits);
    let Ok(signature) = hex::decode(digits) else {
        return false;
    };
    let mac = mac(secret.expose_secret().as_bytes()).chain_update(body);
    mac.verify_slice(&signature).is_ok()
}

/// Returns whether the body was signed by [Standard Webhooks](https://www.standardwebhooks.com). The headers are
/// `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature` (`v1,` and base64; several are
/// separated by spaces).
pub fn is_signed_by_standard(
    secret: &SecretString,
    body: &[u8],
    (id, timestamp, signatures): (&str, &str, &str),
    now: DateTime<Utc>,
) -> bool {
    let secret = secret.expose_secret();
    let bytes = secret
        .strip_prefix(PREFIX)
        .map(|encoded| BASE64_STANDARD.decode(encoded));
    let key = match bytes {
        Some(Ok(bytes)) => bytes,
        _ => secret.as_bytes().to_owned(),
    };
    let sent = timestamp
        .parse()
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    if sent.is_none_or(|sent| (now - sent).abs() > REPLAY_WINDOW) {
        return false;
    }
    let mac = mac(&key)
        .chain_update(format!("{id}.{timestamp}."))
        .chain_update(body);
    signatures
        .split_ascii_whitespace()
        .filter_map(|signature| BASE64_STANDARD.decode(signature.strip_prefix("v1,")?).ok())
        .any(|signature| mac.clone().verify_slice(&signature).is_ok())
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_match_known_test_vectors() {
        // RFC 4231, test case 2.
        let secret = SecretString::from("Jefe");
        let body = b"what do ya want for nothing?";
        let right = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_signed(&secret, body, right) && is_signed(&secret, body, &format!("sha256={right}")));
        assert!(is_signed(&secret, body, &right.to_uppercase()));
        for wrong in ["", "sha256=", "5b", "zz", &right[1..], "+bdcc1", "\u{e9}\u{e9}"] {
            assert!(!is_signed(&secret, body, wrong), "{wrong}");
        }
        assert!(!is_signed(&secret, b"something else", right));
    }

    #[test]
    fn standard_webhooks_are_checked_with_their_time() {
        // The example of the specification's reference library.
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let headers = (
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        );
        let sent = DateTime::from_timestamp(1_614_265_330, 0).expect("in range");
        assert!(is_signed_by_standard(
            &secret,
            body,
            headers,
            sent + TimeDelta::minutes(4)
        ));
        assert!(!is_signed_by_standard(
            &secret,
            body,
            headers,
            sent + TimeDelta::minutes(6)
        ));
        assert!(!is_signed_by_standard(&secret, b"{}", headers, sent));
        assert!(!is_signed_by_standard(
            &secret,
            body,
            (headers.0, "x", headers.2),
            sent
        ));
        let several = format!("v1,AAAA v2,BBBB {}", headers.2);
        assert!(is_signed_by_standard(
            &secret,
            body,
            (headers.0, headers.1, &several),
            sent
        ));
    }

    #[test]
    fn a_generated_secret_is_long_and_random() {
        let (one, other) = (make_secret(), make_secret());
        assert!(one.expose_secret().len() > 40 && !is_secret(&one, other.expose_secret()));
        assert!(is_secret(&one, one.expose_secret()));
    }
}
