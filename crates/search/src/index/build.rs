//! Opens a tenant's index or makes a new one, and brings it up to date.

use std::path::PathBuf;
use std::sync::Arc;

use store::{History, Store};
use ticket::TenantId;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::catch_up::catch_up;
use super::fault::{Unavailable, advice, is_damage};
use super::files::IndexFiles;
use super::folder::IndexFolder;
use super::secure;
use super::ticket_index::TicketIndex;
use super::turns::Turns;

/// What a build needs.
pub(crate) struct Build {
    pub(crate) store: Store,
    pub(crate) tenant: TenantId,
    pub(crate) folder: IndexFolder,
    pub(crate) turns: Arc<Turns>,
    pub(crate) stop: CancellationToken,
}

impl Build {
    /// Returns an index that holds everything that is stored now. `open` is the index of an earlier call.
    ///
    /// # Errors
    /// Those of the store; [`Unavailable`] if the index cannot be written, and if a build fails twice. The log says why.
    pub(crate) async fn bring_up_to_date(
        self,
        open: Option<Arc<TicketIndex>>,
    ) -> anyhow::Result<Arc<TicketIndex>> {
        tokio::select! {
            built = self.build(open) => built,
            () = self.stop.cancelled() => anyhow::bail!("the service stops"),
        }
    }

    async fn build(&self, open: Option<Arc<TicketIndex>>) -> anyhow::Result<Arc<TicketIndex>> {
        let _lock = self.folder.lock(&self.tenant).await.inspect_err(|error| {
            self.report(error, advice(root_kind(error)));
        })?;
        // Another process may have written since the caller read the history.
        let history = self.store.history(&self.tenant).await?;
        let index = self.opened(open, &history).await?;
        match self.catch_up(index, &history).await {
            Err(error) if is_damage(&error) => {
                let tenant = &self.tenant;
                tracing::warn!(tenant_id = %tenant, "rebuilding the search index, which is damaged: {error:#}");
                let index = self.made(&history).await?;
                let caught_up = self.catch_up(index, &history).await;
                caught_up.map_err(|error| self.unavailable(error, None))
            }
            caught_up => caught_up,
        }
    }

    async fn catch_up(&self, index: Arc<TicketIndex>, history: &History) -> anyhow::Result<Arc<TicketIndex>> {
        let (store, tenant) = (&self.store, &self.tenant);
        let done = catch_up(store, tenant, &index, history.revision, &self.turns, &self.stop).await;
        match (done, index.files().write_failure()) {
            (Ok(()), _) => Ok(index),
            (Err(error), Some(kind)) => Err(self.unavailable(error, Some(kind))),
            (Err(error), None) => Err(error),
        }
    }

    async fn opened(
        &self,
        open: Option<Arc<TicketIndex>>,
        history: &History,
    ) -> anyhow::Result<Arc<TicketIndex>> {
        let place = self.place();
        let files = open.map_or_else(|| IndexFiles::new(&place), |index| index.files().clone());
        files.begin();
        let (of, folder) = (history.clone(), place.clone());
        let opened = spawn_blocking(move || {
            if folder.symlink_metadata().is_ok() {
                secure::replace_foreign(&folder)?;
            }
            TicketIndex::open(files, &of)
        });
        let opened = opened.await;
        match opened.map_err(anyhow::Error::from).flatten() {
            Ok(index) => Ok(Arc::new(index)),
            Err(why) => {
                if place.symlink_metadata().is_ok() {
                    tracing::info!(tenant_id = %self.tenant, "rebuilding the search index: {why:#}");
                }
                self.made(history).await
            }
        }
    }

    async fn made(&self, history: &History) -> anyhow::Result<Arc<TicketIndex>> {
        let (place, history) = (self.place(), history.clone());
        let made = spawn_blocking(move || TicketIndex::make(&place, &history)).await;
        let made = made.map_err(anyhow::Error::from).flatten();
        made.map(Arc::new).map_err(|error| {
            let kind = root_kind(&error);
            self.unavailable(error, kind)
        })
    }

    fn place(&self) -> PathBuf {
        self.folder.of(&self.tenant)
    }

    fn unavailable(&self, error: anyhow::Error, kind: Option<std::io::ErrorKind>) -> anyhow::Error {
        if error.is::<store::Error>() {
            return error;
        }
        self.report(&error, advice(kind));
        error.context(Unavailable)
    }

    fn report(&self, error: &anyhow::Error, advice: &str) {
        let place = self.place();
        tracing::error!(
            tenant_id = %self.tenant,
            "failed to update the search index in {}; searches of this tenant fail until it works: {error:#}; {advice}",
            place.display()
        );
    }
}

/// Returns the kind of the input or output error that caused an error.
fn root_kind(error: &anyhow::Error) -> Option<std::io::ErrorKind> {
    error
        .chain()
        .find_map(|cause| Some(cause.downcast_ref::<std::io::Error>()?.kind()))
}
