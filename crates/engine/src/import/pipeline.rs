//! The main path: reads pages, hydrates them, and stores them with their checkpoint.
//!
//! Reader and writer run concurrently, joined by a bounded channel. The reader walks the list of each window, looks up
//! the stored tickets of a page, divides the page and starts to hydrate its parts. The writer takes the parts in the
//! order of the list, and stores each batch in one transaction together with the checkpoint after it.
//!
//! A signal, the end of a turn, a pause of the helpdesk or an error may end a run at any time. All of them cancel the
//! soft token of [`Stop`](crate::source::Stop). Then the client sends no further request, the writer stores the fetched
//! tickets, and the checkpoint contains the rows whose details are still to be read. The next run of the same request
//! resumes from there.

use std::pin::pin;

use futures::stream::StreamExt as _;
use store::Run;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::try_join;
use tracing::info;
use uuid::Uuid;

use super::batches::Batches;
use super::context::RunContext;
use super::divide::divide;
use super::ending::{self, Ending};
use super::hydrate::{HydratingPart, Room, hydrate};
use super::in_hand::InHand;
use super::pages::pages_of;
use super::stored::look_up_stored;
use super::window::{OpenWindow, planned_total};
use crate::Result;

/// Maximum number of parts between reader and writer, in addition to the batch that is being gathered. It bounds
/// memory.
const PARTS_AHEAD: usize = 10;

/// Reads the rest of a run's windows and stores it.
pub(super) async fn process_windows(context: &RunContext<'_>, run: &Run) -> Result<Ending> {
    info!(from = %run.from, to = %run.to, windows = run.windows.len(), "reading");
    context.progress.begin(run.counts, planned_total(run)?);
    let (context, _end_of_turn) = context.begin_turn();
    let (sender, receiver) = mpsc::channel(PARTS_AHEAD);
    let (read, written) = tokio::join!(read(&context, run, sender), write(&context, run.id, receiver));
    ending::join(read, written)
}

/// Reads the open windows of a run, one after the other: pages, stored tickets, parts, details.
async fn read(context: &RunContext<'_>, run: &Run, parts: Sender<HydratingPart>) -> Result<()> {
    let in_hand = InHand::default();
    let is_empty = context.store.earliest_resolution(context.tenant).await?.is_none();
    for window in run.windows.iter().filter(|window| !window.done) {
        let window = OpenWindow::new(window)?;
        let room = Room::new(context.client.rows_ahead());
        let mut pages = pin!(pages_of(context, &window));
        while let Some(arrived) = pages.next().await {
            let mut stored = look_up_stored(context, &arrived.pages, is_empty).await?;
            for page in arrived.pages {
                for part in divide(context, page, &mut stored) {
                    in_hand.wait().await;
                    let hydrating = hydrate(context, &window, part, (&room, &in_hand)).await;
                    // The channel is closed only if the writer has failed; the writer returns the error.
                    if parts.send(hydrating).await.is_err() {
                        return Ok(());
                    }
                }
            }
            arrived.failure.map_or(Ok(()), Err)?;
        }
    }
    Ok(())
}

/// Stores parts in batches, each with its checkpoint. Gathers the next batch while one is being stored.
async fn write(context: &RunContext<'_>, run: Uuid, parts: Receiver<HydratingPart>) -> Result<()> {
    let _end_reading = context.stop.soft.clone().drop_guard();
    let mut batches = Batches::new(context, run, parts);
    let mut next = batches.next().await;
    while let Some(batch) = next {
        let (batch, in_hand) = batch?;
        ((), next) = try_join!(context.apply(&batch), async { Ok(batches.next().await) })?;
        drop(in_hand);
    }
    batches.failure().map_or(Ok(()), Err)
}
