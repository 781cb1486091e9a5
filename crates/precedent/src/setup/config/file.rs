//! The configuration file.

use std::fs;
use std::path::Path;

use secrecy::SecretString;
use serde::Deserialize;

use crate::exit::{ExitCode, Failure};

/// Keys of the configuration file. A blank value counts as missing.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConfigFile {
    database_url: String,
    database_url_file: String,
    master_key_file: String,
    log_level: String,
}

impl ConfigFile {
    /// Reads a file.
    ///
    /// # Errors
    /// `Usage`, naming the file and the key that is wrong; never a value.
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(file).map_err(|error| unreadable(file, error))?;
        let config: Self = toml::from_str(&text).map_err(|error| {
            let message = format!(
                "{} is not a valid configuration: {}",
                file.display(),
                error.message()
            );
            Failure::new(ExitCode::Usage, message).hint("correct the file, or remove the key from it")
        })?;
        if config.database_url().is_some() && config.database_url_file().is_some() {
            let message = "the configuration file holds both database_url and database_url_file";
            return Err(Failure::new(ExitCode::Usage, message).hint("keep one of them"));
        }
        Ok(config)
    }

    pub(super) fn database_url(&self) -> Option<&str> {
        present(&self.database_url)
    }

    pub(super) fn database_url_file(&self) -> Option<&str> {
        present(&self.database_url_file)
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

/// Reads a file that contains only a secret.
///
/// # Errors
/// `Usage`, naming the file.
pub(super) fn read_secret(file: &Path) -> Result<SecretString, Failure> {
    let text = fs::read_to_string(file).map_err(|error| unreadable(file, error))?;
    Ok(text.trim().to_owned().into())
}

fn unreadable(file: &Path, error: std::io::Error) -> Failure {
    Failure::new(ExitCode::Usage, format!("{} cannot be read", file.display())).caused_by(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            fs::write(&file, text).expect("written");
            let error = format!("{:?}", ConfigFile::read(&file).err().expect("an error"));
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("planted"), "{error}");
        }
    }
}
