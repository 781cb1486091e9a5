//! Secrets at rest: envelope encryption.
//!
//! The vault encrypts each secret with a separate data key, and the data key with the master key, both by AES-256-GCM.
//! Tenant and column are associated data, so an envelope that is copied to another place does not open there. The
//! envelope names the master key by a digest, which distinguishes a wrong key from a damaged envelope. A rotation
//! rewraps the data keys without touching the secrets.

use aes_gcm::aead::{Aead, Generate, Key, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use ticket::TenantId;

use super::error::Error;
use super::master_key::{KEY_BYTES, MasterKey};

const VERSION: &str = "v1";
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
    pub fn rewrap(&self, tenant: &TenantId, column: &str, envelope: &str) -> Result<String, Error> {
        let (data_key, sealed) = self.data_key(tenant, column, envelope)?;
        let wrapped = encrypt(
            self.master_key.0.expose_secret(),
            data_key.expose_secret(),
            &place(tenant, column),
        )?;
        let wrapped = BASE64_URL_SAFE_NO_PAD.encode(wrapped);
        Ok(format!("{VERSION}.{}.{wrapped}.{sealed}", self.key_id()))
    }

    /// Seals a secret in an envelope that opens for this tenant and column only.
    ///
    /// # Errors
    /// `TooLong` for a secret of more than 64 GiB.
    pub fn seal(&self, tenant: &TenantId, column: &str, secret: &SecretString) -> Result<String, Error> {
        let place = place(tenant, column);
        let data_key = SecretBox::new(Box::new(<[u8; KEY_BYTES]>::from(Key::<Aes256Gcm>::generate())));
        let wrapped = encrypt(
            self.master_key.0.expose_secret(),
            data_key.expose_secret(),
            &place,
        )?;
        let sealed = encrypt(
            data_key.expose_secret(),
            secret.expose_secret().as_bytes(),
            &place,
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
    /// `OtherMasterKey`, or `Damaged`, also for an envelope of another tenant or column.
    pub fn open(&self, tenant: &TenantId, column: &str, envelope: &str) -> Result<SecretString, Error> {
        let (data_key, sealed) = self.data_key(tenant, column, envelope)?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok();
        let opened = sealed
            .and_then(|sealed| decrypt(data_key.expose_secret(), &sealed, &place(tenant, column)))
            .and_then(|secret| String::from_utf8(secret).ok());
        opened
            .map(SecretString::from)
            .ok_or_else(|| damaged(tenant, column))
    }

    /// Returns the data key of an envelope, and the ciphertext that it opens.
    fn data_key<'a>(
        &self,
        tenant: &TenantId,
        column: &str,
        envelope: &'a str,
    ) -> Result<(SecretBox<[u8; KEY_BYTES]>, &'a str), Error> {
        let parts: Vec<_> = envelope.split('.').collect();
        let [VERSION, key_id, wrapped, sealed] = parts[..] else {
            return Err(damaged(tenant, column));
        };
        let keys = [Some(&self.master_key), self.old.as_ref()];
        let Some(key) = keys.into_iter().flatten().find(|key| key.id() == key_id) else {
            return Err(Error::OtherMasterKey {
                tenant: tenant.clone(),
                column: column.to_owned(),
                sealed_with: key_id.to_owned(),
                in_use: self.key_id(),
            });
        };
        let data_key = BASE64_URL_SAFE_NO_PAD
            .decode(wrapped)
            .ok()
            .and_then(|wrapped| decrypt(key.0.expose_secret(), &wrapped, &place(tenant, column)))
            .and_then(|data_key| <[u8; KEY_BYTES]>::try_from(data_key).ok())
            .map(|data_key| SecretBox::new(Box::new(data_key)));
        Ok((data_key.ok_or_else(|| damaged(tenant, column))?, sealed))
    }
}

fn damaged(tenant: &TenantId, column: &str) -> Error {
    Error::Damaged {
        tenant: tenant.clone(),
        column: column.to_owned(),
    }
}

/// Returns the digest of the master key that sealed an envelope.
pub fn key_id(envelope: &str) -> Option<&str> {
    envelope.split('.').nth(1)
}

/// Returns the associated data: the place of the envelope.
fn place(tenant: &TenantId, column: &str) -> Vec<u8> {
    format!("{}:{tenant}:{column}", tenant.as_str().len()).into_bytes()
}

/// Encrypts a text; returns nonce and ciphertext.
fn encrypt(key: &[u8; KEY_BYTES], plain: &[u8], place: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce = Nonce::generate();
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    let sealed = cipher
        .encrypt(
            &nonce,
            Payload {
                msg: plain,
                aad: place,
            },
        )
        .map_err(|_| Error::TooLong)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn decrypt(key: &[u8; KEY_BYTES], sealed: &[u8], place: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
    let nonce = Nonce::try_from(nonce).ok()?;
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    cipher
        .decrypt(
            &nonce,
            Payload {
                msg: sealed,
                aad: place,
            },
        )
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_envelope_opens_in_its_place_only() {
        let secret = SecretString::from("{\"authtoken\":\"planted\"}");
        let envelope = vault()
            .seal(&tenant("acme"), "credentials", &secret)
            .expect("sealed");
        assert!(!envelope.contains("planted"));
        let opened = vault()
            .open(&tenant("acme"), "credentials", &envelope)
            .expect("opened");
        assert_eq!(opened.expose_secret(), secret.expose_secret());
        assert!(vault().open(&tenant("other"), "credentials", &envelope).is_err());
        assert!(
            vault()
                .open(&tenant("acme"), "webhook_secret", &envelope)
                .is_err()
        );
        let again = vault()
            .seal(&tenant("acme"), "credentials", &secret)
            .expect("sealed");
        assert_ne!(again, envelope);
    }

    #[test]
    fn another_master_key_is_named_and_damage_is_detected() {
        let envelope = vault()
            .seal(&tenant("acme"), "credentials", &"s".into())
            .expect("sealed");
        let other = Vault::new(MasterKey::generate(), None);
        let error = other
            .open(&tenant("acme"), "credentials", &envelope)
            .expect_err("another key")
            .to_string();
        assert!(error.contains(key_id(&envelope).expect("named")), "{error}");
        for cut in 0..envelope.len() {
            assert!(
                vault()
                    .open(&tenant("acme"), "credentials", &envelope[..cut])
                    .is_err()
            );
        }
    }
}
