//! What every command needs: configuration, store, vault, screen.

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

    /// What ends the work of this process.
    pub(crate) fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    /// What ends the work of this command; listens for signals from now on.
    pub(crate) fn stop(&self) -> anyhow::Result<Stop> {
        self.lifecycle.stop()
    }

    /// Whether output is for programs: one JSON object a line.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Where a progress bar is drawn, below the log.
    pub(crate) fn screen(&self) -> &MultiProgress {
        &self.screen
    }

    /// Opens the store. The embedded database is brought up to date first, in one transaction; one that a URL names
    /// is left as it is.
    ///
    /// # Errors
    /// `Migrate` if that fails, which leaves the embedded database as it was, and those of [`Self::store_as_it_is`].
    pub(crate) async fn store(&self) -> anyhow::Result<Store> {
        let store = self.store_as_it_is().await?;
        if let Database::Embedded { file, .. } = &self.config.database {
            let Schema { current, latest } = store.schema().await?;
            if current < latest {
                let migrated = store.migrate(None).await?;
                // 0 where another process was faster, or the database is new.
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

    /// Opens the store without a look at its schema.
    ///
    /// # Errors
    /// `Usage` if the embedded database cannot be made, and those of the store.
    pub(crate) async fn store_as_it_is(&self) -> anyhow::Result<Store> {
        match &self.config.database {
            Database::Url(url) => Ok(Store::connect(url.expose_secret()).await?),
            Database::Embedded { folder, file } => {
                create(folder, file).map_err(|error| {
                    Failure::new(
                        ExitCode::Usage,
                        format!("the database file {} cannot be made", file.display()),
                    )
                    .caused_by(error.into())
                })?;
                Ok(Store::connect(&format!("sqlite://{}", file.display())).await?)
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
    pub(crate) fn opening_vault(&self) -> anyhow::Result<Vault> {
        Ok(Vault::new(
            self.config.master_key()?,
            self.config.old_master_key()?,
        ))
    }

    /// Makes a client of the tenant's helpdesk. Nothing is sent yet.
    ///
    /// # Errors
    /// `Usage` for a master key, a secret or a setting that cannot be used.
    pub(crate) async fn connect(
        &self,
        store: &Store,
        tenant: &Tenant,
        timeouts: Timeouts,
    ) -> anyhow::Result<Client> {
        let vault = self.vault(store).await?;
        Ok(connect(store, &vault, tenant, timeouts)?)
    }

    /// The vault that seals and opens secrets.
    ///
    /// # Errors
    /// `Usage` if there is no master key, or it was rotated out.
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

/// Makes the file for its owner only, if it is not there.
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
