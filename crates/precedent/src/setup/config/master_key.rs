//! The source of the master key: a variable, a file, or a file that is created on first use.

use std::fs;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use engine::secrets::MasterKey;
use secrecy::{ExposeSecret, SecretString};

use crate::exit::{ExitCode, Failure};
use crate::setup::secret_file::read_secret_file;

/// Hint that shows how to create a master key.
pub(crate) const MAKE_MASTER_KEY: &str = "create one with `head -c 32 /dev/urandom | base64`, and keep it: without it the stored credentials are lost";

/// Source of a master key.
pub(crate) enum MasterKeySource {
    /// Text of the key.
    Text(SecretString),
    /// File that holds the key.
    File(PathBuf),
    /// File beside the embedded database, created on first use.
    Embedded(PathBuf),
    /// No source is configured.
    Missing,
}

impl MasterKeySource {
    /// Reads the key; creates the one of the embedded database if it is missing.
    ///
    /// # Errors
    /// `Usage` for a file that cannot be read or created, or that other users can read.
    pub(super) fn read(&self) -> anyhow::Result<MasterKey> {
        match self {
            Self::Text(text) => Ok(MasterKey::from_base64(text.expose_secret())?),
            Self::File(file) => key_in(file),
            Self::Embedded(file) if file.exists() => key_in(file),
            Self::Embedded(file) => make_key(file),
            Self::Missing => Err(Failure::new(
                ExitCode::Usage,
                "no master key: set PRECEDENT_MASTER_KEY or PRECEDENT_MASTER_KEY_FILE",
            )
            .hint(MAKE_MASTER_KEY)
            .into()),
        }
    }
}

/// Reads the key in a file. The file must be readable by its owner only.
fn key_in(file: &Path) -> anyhow::Result<MasterKey> {
    let key = read_secret_file("key file", file)?;
    Ok(MasterKey::from_base64(key.expose_secret())?)
}

/// Creates the key file atomically, so that no other process reads half a key.
fn make_key(file: &Path) -> anyhow::Result<MasterKey> {
    let key = MasterKey::generate();
    let refused = |error: std::io::Error| {
        Failure::new(
            ExitCode::Usage,
            format!("the key file {} cannot be created", file.display()),
        )
        .caused_by(error.into())
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut folders = fs::DirBuilder::new();
    folders
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(refused)?;
    // A temporary file is readable by its owner only.
    let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(refused)?;
    writeln!(fresh, "{}", key.to_base64().expose_secret()).map_err(refused)?;
    fresh.as_file().sync_all().map_err(refused)?;
    match fresh.persist_noclobber(file) {
        Ok(_) => Ok(key),
        // Another process has created the key first: use that one.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => key_in(file),
        Err(error) => Err(refused(error.error).into()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_created_once_and_readable_by_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("new/master.key");
        let made: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| make_key(&file).expect("a key").to_base64()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("joined"))
                .collect()
        });
        for key in &made {
            assert_eq!(key.expose_secret(), made[0].expose_secret());
        }
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(&folder.path().join("new")), 0o700);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("opened");
        let error = key_in(&file).err().expect("refused");
        let failure = error.downcast_ref::<Failure>();
        let next_step = failure.and_then(Failure::next_step).expect("a hint");
        assert!(next_step.contains("chmod 600"), "{next_step}");
    }
}
