//! Settings of the program: flag, environment, file, default, in this order.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use engine::secrets::MasterKey;
use etcetera::{BaseStrategy, choose_base_strategy};
use secrecy::{ExposeSecret, SecretString};

use crate::exit::{ExitCode, Failure};

/// Everything that is configured. Built once, at the start.
pub(crate) struct Config {
    pub(crate) database: Database,
    pub(crate) master_key: MasterKeySource,
    /// The one before, while keys are rotated.
    pub(crate) old_master_key: Option<MasterKeySource>,
    /// Where search indexes are kept; may be deleted at any time.
    pub(crate) cache_folder: PathBuf,
    pub(crate) log_level: String,
}

pub(crate) enum Database {
    /// May hold a password.
    Url(SecretString),
    /// The default: a file in the user's data directory.
    Embedded { folder: PathBuf, file: PathBuf },
}

pub(crate) enum MasterKeySource {
    Text(SecretString),
    File(PathBuf),
    /// Beside the embedded database, made on first use.
    Embedded(PathBuf),
    Missing,
}

/// How to make a master key.
pub(crate) const MAKE_MASTER_KEY: &str = "make one with `head -c 32 /dev/urandom | base64`, and keep it: without it the stored credentials are lost";

/// Keys of the configuration file.
const KEYS: [&str; 4] = [
    "database_url",
    "database_url_file",
    "master_key_file",
    "log_level",
];

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

impl Config {
    /// # Errors
    /// `Usage`, naming the file and the key or variable that is wrong.
    pub(crate) fn load(file: Option<&Path>, log_level: Option<&str>) -> Result<Self, Failure> {
        let directories = choose_base_strategy()
            .map_err(|_| Failure::new(ExitCode::Usage, "no home directory").hint("set HOME"))?;
        let named = file
            .map(Path::to_owned)
            .or_else(|| variable("PRECEDENT_CONFIG").map(PathBuf::from));
        let default = directories.config_dir().join("precedent/config.toml");
        let table = match named {
            Some(file) => read_table(&file)?,
            None if default.exists() => read_table(&default)?,
            None => toml::Table::new(),
        };
        let in_file = |key: &str| {
            let text = table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
            text.filter(|text| !text.trim().is_empty())
        };
        if let (Some(_), Some(_)) = (in_file("database_url"), in_file("database_url_file")) {
            return Err(Failure::new(
                ExitCode::Usage,
                "the configuration file holds both database_url and database_url_file",
            )
            .hint("keep one of them"));
        }

        let folder = directories.data_dir().join("precedent");
        let from_file = |file: String| read_secret(Path::new(&file));
        let url = match (
            variable("DATABASE_URL"),
            in_file("database_url"),
            in_file("database_url_file"),
        ) {
            (Some(url), _, _) | (None, Some(url), _) => Some(SecretString::from(url)),
            (None, None, file) => file.map(from_file).transpose()?,
        };
        let master_key_file = || variable("PRECEDENT_MASTER_KEY_FILE").or_else(|| in_file("master_key_file"));
        let master_key = match (variable("PRECEDENT_MASTER_KEY"), master_key_file(), &url) {
            (Some(text), _, _) => MasterKeySource::Text(text.into()),
            (None, Some(file), _) => MasterKeySource::File(file.into()),
            (None, None, None) => MasterKeySource::Embedded(folder.join("master.key")),
            (None, None, Some(_)) => MasterKeySource::Missing,
        };
        let old_master_key = match variable("PRECEDENT_OLD_MASTER_KEY") {
            Some(text) => Some(MasterKeySource::Text(text.into())),
            None => variable("PRECEDENT_OLD_MASTER_KEY_FILE").map(|file| MasterKeySource::File(file.into())),
        };
        let level = log_level
            .map(str::to_owned)
            .or_else(|| variable("PRECEDENT_LOG"))
            .or_else(|| in_file("log_level"));
        let log_level = level.unwrap_or_else(|| "info".to_owned()).to_lowercase();
        if !LEVELS.contains(&log_level.as_str()) {
            let message = format!("there is no log level \"{log_level}\"");
            return Err(Failure::new(ExitCode::Usage, message).hint(format!("one of {}", LEVELS.join(", "))));
        }
        let database = match url {
            Some(url) => Database::Url(url),
            None => Database::Embedded {
                file: folder.join("precedent.db"),
                folder,
            },
        };
        Ok(Self {
            database,
            master_key,
            old_master_key,
            cache_folder: directories.cache_dir().join("precedent"),
            log_level,
        })
    }

