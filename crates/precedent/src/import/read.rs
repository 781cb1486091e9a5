//! The reading half: walks the list and hands on pages while they are still being finished.

use anyhow::Context as _;
use servicedesk::{Cursor, Finished, Known, Page, Row};
use store::Run;
use tokio::sync::mpsc::Sender;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::{Ending, Import};

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
        let mut walk = self.client.pages(plan.clone(), cursor);
        while !self.stop.is_cancelled() {
            let Some(page) = walk.next().await? else {
                return Ok(Ending::Complete);
            };
            // Without a first look, a whole row that comes twice is converted twice; a thin one would cost a call.
            let look = !nothing_stored || page.rows.iter().any(Row::is_thin);
            let finishing = self.finish(window.position, plan.clone(), page, look);
            // Closed only when the writer has ended before, and then its ending is the one to tell.
            if pages.send(finishing).await.is_err() {
                return Ok(Ending::Stopped);
            }
        }
        Ok(Ending::Stopped)
    }

    /// Starts to complete a page, after a look at what is stored of it; the next one is read meanwhile.
    fn finish(&self, window: i32, plan: servicedesk::Window, page: Page, look: bool) -> FinishingPage {
        let (store, tenant, client) = (self.store.clone(), self.tenant.clone(), self.client.clone());
        let finish = async move {
            let ids: Vec<_> = page.rows.iter().filter_map(Row::id).collect();
            let known = match look {
                true => store.known(&tenant, &ids).await?,
                false => Known::new(),
            };
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
