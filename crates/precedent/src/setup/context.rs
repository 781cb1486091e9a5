//! Context of a command: configuration, store, vault, screen.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use engine::secrets::Vault;
use engine::source::{Client, Stop, Timeouts, connect};
use indicatif::MultiProgress;
use search::Indexes;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use store::{Schema, Store, Tenant};
use tracing::info;

use super::config::{Config, Database};
use super::lifecycle::Lifecycle;
use crate::exit::{ExitCode, Failure};

pub(crate) struct Context {
    config: Config,
    json: bool,
    screen: MultiProgress,
    lifecycle: Lifecycle,
}

impl Context {
    pub(crate) fn new(config: Config, json: bool, screen: MultiProgress) -> Self {
        Self {
            config,
            json,
            screen,
            lifecycle: Lifecycle::default(),
        }
    }

    /// Returns the lifecycle of this process.
    pub(crate) fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    /// Returns the stop signal of this command and starts to listen for signals.
    pub(crate) fn stop(&self) -> anyhow::Result<Stop> {
        self.lifecycle.stop()
    }

    /// Returns whether output is for programs: one JSON object per line.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Returns the screen, which draws a progress bar below the log.
    pub(crate) fn screen(&self) -> &MultiProgress {
        &self.screen
    }

    /// Opens the store. Migrates the embedded database first, in one transaction; never migrates a database that a URL
    /// names.
    ///
    /// # Errors
    /// `Migrate` if the migration fails, which leaves the embedded database unchanged, and those of
    /// [`Self::store_as_it_is`].
    pub(crate) async fn store(&self) -> anyhow::Result<Store> {
        let store = self.store_as_it_is().await?;
        if let Database::Embedded { file, .. } = &self.config.database {
            let Schema { current, latest } = store.schema().await?;
            if current < latest {
                let migrated = store.migrate(None).await?;
                // The version is 0 if another process has migrated first or the database is new.
                if migrated.from > 0 && migrated.from < migrated.to {
                    info!(
                        "migrated {} from schema version {} to {}",
                        file.display(),
                        migrated.from,
                        migrated.to
                    );
                }
            }
        }
        Ok(store)
    }

    /// Opens the store without checking its schema.
    ///
    /// # Errors
    /// `Usage` if the embedded database cannot be created, and those of the store.
    pub(crate) async fn store_as_it_is(&self) -> anyhow::Result<Store> {
        match &self.config.database {
            Database::Url(url) => {
                let lock_url = self.config.lock_url.as_ref().map(ExposeSecret::expose_secret);
                Ok(Store::connect_through_pooler(url.expose_secret(), lock_url).await?)
            }
            Database::Embedded { folder, file } => {
                create(folder, file).map_err(|error| {
                    Failure::new(
                        ExitCode::Usage,
                        format!("the database file {} cannot be created", file.display()),
                    )
                    .caused_by(error.into())
                })?;
                Ok(Store::connect(&format!("sqlite://{}", file.display())).await?)
            }
        }
    }

    /// Returns the search indexes of the tenants in this database.
    pub(crate) fn indexes(&self) -> anyhow::Result<Indexes> {
        let name = match &self.config.database {
            Database::Url(url) => url.expose_secret().to_owned(),
            Database::Embedded { file, .. } => file.display().to_string(),
        };
        // The folder is named by a digest because the URL may contain a password.
        let digest = Sha256::digest(name.as_bytes());
        let name = hex::encode(&digest[..8]);
        let cache = &self.config.cache_folder;
        let folder = cache.join("search").join(name);
        for folder in [cache, &cache.join("search"), &folder] {
            search::secure_folder(folder).map_err(|error| {
                let message = format!("the cache folder {} cannot be created or used", folder.display());
                Failure::new(ExitCode::Usage, message)
                    .hint("set XDG_CACHE_HOME to a folder that this user owns and can write to")
                    .caused_by(error.into())
            })?;
        }
        Ok(Indexes::new(&folder))
    }

    /// Returns a vault that only opens secrets: it does not check whether its key is retired.
    ///
    /// # Errors
    /// `Usage` if there is no master key.
    pub(crate) fn opening_vault(&self) -> anyhow::Result<Vault> {
        Ok(Vault::new(
            self.config.master_key()?,
            self.config.old_master_key()?,
        ))
    }

    /// Creates a client for the tenant's helpdesk without sending a request.
    ///
    /// # Errors
    /// `Usage` for an invalid master key, secret or setting.
    pub(crate) async fn connect(
        &self,
        store: &Store,
        tenant: &Tenant,
        timeouts: Timeouts,
    ) -> anyhow::Result<Client> {
        let vault = self.vault(store).await?;
        Ok(connect(store, &vault, tenant, timeouts)?)
    }

    /// Returns the vault that seals and opens secrets.
    ///
    /// # Errors
    /// `Usage` if there is no master key, or it is retired.
    pub(crate) async fn vault(&self, store: &Store) -> anyhow::Result<Vault> {
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

/// Creates the file, readable by its owner only, if it does not exist.
fn create(folder: &Path, file: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    match fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
    {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
