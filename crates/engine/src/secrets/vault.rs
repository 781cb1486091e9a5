//! Secrets at rest: envelope encryption.
//!
//! The vault encrypts each secret with a separate data key, and the data key with the master key, both by AES-256-GCM.
//! Place and use of the secret are associated data, so an envelope neither opens in another place nor after a change of
//! the settings that it was sealed with. The envelope names the master key by a digest, which distinguishes a wrong key
//! from a damaged envelope. A rotation rewraps the data keys without touching the secrets.

use aes_gcm::aead::{Aead, Generate, Key, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretBox, SecretString};

use super::error::Error;
use super::master_key::{KEY_BYTES, MasterKey};
use super::place::Place;

const VERSION: &str = "v2";

/// Version of envelopes that were sealed without their use. They do not open: the settings beside them prove nothing.
const VERSION_WITHOUT_USE: &str = "v1";

const NONCE_BYTES: usize = 12;

/// Seals secrets with one master key. It also opens envelopes of the previous key while keys are rotated.
pub struct Vault {
    master_key: MasterKey,
    old: Option<MasterKey>,
}

impl Vault {
    /// Creates a vault. `old` is the previous key while keys are rotated.
    pub fn new(master_key: MasterKey, old: Option<MasterKey>) -> Self {
        Self { master_key, old }
    }

    /// Returns the digest of the key that seals.
    pub fn key_id(&self) -> String {
        self.master_key.id()
    }

    /// Returns the digest of the previous key, if there is one.
    pub fn old_key_id(&self) -> Option<String> {
        self.old.as_ref().map(MasterKey::id)
    }

    /// Wraps the data key of an envelope with the current master key. The secret itself stays encrypted.
    ///
    /// # Errors
    /// As `open`.
    pub fn rewrap(&self, place: &Place<'_>, envelope: &str) -> Result<String, Error> {
        let (data_key, sealed) = self.data_key(place, envelope)?;
        let wrapped = encrypt(
            self.master_key.0.expose_secret(),
            data_key.expose_secret(),
            &place.associated_data(),
        )?;
        let wrapped = BASE64_URL_SAFE_NO_PAD.encode(wrapped);
        Ok(format!("{VERSION}.{}.{wrapped}.{sealed}", self.key_id()))
    }

    /// Seals a secret in an envelope that opens in this place and with its settings only.
    ///
    /// # Errors
    /// `TooLong` for a secret of more than 64 GiB.
    pub fn seal(&self, place: &Place<'_>, secret: &SecretString) -> Result<String, Error> {
        let associated_data = place.associated_data();
        let data_key = SecretBox::new(Box::new(<[u8; KEY_BYTES]>::from(Key::<Aes256Gcm>::generate())));
        let wrapped = encrypt(
            self.master_key.0.expose_secret(),
            data_key.expose_secret(),
            &associated_data,
        )?;
        let sealed = encrypt(
            data_key.expose_secret(),
            secret.expose_secret().as_bytes(),
            &associated_data,
        )?;
        let (wrapped, sealed) = (
            BASE64_URL_SAFE_NO_PAD.encode(wrapped),
            BASE64_URL_SAFE_NO_PAD.encode(sealed),
        );
        Ok(format!("{VERSION}.{}.{wrapped}.{sealed}", self.master_key.id()))
    }

    /// Opens an envelope.
    ///
    /// # Errors
    /// `OtherMasterKey`, `SealedWithoutUse`, or `Damaged`, also for an envelope of another place or of other settings.
    pub fn open(&self, place: &Place<'_>, envelope: &str) -> Result<SecretString, Error> {
        let (data_key, sealed) = self.data_key(place, envelope)?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok();
        let opened = sealed
            .and_then(|sealed| decrypt(data_key.expose_secret(), &sealed, &place.associated_data()))
            .and_then(|secret| String::from_utf8(secret).ok());
        opened.map(SecretString::from).ok_or_else(|| damaged(place))
    }

    /// Returns the data key of an envelope, and the ciphertext that it opens.
    fn data_key<'a>(
        &self,
        place: &Place<'_>,
        envelope: &'a str,
    ) -> Result<(SecretBox<[u8; KEY_BYTES]>, &'a str), Error> {
        let parts: Vec<_> = envelope.split('.').collect();
        let (key_id, wrapped, sealed) = match parts[..] {
            [VERSION, key_id, wrapped, sealed] => (key_id, wrapped, sealed),
            [VERSION_WITHOUT_USE, ..] => {
                return Err(Error::SealedWithoutUse {
                    tenant: place.tenant.clone(),
                    column: place.column,
                });
            }
            _ => return Err(damaged(place)),
        };
        let keys = [Some(&self.master_key), self.old.as_ref()];
        let Some(key) = keys.into_iter().flatten().find(|key| key.id() == key_id) else {
            return Err(Error::OtherMasterKey {
                tenant: place.tenant.clone(),
                column: place.column,
                sealed_with: key_id.to_owned(),
                in_use: self.key_id(),
            });
        };
        let data_key = BASE64_URL_SAFE_NO_PAD
            .decode(wrapped)
            .ok()
            .and_then(|wrapped| decrypt(key.0.expose_secret(), &wrapped, &place.associated_data()))
            .and_then(|data_key| <[u8; KEY_BYTES]>::try_from(data_key).ok())
            .map(|data_key| SecretBox::new(Box::new(data_key)));
        Ok((data_key.ok_or_else(|| damaged(place))?, sealed))
    }
}

