//! The configuration file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use url::Url;

use crate::exit::{ExitCode, Failure};
use crate::setup::secret_file::{check_closed, unreadable};

/// Keys of the configuration file. A blank value counts as missing.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConfigFile {
    database_url: String,
    database_url_file: String,
    lock_url: String,
    lock_url_file: String,
    master_key_file: String,
    log_level: String,
}

impl ConfigFile {
    /// Reads a file.
    ///
    /// # Errors
    /// `Usage`, naming the file and the key that is wrong; never a value.
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let mut opened = File::open(file).map_err(|error| unreadable(file, error))?;
        let mut text = String::new();
        opened
            .read_to_string(&mut text)
            .map_err(|error| unreadable(file, error))?;
        let config: Self = toml::from_str(&text).map_err(|error| {
            let message = format!(
                "{} is not a valid configuration: {}",
                file.display(),
                error.message()
            );
            Failure::new(ExitCode::Usage, message).hint("correct the file, or remove the key from it")
        })?;
        for (key, url, file) in [
            ("database_url", config.database_url(), config.database_url_file()),
            ("lock_url", config.lock_url(), config.lock_url_file()),
        ] {
            if url.is_some() && file.is_some() {
                let message = format!("the configuration file holds both {key} and {key}_file");
                return Err(Failure::new(ExitCode::Usage, message).hint("keep one of them"));
            }
        }
        if config.database_url().is_some_and(has_password) {
            check_closed("configuration file, which holds a password,", file, &opened)?;
        }
        Ok(config)
    }

    pub(super) fn database_url(&self) -> Option<&str> {
        present(&self.database_url)
    }

    pub(super) fn database_url_file(&self) -> Option<&str> {
        present(&self.database_url_file)
    }

    pub(super) fn lock_url(&self) -> Option<&str> {
        present(&self.lock_url)
    }

    pub(super) fn lock_url_file(&self) -> Option<&str> {
        present(&self.lock_url_file)
    }

    pub(super) fn master_key_file(&self) -> Option<&str> {
        present(&self.master_key_file)
    }

    pub(super) fn log_level(&self) -> Option<&str> {
        present(&self.log_level)
    }
}

fn present(value: &str) -> Option<&str> {
    Some(value).filter(|value| !value.trim().is_empty())
}

/// Returns whether an address contains a password. One that cannot be parsed may.
fn has_password(address: &str) -> bool {
    Url::parse(address).map_or(true, |url| {
        url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")
    })
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_password_in_a_file_that_others_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.toml");
        for (address, is_secret) in [
            ("postgres://me:planted@host/db", true),
            ("postgres://host/db?password=planted", true),
            ("postgres://me@host/db", false),
            ("sqlite:history.db", false),
        ] {
            std::fs::write(&file, format!("database_url = \"{address}\"")).expect("written");
            for (mode, is_open) in [(0o644, true), (0o640, true), (0o600, false)] {
                std::fs::set_permissions(&file, Permissions::from_mode(mode)).expect("set");
                let read = ConfigFile::read(&file);
                assert_eq!(read.is_err(), is_secret && is_open, "{address} {mode:o}");
                let error = format!("{:?}", read.err());
                assert!(!error.contains("planted"), "{error}");
            }
        }
    }

    #[test]
    fn an_error_names_file_and_key_but_never_a_value() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.toml");
        let cases = [
            (
                "databse_url = \"postgres://planted\"",
                "unknown field `databse_url`, expected one of `database_url`",
            ),
            ("log_level = [\"planted\"]", "expected a string"),
            ("database_url = \"planted", "config.toml"),
            (
                "database_url = \"planted\"\ndatabase_url_file = \"planted\"",
                "holds both",
            ),
        ];
        for (text, expected) in cases {
            std::fs::write(&file, text).expect("written");
            let error = format!("{:?}", ConfigFile::read(&file).err().expect("an error"));
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("planted"), "{error}");
        }
    }
}
