//! Small files that end with a digest of their content. tantivy gives no checksum to its lists of segments and files,
//! and a changed digit in them would hide tickets.

use std::io;

use sha2::{Digest, Sha256};

/// Length of a digest, in bytes.
const DIGEST: usize = 32;

/// Returns the data, followed by its digest.
pub(super) fn seal(data: &[u8]) -> Vec<u8> {
    [data, &Sha256::digest(data)].concat()
}

/// Returns the data without its digest.
///
/// # Errors
/// `InvalidData` if the digest is missing or differs.
pub(super) fn unseal(sealed: &[u8]) -> io::Result<Vec<u8>> {
    let (data, digest) = sealed
        .split_at_checked(sealed.len().saturating_sub(DIGEST))
        .unwrap_or_default();
    if Sha256::digest(data).as_slice() == digest {
        return Ok(data.to_vec());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "a list is damaged: its digest differs",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_byte_is_noticed() {
        let sealed = seal(b"{\"revision\": 17}");
        assert_eq!(unseal(&sealed).expect("whole"), b"{\"revision\": 17}");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(unseal(&changed).is_err(), "{at}");
            assert!(unseal(&sealed[..at]).is_err(), "{at}");
        }
    }
}
