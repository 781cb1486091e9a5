//! Configuration of the program. A flag overrides the environment, which overrides the file, which overrides the
//! default.

mod file;
mod master_key;

use std::path::{Path, PathBuf};

use engine::secrets::MasterKey;
use etcetera::{BaseStrategy, choose_base_strategy};
use secrecy::SecretString;

use self::file::ConfigFile;
use super::secret_file::read_secret_file;
use crate::exit::{ExitCode, Failure};

/// Configuration, built once at the start.
pub(crate) struct Config {
    pub(crate) database: Database,
    /// Address of PostgreSQL itself, for leases and migrations, if `database` is that of a pooler.
    pub(crate) lock_url: Option<SecretString>,
    pub(crate) master_key: MasterKeySource,
    /// The previous key, while keys are rotated.
    pub(crate) old_master_key: Option<MasterKeySource>,
    /// Folder of the search indexes; it may be deleted at any time.
    pub(crate) cache_folder: PathBuf,
    pub(crate) log_level: String,
}

/// The database.
pub(crate) enum Database {
    /// URL, which may hold a password.
    Url(SecretString),
    /// SQLite file in the user's data directory: the default.
    Embedded { folder: PathBuf, file: PathBuf },
}

pub(crate) use master_key::{MAKE_MASTER_KEY, MasterKeySource};

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// `Usage`, naming the file and the key or variable that is wrong.
    pub(crate) fn load(file: Option<&Path>, log_level: Option<&str>) -> Result<Self, Failure> {
        let directories = choose_base_strategy()
            .map_err(|_| Failure::new(ExitCode::Usage, "no home directory").hint("set HOME"))?;
        let named = file
            .map(Path::to_owned)
            .or_else(|| variable("PRECEDENT_CONFIG").map(PathBuf::from));
        let default = directories.config_dir().join("precedent/config.toml");
        let file = match named {
            Some(file) => ConfigFile::read(&file)?,
            None if default.exists() => ConfigFile::read(&default)?,
            None => ConfigFile::default(),
        };
        let folder = directories.data_dir().join("precedent");
        let lock_url = url(
            variable("PRECEDENT_LOCK_URL"),
            file.lock_url(),
            file.lock_url_file(),
        )?;
        let url = url(
            variable("DATABASE_URL"),
            file.database_url(),
            file.database_url_file(),
        )?;
        Ok(Self {
            master_key: master_key(&file, url.is_some(), &folder),
            old_master_key: old_master_key(),
            database: match url {
                Some(url) => Database::Url(url),
                None => Database::Embedded {
                    file: folder.join("precedent.db"),
                    folder,
                },
            },
            lock_url,
            cache_folder: directories.cache_dir().join("precedent"),
            log_level: level(log_level, &file)?,
        })
    }

    /// Reads the master key. For the embedded database the key is created on first use.
    ///
    /// # Errors
    /// `Usage`, naming the file or variable that is wrong.
    pub(crate) fn master_key(&self) -> anyhow::Result<MasterKey> {
        self.master_key.read()
    }

    /// Reads the previous master key, if one is configured.
    ///
    /// # Errors
    /// As [`Self::master_key`].
    pub(crate) fn old_master_key(&self) -> anyhow::Result<Option<MasterKey>> {
        self.old_master_key
            .as_ref()
            .map(MasterKeySource::read)
            .transpose()
    }
}

/// Returns the URL of a variable, of a key of the file, or of the file that another key names.
fn url(
    variable: Option<String>,
    key: Option<&str>,
    file: Option<&str>,
) -> Result<Option<SecretString>, Failure> {
    match variable.or_else(|| key.map(str::to_owned)) {
        Some(url) => Ok(Some(url.into())),
        None => file
            .map(|file| read_secret_file("database URL file", Path::new(file)))
            .transpose(),
    }
}

fn master_key(file: &ConfigFile, has_url: bool, folder: &Path) -> MasterKeySource {
    let key_file =
        variable("PRECEDENT_MASTER_KEY_FILE").or_else(|| file.master_key_file().map(str::to_owned));
    match (variable("PRECEDENT_MASTER_KEY"), key_file) {
        (Some(text), _) => MasterKeySource::Text(text.into()),
        (None, Some(file)) => MasterKeySource::File(file.into()),
        (None, None) if has_url => MasterKeySource::Missing,
        (None, None) => MasterKeySource::Embedded(folder.join("master.key")),
    }
}

fn old_master_key() -> Option<MasterKeySource> {
    match variable("PRECEDENT_OLD_MASTER_KEY") {
        Some(text) => Some(MasterKeySource::Text(text.into())),
        None => variable("PRECEDENT_OLD_MASTER_KEY_FILE").map(|file| MasterKeySource::File(file.into())),
    }
}

fn level(flag: Option<&str>, file: &ConfigFile) -> Result<String, Failure> {
    let level = flag
        .map(str::to_owned)
        .or_else(|| variable("PRECEDENT_LOG"))
        .or_else(|| file.log_level().map(str::to_owned));
    let level = level.unwrap_or_else(|| "info".to_owned()).to_lowercase();
    if !LEVELS.contains(&level.as_str()) {
        let message = format!("there is no log level \"{level}\"");
        return Err(Failure::new(ExitCode::Usage, message).hint(format!("one of {}", LEVELS.join(", "))));
    }
    Ok(level)
}

/// Returns an environment variable; an empty one counts as unset.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
