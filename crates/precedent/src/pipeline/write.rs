//! The writing half: stores what has arrived, in the order of the list.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Context as _;
use servicedesk::{Error, Row};
use store::Batch;
use tokio::sync::mpsc::Receiver;
use tokio::try_join;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tracing::warn;
use uuid::Uuid;

use super::Pipeline;
use super::read::{CompletedPart, CompletingPart};
use crate::clock;

/// Maximum pages stored together: 2,000 rows. Each transaction waits some times for a core; more rows a wait make the
/// import faster, and need more memory.
const PARTS_PER_BATCH: usize = 20;

/// How long the first page of a batch waits for others: a slow server's pages are stored one by one, a fast
/// server's in large batches.
const LINGER: Duration = Duration::from_millis(250);

/// A part that is completed. A closure here would make the future of a run not `Send`.
async fn completed(part: CompletingPart) -> anyhow::Result<CompletedPart> {
    part.await.context("complete a page")
}

/// What the writer has in hand.
#[derive(Default)]
struct Hand {
    /// Parts that arrived and are not in a batch yet.
    parts: VecDeque<anyhow::Result<CompletedPart>>,
    /// The window that was stored last.
    window: i32,
    /// Rows of its parts before the place of the checkpoint whose details could not be read, as JSON.
    left: Vec<String>,
    /// Why: the worst of the reasons.
    failure: Option<Error>,
}

impl Pipeline<'_> {
    /// Stores parts until there are no more. One that could not be completed ends the reading; what was fetched of the
    /// others is stored all the same. While a batch is stored the next one is gathered.
    pub(super) async fn write(&self, run: Uuid, parts: Receiver<CompletingPart>) -> anyhow::Result<()> {
        let _end_reading = self.stop.soft.clone().drop_guard();
        let completed = ReceiverStream::new(parts).then(completed);
        let chunks = completed.chunks_timeout(PARTS_PER_BATCH, LINGER);
        tokio::pin!(chunks);
        let mut hand = Hand::default();
        let mut next = self.gather(run, &mut chunks, &mut hand).await;
        while let Some(batch) = next {
            let batch = batch?;
            ((), next) = try_join!(self.store(&batch), async {
                Ok(self.gather(run, &mut chunks, &mut hand).await)
            })?;
        }
        hand.failure.map_or(Ok(()), |failure| Err(failure.into()))
    }

    /// The next batch, ready to be stored; `None` after the last. Of the parts at hand, those of another window wait: a
    /// checkpoint is a place in one.
    async fn gather(
        &self,
        run: Uuid,
        chunks: &mut (impl Stream<Item = Vec<anyhow::Result<CompletedPart>>> + Unpin),
        hand: &mut Hand,
    ) -> Option<anyhow::Result<Batch>> {
        if hand.parts.is_empty() {
            hand.parts.extend(chunks.next().await?);
        }
        let first = match hand.parts.pop_front()? {
            Ok(first) => first,
            Err(error) => return Some(Err(error)),
        };
        let window = first.window;
        let mut parts = vec![first];
        while let Some(Ok(part)) = hand
            .parts
            .pop_front_if(|part| matches!(part, Ok(part) if part.window == window))
        {
            parts.push(part);
        }
        Some(self.batch(run, window, parts, hand).await)
    }

    /// Parts of one window with the checkpoint behind them.
    async fn batch(
        &self,
        run: Uuid,
        window: i32,
        parts: Vec<CompletedPart>,
        hand: &mut Hand,
    ) -> anyhow::Result<Batch> {
        let mut batch = Batch::new(Some(self.epoch), self.purpose.source(), clock::now());
        let (mut latest_change, mut place) = (None, None);
        if window != hand.window {
            hand.window = window;
            hand.left.clear();
        }
        for mut part in parts {
            latest_change = latest_change.max(part.latest_change);
            batch.read_at = batch.read_at.min(part.read_at);
            batch.seen.append(&mut part.seen);
            if let Some(failure) = part.finished.failure.take() {
                self.stop.soft.cancel();
                hand.fail(failure);
            }
            hand.left.extend(part.finished.left.iter().map(Row::json));
            self.progress.leave_out(part.finished.outside);
            self.progress.learn_total(part.total);
            self.purpose
                .gather((self.store, self.tenant), &mut batch, part.finished)
                .await?;
            place = Some((part.cursor, part.rest));
        }
        // Where rows do not say when they changed, details do.
        let of_details = batch
            .tickets
            .iter()
            .filter_map(|incoming| incoming.ticket.source_updated_at);
        latest_change = latest_change.max(of_details.filter(|changed| *changed <= batch.now).max());
        if let Some((mut cursor, (json, behind))) = place {
            cursor.left.clone_from(&hand.left);
            cursor
                .left
                .extend_from_slice(json.get(behind..).unwrap_or_default());
            batch.progress = Some(store::Progress {
                run,
                window,
                window_done: cursor.is_at_end(),
                cursor: serde_json::to_string(&cursor).ok(),
                latest_change,
            });
        }
        self.store.prepare(self.tenant, &mut batch);
        Ok(batch)
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
                "rejected a ticket: {}", rejection.reason
            );
        }
        self.progress.advance(&applied);
        Ok(())
    }
}

impl Hand {
    /// Keeps the failure that says more: an error more than a pause, a pause more than a stop.
    fn fail(&mut self, failure: Error) {
        let rank = |error: &Error| match error {
            Error::Stopped => 0,
            Error::Paused { .. } => 1,
            _ => 2,
        };
        if self
            .failure
            .as_ref()
            .is_none_or(|before| rank(before) < rank(&failure))
        {
            self.failure = Some(failure);
        }
    }
}
