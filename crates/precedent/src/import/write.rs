//! The writing half: stores what has arrived, in the order of the list.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use servicedesk::{Outcome, Rejected};
use store::{Batch, Incoming, Rejection, Source};
use tokio::sync::mpsc::Receiver;
use tokio::{select, try_join};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tracing::warn;
use uuid::Uuid;

use super::read::{FinishedPage, FinishingPage};
use super::{Ending, Import};
use crate::clock;

/// Pages stored together at the most: 2,000 rows. Each transaction waits some times for a core; more rows a wait make the
/// import faster, and need more memory.
const PAGES_PER_BATCH: usize = 20;

/// How long the first page of a batch waits for others: a slow server's pages are stored one by one, a fast
/// server's in large batches.
const LINGER: Duration = Duration::from_millis(250);

/// A page that is finished. A closure here would make the future of an import not `Send`.
async fn finished(page: FinishingPage) -> anyhow::Result<FinishedPage> {
    page.await.context("finish a page")?
}

impl Import<'_> {
    /// Stores pages until there are no more, or until told to stop; a page that failed ends it, after those before it
    /// were stored. While a batch is stored the next one is gathered.
    pub(super) async fn write(&self, run: Uuid, pages: Receiver<FinishingPage>) -> anyhow::Result<Ending> {
        let finished = ReceiverStream::new(pages).then(finished);
        let chunks = finished.chunks_timeout(PAGES_PER_BATCH, LINGER);
        tokio::pin!(chunks);
        let mut left = VecDeque::new();
        let mut next = self.gather(run, &mut chunks, &mut left).await;
        while let Some(batch) = next {
            let batch = batch?;
            let gather = async { Ok(self.gather(run, &mut chunks, &mut left).await) };
            ((), next) = try_join!(self.store(&batch), gather)?;
            if self.stop.is_cancelled() {
                break;
            }
        }
        Ok(match self.stop.is_cancelled() {
            true => Ending::Stopped,
            false => Ending::Complete,
        })
    }

    /// The next batch, ready to be stored, or the failure of a page; `None` after the last, or when told to stop. Of the
    /// pages at hand, those of another window are `left`: a checkpoint is a place in one.
    async fn gather(
        &self,
        run: Uuid,
        chunks: &mut (impl Stream<Item = Vec<anyhow::Result<FinishedPage>>> + Unpin),
        left: &mut VecDeque<anyhow::Result<FinishedPage>>,
    ) -> Option<anyhow::Result<Batch>> {
        if left.is_empty() {
            // At the pace of the API, the details of a page may take minutes: a signal does not wait for them.
            select! {
                chunk = chunks.next() => left.extend(chunk?),
                () = self.stop.cancelled() => return None,
            }
        }
        let first = match left.pop_front()? {
            Ok(first) => first,
            Err(error) => return Some(Err(error)),
        };
        let window = first.window;
        let mut batch = self.batch(run, window);
        self.add(&mut batch, first);
        while let Some(Ok(page)) = left.pop_front_if(|page| matches!(page, Ok(page) if page.window == window))
        {
            self.add(&mut batch, page);
        }
        self.store.prepare(self.tenant, &mut batch);
        Some(Ok(batch))
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
