//! Secrets of webhooks and their signatures.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Generate, Key};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Prefix of a base64 secret in Standard Webhooks.
const PREFIX: &str = "whsec_";

/// Maximum difference between the timestamp of an event and the clock. A recorded event cannot be replayed later.
const REPLAY_WINDOW: TimeDelta = TimeDelta::minutes(5);

/// Maximum number of signatures of one event that are compared.
const MOST_SIGNATURES: usize = 8;

/// Minimum length of a secret, in characters.
pub const MIN_SECRET_CHARS: usize = 32;

/// Generates a secret from the system's random source.
pub fn make_secret() -> SecretString {
    let bytes: [u8; 32] = Key::<Aes256Gcm>::generate().into();
    format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes)).into()
}

/// Returns whether a text is the secret; compares in constant time.
pub fn is_secret(secret: &SecretString, shown: &str) -> bool {
    secret.expose_secret().as_bytes().ct_eq(shown.as_bytes()).into()
}

/// A signature as the headers of an event show it, before the body is read.
#[derive(Debug)]
pub struct Signature {
    /// Text that was signed before the body.
    prefix: String,
    /// Acceptable digests; one must match.
    digests: Vec<[u8; 32]>,
    /// The key is base64 if it has the prefix of Standard Webhooks.
    has_standard_key: bool,
}

impl Signature {
    /// Reads HMAC-SHA256 as hexadecimal digits, with or without `sha256=`; `None` if the text is something else.
    pub fn of_digits(text: &str) -> Option<Self> {
        let digits = text.trim();
        let digits = digits.strip_prefix("sha256=").unwrap_or(digits);
        let mut digest = [0; 32];
        hex::decode_to_slice(digits, &mut digest).ok()?;
        Some(Self {
            prefix: String::new(),
            digests: vec![digest],
            has_standard_key: false,
        })
    }

    /// Reads the headers of [Standard Webhooks](https://www.standardwebhooks.com): `webhook-id`, `webhook-timestamp`
    /// (seconds since 1970) and `webhook-signature` (`v1,` and base64; several are separated by spaces). `None` if they
    /// have another form, or the time is not now.
    pub fn of_standard((id, timestamp, signatures): (&str, &str, &str), now: DateTime<Utc>) -> Option<Self> {
        let sent = DateTime::from_timestamp(timestamp.parse().ok()?, 0)?;
        let digest = |signature: &str| {
            let digest = BASE64_STANDARD.decode(signature.strip_prefix("v1,")?).ok()?;
            digest.try_into().ok()
        };
        let digests = signatures.split_ascii_whitespace().filter_map(digest);
        let digests: Vec<_> = digests.take(MOST_SIGNATURES).collect();
        let is_now = (now - sent).abs() <= REPLAY_WINDOW;
        (is_now && !digests.is_empty()).then(|| Self {
            prefix: format!("{id}.{timestamp}."),
            digests,
            has_standard_key: true,
        })
    }

    /// Returns whether the body was signed with the secret; compares in constant time.
    pub fn signs(&self, secret: &SecretString, body: &[u8]) -> bool {
        let secret = secret.expose_secret();
        let encoded = secret.strip_prefix(PREFIX).filter(|_| self.has_standard_key);
        let key = match encoded.map(|encoded| BASE64_STANDARD.decode(encoded)) {
            Some(Ok(bytes)) => SecretSlice::from(bytes),
            _ => SecretSlice::from(secret.as_bytes().to_owned()),
        };
        let mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).expect("a key of any length");
        let mac = mac.chain_update(&self.prefix).chain_update(body);
        self.digests
            .iter()
            .any(|digest| mac.clone().verify_slice(digest).is_ok())
    }
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
        let signs = |text: &str, body: &[u8]| {
            Signature::of_digits(text).is_some_and(|signature| signature.signs(&secret, body))
        };
        assert!(signs(right, body) && signs(&format!("sha256={right}"), body));
        assert!(signs(&right.to_uppercase(), body));
        assert!(!signs(right, b"something else"));
        for wrong in ["", "sha256=", "5b", "zz", &right[1..], "+bdcc1", "\u{e9}\u{e9}"] {
            assert!(Signature::of_digits(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn standard_webhooks_are_checked_with_their_time() {
        // The example of the specification's reference library.
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let sent = DateTime::from_timestamp(1_614_265_330, 0).expect("in range");
        let read = |timestamp: &str, signatures: &str, minutes: i64| {
            Signature::of_standard((id, timestamp, signatures), sent + TimeDelta::minutes(minutes))
        };
        let good = read("1614265330", signature, 4).expect("in time");
        assert!(good.signs(&secret, body) && !good.signs(&secret, b"{}"));
        let several = format!("v1,AAAA v2,BBBB {signature}");
        let several = read("1614265330", &several, 0).expect("one is good");
        assert!(several.signs(&secret, body));
        assert!(read("1614265330", signature, 6).is_none(), "too late");
        assert!(read("x", signature, 0).is_none() && read("1614265330", "v1,AAAA", 0).is_none());
    }

    #[test]
    fn a_generated_secret_is_long_and_random() {
        let (one, other) = (make_secret(), make_secret());
        assert!(one.expose_secret().len() > 40 && !is_secret(&one, other.expose_secret()));
        assert!(is_secret(&one, one.expose_secret()));
    }
}
