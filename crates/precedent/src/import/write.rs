//! The writing half: stores what has arrived, in the order of the list.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use servicedesk::{Outcome, Rejected};
use store::{Batch, Incoming, Rejection, Source};
use tokio::sync::mpsc::Receiver;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tracing::warn;
use uuid::Uuid;

use super::read::{FinishedPage, FinishingPage};
use super::{Ending, Import};
use crate::clock;

/// Pages stored together at the most: 1,000 rows.
const PAGES_PER_BATCH: usize = 10;

/// How long the first page of a batch waits for others: a slow server's pages are stored one by one, a fast
/// server's in large batches.
const LINGER: Duration = Duration::from_millis(250);

/// A page that is finished. A closure here would make the future of an import not `Send`.
async fn finished(page: FinishingPage) -> anyhow::Result<FinishedPage> {
    page.await.context("finish a page")?
}

impl Import<'_> {
    /// Stores pages until there are no more, or until told to stop; a page that failed ends it, after those before it
    /// were stored.
    pub(super) async fn write(&self, run: Uuid, pages: Receiver<FinishingPage>) -> anyhow::Result<Ending> {
        let finished = ReceiverStream::new(pages).then(finished);
        let batches = finished.chunks_timeout(PAGES_PER_BATCH, LINGER);
        tokio::pin!(batches);
        while let Some(pages) = batches.next().await {
            let mut batch = None;
            let mut failure = None;
            for page in pages {
                match page {
                    Ok(page) => {
                        if let Some(before) = batch.take_if(|batch| !is_of(batch, page.window)) {
                            self.store(&before).await?;
                        }
                        self.add(batch.get_or_insert_with(|| self.batch(run, page.window)), page);
                    }
                    Err(error) => {
                        failure = Some(error);
                        break;
                    }
                }
            }
            if let Some(batch) = batch {
                self.store(&batch).await?;
            }
            if let Some(error) = failure {
                return Err(error);
            }
            // At the pace of the API, the details of the pages behind may take minutes each.
            if self.stop.is_cancelled() {
                return Ok(Ending::Stopped);
            }
        }
        Ok(Ending::Complete)
    }

    async fn store(&self, batch: &Batch) -> anyhow::Result<()> {
        let applied = self
            .store
            .apply(self.tenant, batch)
            .await
            .context("store a batch of tickets")?;
        for rejection in batch.rejected.iter().chain(&applied.refused) {
            warn!(
                ticket_id = rejection.ticket_id.as_deref(),
                "set aside a ticket: {}", rejection.reason
            );
        }
        self.progress.advance(&applied.counts);
        Ok(())
    }

    /// An empty batch whose checkpoint stays where it is.
    fn batch(&self, run: Uuid, window: i32) -> Batch {
        let progress = store::Progress {
            run,
            window,
            cursor: None,
            window_done: false,
        };
        Batch {
            progress: Some(progress),
            ..Batch::new(Some(self.epoch), Source::BulkImport, clock::now())
        }
    }

    fn add(&self, batch: &mut Batch, page: FinishedPage) {
        page.finished
            .outcomes
            .into_iter()
            .for_each(|outcome| add(batch, outcome));
        if let Some(progress) = &mut batch.progress {
            progress.cursor = serde_json::to_string(&page.cursor).ok();
            progress.window_done = page.cursor.is_at_end();
        }
        self.progress.leave_out(page.finished.outside);
        self.progress.learn_total(page.total);
    }
}

/// Whether the batch takes pages of a window: a checkpoint is a place in one.
fn is_of(batch: &Batch, window: i32) -> bool {
    let progress = batch.progress.as_ref();
    progress.is_some_and(|progress| progress.window == window)
}

/// Puts what became of a row into a batch.
pub(crate) fn add(batch: &mut Batch, outcome: Outcome) {
    match outcome {
        Outcome::Ticket(ticket, original) => batch.tickets.push(Incoming {
            ticket: *ticket,
            raw: Arc::new(original.raw),
            source_digest: Some(original.digest),
        }),
        Outcome::Unchanged => batch.unchanged += 1,
        Outcome::Rejected(Rejected { id, reason, raw }) => batch.rejected.push(Rejection {
            ticket_id: id,
            reason,
            raw,
        }),
    }
}
