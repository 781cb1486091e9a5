//! Secrets at rest: envelope encryption.
//!
//! Each secret is encrypted with a data key of its own, and that key with the master key, both by
//! AES-256-GCM. Tenant and column are associated data, so an envelope that is copied to another place does
//! not open there. The envelope names the master key by a digest: a wrong key is told from a damaged
//! envelope, and a later rotation wraps data keys anew without touching the secrets.

use aes_gcm::aead::{Aead, Generate, Key, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use ticket::TenantId;

use crate::exit::{ExitCode, Failure};

const VERSION: &str = "v1";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// The key that wraps all others. Cannot be printed.
pub(crate) struct MasterKey(SecretBox<[u8; KEY_BYTES]>);

impl MasterKey {
    /// # Errors
    /// `Usage` if the text is not base64 of 32 bytes.
    pub(crate) fn from_base64(text: &str) -> Result<Self, Failure> {
        let bytes = BASE64_STANDARD
            .decode(text.trim())
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(|bytes| Self(SecretBox::new(Box::new(bytes))))
            .ok_or_else(|| {
                Failure::new(ExitCode::Usage, "the master key is not base64 of 32 bytes").hint(MAKE_ONE)
            })
    }

    /// A fresh key from the system's random source.
    pub(crate) fn generate() -> Self {
        Self(SecretBox::new(Box::new(Key::<Aes256Gcm>::generate().into())))
    }

    pub(crate) fn to_base64(&self) -> SecretString {
        BASE64_STANDARD.encode(self.0.expose_secret()).into()
    }

    /// Names the key without telling anything of it.
    fn id(&self) -> String {
        let digest = Sha256::digest(self.0.expose_secret());
        hex::encode(&digest[..8])
    }
}

/// How to make a master key.
pub(crate) const MAKE_ONE: &str = "make one with `head -c 32 /dev/urandom | base64`, and keep it: without it the stored credentials are lost";

/// Seals secrets with one master key; opens also those sealed with the one before, while keys are rotated.
pub(crate) struct Vault {
    master_key: MasterKey,
    old: Option<MasterKey>,
}

impl Vault {
    pub(crate) fn new(master_key: MasterKey, old: Option<MasterKey>) -> Self {
        Self { master_key, old }
    }

    /// Names the key that seals.
    pub(crate) fn key_id(&self) -> String {
        self.master_key.id()
    }

    /// Names the key before it, if it is known.
    pub(crate) fn old_key_id(&self) -> Option<String> {
        self.old.as_ref().map(MasterKey::id)
    }

    /// The same secret, its data key wrapped with the key that seals; the secret itself stays encrypted.
    ///
    /// # Errors
    /// As `open`.
    pub(crate) fn wrap_anew(
        &self,
        tenant: &TenantId,
        column: &str,
        envelope: &str,
    ) -> Result<String, Failure> {
        let (data_key, sealed) = self.data_key(tenant, column, envelope)?;
        let wrapped = encrypt(
            self.master_key.0.expose_secret(),
            data_key.expose_secret(),
            &place(tenant, column),
        )?;
        let wrapped = BASE64_URL_SAFE_NO_PAD.encode(wrapped);
        Ok(format!("{VERSION}.{}.{wrapped}.{sealed}", self.key_id()))
    }

    /// An envelope that opens for this tenant and column only.
    ///
    /// # Errors
    /// `Usage` if encryption fails, which takes a secret of more than 64 GiB.
    pub(crate) fn seal(
        &self,
        tenant: &TenantId,
        column: &str,
        secret: &SecretString,
    ) -> Result<String, Failure> {
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

    /// The secret in an envelope.
    ///
    /// # Errors
    /// `Usage` if it was sealed with another master key, for another place, or is damaged.
    pub(crate) fn open(
        &self,
        tenant: &TenantId,
        column: &str,
        envelope: &str,
    ) -> Result<SecretString, Failure> {
        let (data_key, sealed) = self.data_key(tenant, column, envelope)?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok();
        let opened = sealed
            .and_then(|sealed| decrypt(data_key.expose_secret(), &sealed, &place(tenant, column)))
            .and_then(|secret| String::from_utf8(secret).ok());
        opened
            .map(SecretString::from)
            .ok_or_else(|| damaged(tenant, column))
    }

    /// The data key of an envelope, and the part that it opens.
    fn data_key<'a>(
        &self,
        tenant: &TenantId,
        column: &str,
        envelope: &'a str,
    ) -> Result<(SecretBox<[u8; KEY_BYTES]>, &'a str), Failure> {
        let parts: Vec<_> = envelope.split('.').collect();
        let [VERSION, key_id, wrapped, sealed] = parts[..] else {
            return Err(damaged(tenant, column));
        };
        let keys = [Some(&self.master_key), self.old.as_ref()];
        let Some(key) = keys.into_iter().flatten().find(|key| key.id() == key_id) else {
            let message = format!(
                "the {column} of tenant {tenant} were sealed with master key {key_id}, the one in use is {}",
                self.key_id()
            );
            return Err(Failure::new(ExitCode::Usage, message)
                .hint("set PRECEDENT_MASTER_KEY or PRECEDENT_MASTER_KEY_FILE to the key that sealed them"));
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

fn damaged(tenant: &TenantId, column: &str) -> Failure {
    Failure::new(
        ExitCode::Usage,
        format!("the {column} of tenant {tenant} cannot be opened: damaged, or sealed for another tenant"),
    )
    .hint(format!(
        "store them anew with `precedent tenant set --tenant-id={tenant} --credentials-stdin`"
    ))
}

/// The master key that an envelope was sealed with.
pub(crate) fn key_id(envelope: &str) -> Option<&str> {
    envelope.split('.').nth(1)
}

/// Associated data: where the envelope belongs.
fn place(tenant: &TenantId, column: &str) -> Vec<u8> {
    format!("{}:{tenant}:{column}", tenant.as_str().len()).into_bytes()
}

/// Nonce and ciphertext.
fn encrypt(key: &[u8; KEY_BYTES], plain: &[u8], place: &[u8]) -> Result<Vec<u8>, Failure> {
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
        .map_err(|_| Failure::new(ExitCode::Usage, "the secret is too long to be sealed"))?;
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
            MasterKey::from_base64(&BASE64_STANDARD.encode([7; 32])).expect("a key"),
            None,
        )
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
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
    fn another_master_key_is_named_and_damage_is_told() {
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

    #[test]
    fn a_master_key_is_base64_of_32_bytes() {
        for bad in [
            "",
            "abc",
            "not base64!",
            &BASE64_STANDARD.encode([7; 31]),
            &BASE64_STANDARD.encode([7; 33]),
        ] {
            assert!(MasterKey::from_base64(bad).is_err(), "{bad}");
        }
        let key = MasterKey::generate().to_base64();
        assert!(MasterKey::from_base64(&format!(" {}\n", key.expose_secret())).is_ok());
    }
}
