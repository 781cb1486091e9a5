//! The master key of an installation.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Generate, Key};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

use super::error::Error;

/// Size of a key, in bytes.
pub(super) const KEY_BYTES: usize = 32;

/// The key that wraps all other keys. It cannot be printed.
pub struct MasterKey(pub(super) SecretBox<[u8; KEY_BYTES]>);

impl MasterKey {
    /// Reads a key.
    ///
    /// # Errors
    /// `MasterKeyForm` if the text is not base64 of 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, Error> {
        let bytes = BASE64_STANDARD.decode(text.trim()).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes.ok_or(Error::MasterKeyForm)?;
        Ok(Self(SecretBox::new(Box::new(bytes))))
    }

    /// Generates a key from the system's random source.
    pub fn generate() -> Self {
        Self(SecretBox::new(Box::new(Key::<Aes256Gcm>::generate().into())))
    }

    /// Returns the key as text.
    pub fn to_base64(&self) -> SecretString {
        BASE64_STANDARD.encode(self.0.expose_secret()).into()
    }

    /// Returns a digest that identifies the key and reveals nothing of it.
    pub(super) fn id(&self) -> String {
        let digest = Sha256::digest(self.0.expose_secret());
        hex::encode(&digest[..8])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