    /// The key that wraps all others; on the embedded default it is made on first use.
    pub(crate) fn master_key(&self) -> anyhow::Result<MasterKey> {
        self.master_key.read()
    }

    /// The key before it, if one is named.
    pub(crate) fn old_master_key(&self) -> anyhow::Result<Option<MasterKey>> {
        self.old_master_key
            .as_ref()
            .map(MasterKeySource::read)
            .transpose()
    }
}

impl MasterKeySource {
    fn read(&self) -> anyhow::Result<MasterKey> {
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

/// An environment variable; an empty one counts as unset.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn unreadable(file: &Path, error: std::io::Error) -> Failure {
    Failure::new(ExitCode::Usage, format!("{} cannot be read", file.display())).caused_by(error.into())
}

fn read_secret(file: &Path) -> Result<SecretString, Failure> {
    let text = fs::read_to_string(file).map_err(|error| unreadable(file, error))?;
    Ok(text.trim().to_owned().into())
}

fn read_table(file: &Path) -> Result<toml::Table, Failure> {
    let place = file.display();
    let text = fs::read_to_string(file).map_err(|error| unreadable(file, error))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        Failure::new(
            ExitCode::Usage,
            format!("{place} is no TOML: {}", error.message()),
        )
    })?;
    for (key, value) in &table {
        if !KEYS.contains(&key.as_str()) {
            let nearest = KEYS
                .into_iter()
                .max_by(|a, b| strsim::jaro(a, key).total_cmp(&strsim::jaro(b, key)));
            let message = format!("{place} holds the unknown key \"{key}\"");
            return Err(Failure::new(ExitCode::Usage, message).hint(format!(
                "the nearest known key is \"{}\"",
                nearest.unwrap_or_default()
            )));
        }
        if !value.is_str() {
            return Err(Failure::new(
                ExitCode::Usage,
                format!("{place}: \"{key}\" must be a text"),
            ));
        }
    }
    Ok(table)
}

fn key_in(file: &Path) -> anyhow::Result<MasterKey> {
    let mode = fs::metadata(file)
        .map_err(|error| unreadable(file, error))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(Failure::new(
            ExitCode::Usage,
            format!("the key file {} is open to others", file.display()),
        )
        .hint(format!("close it with `chmod 600 {}`", file.display()))
        .into());
    }
    Ok(MasterKey::from_base64(read_secret(file)?.expose_secret())?)
}

/// Makes the key file whole or not at all, so that no other process ever reads half a key.
fn make_key(file: &Path) -> anyhow::Result<MasterKey> {
    let key = MasterKey::generate();
    let refused = |error: std::io::Error| {
        Failure::new(
            ExitCode::Usage,
            format!("the key file {} cannot be made", file.display()),
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
    // Only its owner may read a temporary file.
    let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(refused)?;
    writeln!(fresh, "{}", key.to_base64().expose_secret()).map_err(refused)?;
    fresh.as_file().sync_all().map_err(refused)?;
    match fresh.persist_noclobber(file) {
        Ok(_) => Ok(key),
        // Another process was faster: its key counts.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => key_in(file),
        Err(error) => Err(refused(error.error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_neighbour() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.toml");
        fs::write(&file, "databse_url = \"postgres://planted\"").expect("written");
        let error = format!("{:?}", read_table(&file).expect_err("unknown"));
        for part in [
            "config.toml",
            "databse_url",
            "nearest known key is \\\"database_url\\\"",
        ] {
            assert!(error.contains(part), "{error}");
        }
        assert!(!error.contains("planted"), "{error}");
    }

    #[test]
    fn a_missing_named_file_is_an_error() {
        assert!(Config::load(Some(Path::new("/nowhere/config.toml")), None).is_err());
    }

    #[test]
    fn a_key_is_made_once_and_closed_to_others() {
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
        assert!(format!("{error:?}").contains("chmod 600"), "{error:?}");
    }
}