fn damaged(place: &Place<'_>) -> Error {
    Error::Damaged {
        tenant: place.tenant.clone(),
        column: place.column,
    }
}

/// Returns the digest of the master key that sealed an envelope.
pub fn key_id(envelope: &str) -> Option<&str> {
    envelope.split('.').nth(1)
}

/// Encrypts a text; returns nonce and ciphertext.
fn encrypt(key: &[u8; KEY_BYTES], plain: &[u8], associated_data: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce = Nonce::generate();
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    let sealed = cipher
        .encrypt(
            &nonce,
            Payload {
                msg: plain,
                aad: associated_data,
            },
        )
        .map_err(|_| Error::TooLong)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(key: &[u8; KEY_BYTES], sealed: &[u8], associated_data: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
    let nonce = Nonce::try_from(nonce).ok()?;
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    cipher
        .decrypt(
            &nonce,
            Payload {
                msg: sealed,
                aad: associated_data,
            },
        )
        .ok()
}

#[cfg(test)]
mod tests {
    use ticket::TenantId;

    use super::*;

    const URL: &str = "https://desk.example.com";

    fn tenant(id: &str) -> TenantId {
        id.parse().expect("a tenant id")
    }

    fn vault() -> Vault {
        Vault::new(
            MasterKey::from_base64(&base64::prelude::BASE64_STANDARD.encode([7; 32])).expect("a key"),
            None,
        )
    }

    #[test]
    fn an_envelope_opens_in_its_place_with_its_settings_only() {
        let (acme, other) = (tenant("acme"), tenant("other"));
        let sealed_for = Place::new(&acme, "credentials", vec![Some(URL)]);
        let secret = SecretString::from("{\"authtoken\":\"planted\"}");
        let envelope = vault().seal(&sealed_for, &secret).expect("sealed");
        assert!(!envelope.contains("planted"));
        let opened = vault().open(&sealed_for, &envelope).expect("opened");
        assert_eq!(opened.expose_secret(), secret.expose_secret());
        let rotating = Vault::new(MasterKey::generate(), Some(vault().master_key));
        for elsewhere in [
            Place::new(&other, "credentials", vec![Some(URL)]),
            Place::new(&acme, "webhook_secret", vec![Some(URL)]),
            Place::new(&acme, "credentials", vec![Some("http://thief.example.com")]),
            Place::new(&acme, "credentials", vec![None]),
            Place::new(&acme, "credentials", vec![]),
        ] {
            assert!(vault().open(&elsewhere, &envelope).is_err());
            assert!(rotating.rewrap(&elsewhere, &envelope).is_err());
        }
        let rewrapped = rotating.rewrap(&sealed_for, &envelope).expect("rewrapped");
        assert!(rotating.open(&sealed_for, &rewrapped).is_ok());
        assert_ne!(vault().seal(&sealed_for, &secret).expect("sealed"), envelope);
    }

    #[test]
    fn an_envelope_that_was_sealed_without_its_use_does_not_open() {
        let acme = tenant("acme");
        let place = Place::new(&acme, "credentials", vec![Some(URL)]);
        let envelope = vault().seal(&place, &"s".into()).expect("sealed");
        let old = envelope.replacen("v2.", "v1.", 1);
        let error = vault().open(&place, &old).expect_err("old");
        assert!(matches!(error, Error::SealedWithoutUse { .. }), "{error}");
        assert!(vault().rewrap(&place, &old).is_err());
    }

    #[test]
    fn another_master_key_is_named_and_damage_is_detected() {
        let acme = tenant("acme");
        let place = Place::new(&acme, "credentials", vec![Some(URL)]);
        let envelope = vault().seal(&place, &"s".into()).expect("sealed");
        let other = Vault::new(MasterKey::generate(), None);
        let error = other
            .open(&place, &envelope)
            .expect_err("another key")
            .to_string();
        assert!(error.contains(key_id(&envelope).expect("named")), "{error}");
        for cut in 0..envelope.len() {
            assert!(vault().open(&place, &envelope[..cut]).is_err());
        }
    }
}
