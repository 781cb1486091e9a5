//! The reading half: walks the list and hands on pages while they are still being finished.

use anyhow::Context as _;
use futures::stream::{StreamExt, TryReadyChunksError, TryStreamExt, try_unfold};
use servicedesk::{Cursor, Finished, Known, Page, Pages, Row};
use store::Run;
use tokio::sync::mpsc::Sender;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::{Ending, Import};

/// Pages looked up together at the most, if they have come already: a fast server's pages in few statements.
const PAGES_PER_LOOK: usize = 6;

/// A page on its way to being stored; aborted when dropped.
pub(super) type FinishingPage = AbortOnDropHandle<anyhow::Result<FinishedPage>>;

/// What is stored of a page, and the place behind it.
pub(super) struct FinishedPage {
    /// The window that it is of.
    pub(super) window: i32,
    pub(super) finished: Finished,
    pub(super) cursor: Cursor,
    pub(super) total: Option<u64>,
}

/// Tickets in all windows of a run, if the server told.
pub(super) fn planned_total(run: &Run) -> anyhow::Result<Option<u64>> {
    run.windows
        .iter()
        .map(|window| Ok(plan(&window.plan)?.total))
        .sum()
}

fn plan(plan: &str) -> anyhow::Result<servicedesk::Window> {
    serde_json::from_str(plan).context("read the plan of the run; start afresh if it is of another version")
}

impl Import<'_> {
    /// Reads what is left of a run's windows, one after the other, or until told to stop.
    pub(super) async fn read(&self, run: &Run, pages: Sender<FinishingPage>) -> anyhow::Result<Ending> {
        let nothing_stored = self.store.oldest(self.tenant).await?.is_none();
        for window in run.windows.iter().filter(|window| !window.done) {
            if self.read_window(window, nothing_stored, &pages).await? == Ending::Stopped {
                return Ok(Ending::Stopped);
            }
        }
        Ok(Ending::Complete)
    }

    /// Reads a window from its checkpoint to its end, or until told to stop.
    async fn read_window(
        &self,
        window: &store::Window,
        nothing_stored: bool,
        pages: &Sender<FinishingPage>,
    ) -> anyhow::Result<Ending> {
        let plan = plan(&window.plan)?;
        let cursor = window
            .cursor
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .context("read the checkpoint")?;
        let walk = try_unfold(self.client.pages(plan.clone(), cursor), step).try_ready_chunks(PAGES_PER_LOOK);
        tokio::pin!(walk);
        while !self.stop.is_cancelled() {
            let (arrived, failure) = match walk.next().await {
                None => return Ok(Ending::Complete),
                Some(Ok(arrived)) => (arrived, None),
                Some(Err(TryReadyChunksError(arrived, error))) => (arrived, Some(error)),
            };
            let mut known = self.known(&arrived, nothing_stored).await?;
            for page in arrived {
                let ids = page.rows.iter().filter_map(Row::id);
                let known = ids.filter_map(|id| known.remove_entry(&id)).collect();
                let finishing = self.finish(window.position, plan.clone(), page, known);
                // Closed only when the writer has ended before, and then its ending is the one to tell.
                if self.stop.is_cancelled() || pages.send(finishing).await.is_err() {
                    return Ok(Ending::Stopped);
                }
            }
            if let Some(error) = failure {
                return Err(error.into());
            }
        }
        Ok(Ending::Stopped)
    }

    /// What is stored of some pages, as far as it is worth a look.
    async fn known(&self, pages: &[Page], nothing_stored: bool) -> anyhow::Result<Known> {
        let rows = || pages.iter().flat_map(|page| &page.rows);
        // Without a look, a whole row that comes twice is converted twice; a thin one would cost a call.
        if nothing_stored && !rows().any(Row::is_thin) {
            return Ok(Known::new());
        }
        let ids: Vec<_> = rows().filter_map(Row::id).collect();
        Ok(self.store.known(self.tenant, &ids).await?)
    }

    /// Starts to complete a page; the next one is read meanwhile.
    fn finish(&self, window: i32, plan: servicedesk::Window, page: Page, known: Known) -> FinishingPage {
        let client = self.client.clone();
        let finish = async move {
            let finished = client.finish(plan, page.rows, known).await?;
            Ok(FinishedPage {
                window,
                finished,
                cursor: page.cursor,
                total: page.total,
            })
        };
        AbortOnDropHandle::new(tokio::spawn(finish.in_current_span()))
    }
}

/// The next page. A closure here would make the future of an import not `Send`.
async fn step(mut walk: Pages) -> servicedesk::Result<Option<(Page, Pages)>> {
    Ok(walk.next().await?.map(|page| (page, walk)))
}
