//! Gathers hydrated parts into batches, each with the checkpoint after it, and stores them.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use store::Batch;
use tokio::sync::mpsc::Receiver;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tracing::warn;
use uuid::Uuid;

use super::context::RunContext;
use super::divide::Place;
use super::ending::graver;
use super::hydrate::{HydratedPart, HydratingPart, hydrate_alone};
use super::in_hand::{Held, InHand};
use crate::error::AtStep as _;
use crate::source::{Row, Window};
use crate::{Error, Result, clock};

/// Maximum number of parts per batch: 2,000 rows of whole pages. Larger batches make the import faster, because each
/// transaction waits several times for a core, but need more memory.
const PARTS_PER_BATCH: usize = 20;

/// Time for which the first part of a batch waits for others. Parts of a slow server are stored one by one, those of a
/// fast server in large batches.
const LINGER: Duration = Duration::from_millis(250);

/// Bytes in hand after which a batch takes no further part.
const BYTES_PER_BATCH: usize = 16 << 20;

/// A batch, ready to be stored, and the bytes in hand that storing it returns.
type HeldBatch = (Batch, Vec<Held>);

/// Rows of one part that are read alone, one after the other, because their tickets are too large.
struct Alone {
    window: (i32, Window),
    rows: VecDeque<Row>,
    place: Place,
    in_hand: InHand,
}

/// Chunks of parts in the order of the list.
type Chunks = Pin<Box<dyn Stream<Item = Vec<Result<HydratedPart>>> + Send>>;

/// Batches of one run, in the order of the list.
pub(super) struct Batches<'a> {
    context: &'a RunContext<'a>,
    run: Uuid,
    chunks: Chunks,
    /// Parts that have arrived and are not in a batch yet.
    parts: VecDeque<Result<HydratedPart>>,
    /// Position of the window of the last batch.
    window: i32,
    /// Rows of that window before the checkpoint whose details could not be read, as JSON.
    left: Vec<String>,
    /// Rows before the checkpoint that are read next.
    alone: Option<Alone>,
    /// Most severe error among those that prevented reading rows.
    failure: Option<Error>,
}

impl<'a> Batches<'a> {
    pub(super) fn new(context: &'a RunContext<'a>, run: Uuid, parts: Receiver<HydratingPart>) -> Self {
        let hydrated = ReceiverStream::new(parts).then(hydrated);
        Self {
            context,
            run,
            chunks: Box::pin(hydrated.chunks_timeout(PARTS_PER_BATCH, LINGER)),
            parts: VecDeque::new(),
            window: 0,
            left: Vec::new(),
            alone: None,
            failure: None,
        }
    }

    /// Returns the next batch, ready to be stored; `None` after the last. A checkpoint is a place in one window, so
    /// parts of another window wait for the next batch. So do the parts behind a large ticket.
    pub(super) async fn next(&mut self) -> Option<Result<HeldBatch>> {
        if let Some(part) = self.read_alone().await {
            return Some(self.batch(vec![part]).await);
        }
        if self.parts.is_empty() {
            self.parts.extend(self.chunks.next().await?);
        }
        let first = match self.parts.pop_front()? {
            Ok(first) => first,
            Err(error) => return Some(Err(error)),
        };
        let (window, mut bytes, mut is_last) = (first.window, first.held.bytes, first.has_large());
        let mut parts = vec![first];
        while !is_last
            && bytes < BYTES_PER_BATCH
            && let Some(Ok(part)) = self
                .parts
                .pop_front_if(|part| matches!(part, Ok(part) if part.window == window))
        {
            bytes += part.held.bytes;
            is_last = part.has_large();
            parts.push(part);
        }
        Some(self.batch(parts).await)
    }

    /// Reads the next of the rows that are read alone; `None` if there is none.
    async fn read_alone(&mut self) -> Option<HydratedPart> {
        let alone = self.alone.as_mut()?;
        let Some(row) = alone.rows.pop_front() else {
            self.alone = None;
            return None;
        };
        let (window, place) = (alone.window.clone(), (alone.place.clone(), alone.in_hand.clone()));
        Some(hydrate_alone(self.context, window, row, place).await)
    }

