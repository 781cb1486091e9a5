//! What every command needs: configuration, store, vault, screen.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use indicatif::MultiProgress;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use store::Store;

use crate::config::{Config, Database};
use crate::exit::{ExitCode, Failure};
use crate::search::indexes::Indexes;
use crate::vault::Vault;

pub(crate) struct Context {
    config: Config,
    json: bool,
    screen: MultiProgress,
}

impl Context {
    pub(crate) fn new(config: Config, json: bool, screen: MultiProgress) -> Self {
        Self { config, json, screen }
    }

    /// Whether output is for programs: one JSON object a line.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Where a progress bar is drawn, below the log.
    pub(crate) fn screen(&self) -> &MultiProgress {
        &self.screen
    }

    /// Opens the store. A new embedded database is migrated at once; any other is left as it is.
    pub(crate) async fn store(&self) -> anyhow::Result<Arc<dyn Store>> {
        match &self.config.database {
            Database::Url(url) => Ok(store::connect(url.expose_secret()).await?),
            Database::Embedded { folder, file } => {
                let new = create(folder, file).map_err(|error| {
                    Failure::new(
                        ExitCode::Usage,
                        format!("the database file {} cannot be made", file.display()),
                    )
                    .caused_by(error.into())
                })?;
                let store = store::connect(&format!("sqlite://{}", file.display())).await?;
                if new {
                    store.migrate(None).await?;
                }
                Ok(store)
            }
        }
    }

    /// The search indexes of this database's tenants.
    pub(crate) fn indexes(&self) -> anyhow::Result<Indexes> {
        let name = match &self.config.database {
            Database::Url(url) => url.expose_secret().to_owned(),
            Database::Embedded { file, .. } => file.display().to_string(),
        };
        // A digest: the address may hold a password.
        let digest = Sha256::digest(name.as_bytes());
        let name = hex::encode(&digest[..8]);
        let folder = self.config.cache_folder.join("search").join(name);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| {
                let message = format!("the cache folder {} cannot be made", folder.display());
                Failure::new(ExitCode::Usage, message)
                    .hint("set XDG_CACHE_HOME to a folder that this user may write")
                    .caused_by(error.into())
            })?;
        Ok(Indexes::new(&folder))
    }

    /// A vault that opens secrets; whether its key was rotated out, and so must seal none, is not looked at.
    ///
    /// # Errors
    /// `Usage` if there is no master key.
    pub(crate) fn opening_vault(&self) -> Result<Vault, Failure> {
        Ok(Vault::new(
            self.config.master_key()?,
            self.config.old_master_key()?,
        ))
    }

    /// The vault that seals and opens secrets.
    ///
    /// # Errors
    /// `Usage` if there is no master key, or it was rotated out.
    pub(crate) async fn vault(&self, store: &dyn Store) -> anyhow::Result<Vault> {
        let vault = self.opening_vault()?;
        let key_id = vault.key_id();
        if store.is_key_retired(&key_id).await? {
            return Err(Failure::new(ExitCode::Usage, format!("master key {key_id} is retired"))
                .hint("set PRECEDENT_MASTER_KEY or PRECEDENT_MASTER_KEY_FILE to the key that it was rotated to")
                .into());
        }
        Ok(vault)
    }
}

/// Makes the file for its owner only; whether it is new.
fn create(folder: &Path, file: &Path) -> std::io::Result<bool> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    match fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
    {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(file.metadata()?.len() == 0),
        Err(error) => Err(error),
    }
}