    /// Returns the most severe error among those that prevented reading rows.
    pub(super) fn failure(self) -> Option<Error> {
        self.failure
    }

    /// Puts parts of one window into a batch with the checkpoint after them.
    async fn batch(&mut self, parts: Vec<HydratedPart>) -> Result<HeldBatch> {
        let context = self.context;
        let window = parts.first().map_or(self.window, |part| part.window);
        let mut batch = Batch::new(Some(context.epoch), context.purpose.source(), clock::now());
        if window != self.window {
            self.window = window;
            self.left.clear();
        }
        let (mut latest_change, mut last, mut held) = (None, None, Vec::new());
        for mut part in parts {
            latest_change = latest_change.max(part.place.latest_change);
            batch.read_at = batch.read_at.min(part.place.read_at);
            batch.seen.append(&mut part.place.seen);
            if let Some(failure) = part.hydrated.failure.take() {
                context.stop.soft.cancel();
                self.failure = Some(graver(self.failure.take(), failure.into()));
            }
            self.left.extend(part.rows_left());
            self.leave_to_be_read_alone(&mut part);
            context.progress.leave_out(part.hydrated.outside);
            context.progress.learn_total(part.place.total);
            context
                .purpose
                .gather((context.store, context.tenant), &mut batch, part.hydrated)
                .await?;
            last = Some(part.place);
            held.push(part.held);
        }
        // If rows lack the time of their change, the details have it.
        let of_details = batch
            .tickets
            .iter()
            .filter_map(|incoming| incoming.ticket.source_updated_at);
        latest_change = latest_change.max(of_details.filter(|changed| *changed <= batch.now).max());
        batch.checkpoint = last.map(|place| self.checkpoint(window, place, latest_change));
        context.store.prepare(context.tenant, &mut batch);
        Ok((batch, held))
    }

    /// Takes the large rows out of the last part of a batch.
    fn leave_to_be_read_alone(&mut self, part: &mut HydratedPart) {
        if part.has_large() {
            self.alone = Some(Alone {
                window: (part.window, part.plan.clone()),
                rows: std::mem::take(&mut part.hydrated.large).into(),
                place: Place {
                    seen: Vec::new(),
                    latest_change: None,
                    ..part.place.clone()
                },
                in_hand: part.in_hand.clone(),
            });
        }
    }

    /// Returns the checkpoint after a part, with the rows before it that are still to be read.
    fn checkpoint(
        &self,
        window: i32,
        place: Place,
        latest_change: Option<chrono::DateTime<chrono::Utc>>,
    ) -> store::Checkpoint {
        let mut cursor = place.cursor;
        cursor.left.clone_from(&self.left);
        let alone = self.alone.iter().flat_map(|alone| &alone.rows);
        cursor.left.extend(alone.map(Row::json_to_resume));
        cursor
            .left
            .extend_from_slice(place.page.get(place.rows_done..).unwrap_or_default());
        store::Checkpoint {
            run: self.run,
            window,
            window_done: cursor.is_at_end(),
            cursor: serde_json::to_string(&cursor).ok(),
            latest_change,
        }
    }
}

impl RunContext<'_> {
    /// Stores a batch with its checkpoint in one transaction.
    pub(super) async fn apply(&self, batch: &Batch) -> Result<()> {
        let applied = self.store.apply(self.tenant, batch).await;
        let applied = applied.at_step("store a batch of tickets")?;
        for rejection in batch.rejections.iter().chain(&applied.rejections) {
            warn!(
                ticket_id = rejection.ticket_id.as_deref(),
                "rejected a ticket: {}", rejection.reason
            );
        }
        self.progress.advance(&applied);
        Ok(())
    }
}

/// Waits for the details of a part. A closure here would make the future of a run not `Send`.
async fn hydrated(part: HydratingPart) -> Result<HydratedPart> {
    part.await.map_err(|source| Error::Panic {
        what: "complete a page",
        source,
    })
}
