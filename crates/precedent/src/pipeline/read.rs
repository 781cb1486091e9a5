//! The reading half: walks the list and hands on parts of pages while they are still being completed.

use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use futures::stream::{StreamExt, TryReadyChunksError, TryStreamExt, try_unfold};
use servicedesk::{Cursor, Finished, Known, Page, Pages, Row};
use store::Run;
use ticket::TicketId;
use tokio::sync::mpsc::Sender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::Pipeline;
use crate::clock;

/// Maximum pages looked up together, if they have come already: a fast server's pages in few statements.
const PAGES_PER_LOOK: usize = 6;

/// A part of a page on its way to being stored; aborted when dropped.
pub(super) type CompletingPart = AbortOnDropHandle<CompletedPart>;

/// What is stored of a part of a page, and the place behind it.
pub(super) struct CompletedPart {
    /// The window that it is of.
    pub(super) window: i32,
    pub(super) finished: Finished,
    /// Behind the page.
    pub(super) cursor: Cursor,
    /// The page's rows as JSON, and how many of them are behind this part; the others come in later ones.
    pub(super) rest: (Arc<[String]>, usize),
    /// Tickets that the page shows, in its first part.
    pub(super) seen: Vec<TicketId>,
    /// The latest change that the rows tell of.
    pub(super) latest_change: Option<DateTime<Utc>>,
    /// When the page was asked for.
    pub(super) read_at: DateTime<Utc>,
    pub(super) total: Option<u64>,
}

/// Rows that are completed together.
struct Part {
    rows: Vec<Row>,
    known: Known,
    cursor: Cursor,
    rest: (Arc<[String]>, usize),
    seen: Vec<TicketId>,
    latest_change: Option<DateTime<Utc>>,
    read_at: DateTime<Utc>,
    total: Option<u64>,
}

/// Tickets in all windows of a run, if the server told.
pub(super) fn planned_total(run: &Run) -> anyhow::Result<Option<u64>> {
    run.windows
        .iter()
        .map(|window| Ok(plan(&window.plan)?.total))
        .sum()
}

/// Fails if this version cannot go on with a run.
pub(super) fn check_plans(run: &Run) -> anyhow::Result<()> {
    for window in &run.windows {
        plan(&window.plan)?;
        place(window)?;
    }
    Ok(())
}

fn plan(plan: &str) -> anyhow::Result<servicedesk::Window> {
    serde_json::from_str(plan).context("read the plan of the run")
}

/// Where to go on reading a window; `None` at its start.
fn place(window: &store::Window) -> anyhow::Result<Option<Cursor>> {
    let cursor = window.cursor.as_deref().map(serde_json::from_str);
    cursor.transpose().context("read the checkpoint")
}

impl Pipeline<'_> {
    /// Reads what is left of a run's windows, one after the other.
    pub(super) async fn read(&self, run: &Run, parts: Sender<CompletingPart>) -> anyhow::Result<()> {
        let nothing_stored = self.store.oldest(self.tenant).await?.is_none();
        for window in run.windows.iter().filter(|window| !window.done) {
            self.read_window(window, nothing_stored, &parts).await?;
            if parts.is_closed() {
                break;
            }
        }
        Ok(())
    }

    /// Reads a window from its checkpoint to its end.
    async fn read_window(
        &self,
        window: &store::Window,
        nothing_stored: bool,
        parts: &Sender<CompletingPart>,
    ) -> anyhow::Result<()> {
        let plan = plan(&window.plan)?;
        let cursor = place(window)?;
        let room = Room::new(self.client.rows_ahead());
        let walk = try_unfold(self.client.pages(plan.clone(), cursor), step).try_ready_chunks(PAGES_PER_LOOK);
        tokio::pin!(walk);
        loop {
            let (mut arrived, failure) = match walk.next().await {
                None => return Ok(()),
                Some(Ok(arrived)) => (arrived, None),
                Some(Err(TryReadyChunksError(arrived, error))) => (arrived, Some(error)),
            };
            arrived
                .iter_mut()
                .for_each(|page| self.purpose.select(&mut page.rows));
            let mut known = self.known(&arrived, nothing_stored).await?;
            for page in arrived {
                for part in self.parts(page, &mut known) {
                    let completing = self.complete(window.position, plan.clone(), part, &room).await;
                    // Closed only when the writer has ended before, and then its ending is the one to tell.
                    if parts.send(completing).await.is_err() {
                        return Ok(());
                    }
                }
            }
            if let Some(error) = failure {
                return Err(error.into());
            }
        }
    }

    /// What is stored of some pages, as far as it is worth a look.
    async fn known(&self, pages: &[Page], nothing_stored: bool) -> anyhow::Result<Known> {
        let rows = || pages.iter().flat_map(|page| &page.rows);
        // Without a look, a whole row that comes twice is converted twice; a thin one would cost a call.
        if !self.purpose.trusts_stored() || (nothing_stored && !rows().any(Row::is_thin)) {
            return Ok(Known::new());
        }
        let ids: Vec<_> = rows().filter_map(Row::id).collect();
        let known = self.store.known(self.tenant, &ids).await?;
        let stored = known
            .into_iter()
            .map(|(id, known)| (id, self.purpose.stored(known)));
        Ok(stored.collect())
    }

    /// Divides a page whose details take long, so that what is done is stored in time.
    fn parts(&self, page: Page, known: &mut Known) -> Vec<Part> {
        let Page {
            mut rows,
            cursor,
            total,
            read_at,
        } = page;
        let mut seen = self.purpose.seen(&rows);
        let now = clock::now();
        // A time that is still to come would hide what changes until then.
        let changes = rows.iter().filter_map(Row::changed_at);
        let mut latest_change = changes.filter(|changed| *changed <= now).max();
        self.purpose.select_unknown(&mut rows, known);
        let size = match rows.iter().any(Row::is_thin) {
            true => self.client.rows_per_part(),
            false => rows.len(),
        };
        let json: Arc<[String]> = match size < rows.len() {
            true => rows.iter().map(Row::json).collect(),
            false => Arc::default(),
        };
        let mut parts = Vec::new();
        let mut behind = 0;
        loop {
            let of_part: Vec<_> = rows
                .drain(..size.clamp(1, rows.len().max(1)).min(rows.len()))
                .collect();
            behind += of_part.len();
            let ids = of_part.iter().filter_map(Row::id);
            parts.push(Part {
                known: ids.filter_map(|id| known.remove_entry(&id)).collect(),
                rows: of_part,
                cursor: cursor.clone(),
                rest: (json.clone(), behind),
                seen: std::mem::take(&mut seen),
                latest_change: latest_change.take(),
                read_at,
                total,
            });
            if rows.is_empty() {
                return parts;
            }
        }
    }

    /// Starts to complete a part; the next one is read meanwhile.
    async fn complete(
        &self,
        window: i32,
        plan: servicedesk::Window,
        part: Part,
        room: &Room,
    ) -> CompletingPart {
        let places = tokio::select! {
            places = room.take(part.rows.iter().filter(|row| row.is_thin()).count()) => Some(places),
            // Nothing is asked for any more: what is left goes into the checkpoint.
            () = self.stop.soft.cancelled() => None,
        };
        let client = self.client.clone();
        let complete = async move {
            let finished = client.finish(plan, part.rows, part.known).await;
            drop(places);
            CompletedPart {
                window,
                finished,
                cursor: part.cursor,
                rest: part.rest,
                seen: part.seen,
                latest_change: part.latest_change,
                read_at: part.read_at,
                total: part.total,
            }
        };
        AbortOnDropHandle::new(tokio::spawn(complete.in_current_span()))
    }
}

/// Room for rows that wait for their details: more would only wait longer, and be read for nothing when the run ends.
struct Room {
    places: Arc<Semaphore>,
    rows: usize,
}

impl Room {
    fn new(rows: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(rows)),
            rows,
        }
    }

    /// Waits until there is room for so many rows, or for as many as there ever is.
    async fn take(&self, rows: usize) -> OwnedSemaphorePermit {
        let places = u32::try_from(rows.min(self.rows)).unwrap_or(u32::MAX);
        let taken = self.places.clone().acquire_many_owned(places).await;
        taken.expect("never closed")
    }
}

/// The next page. A closure here would make the future of a run not `Send`.
async fn step(mut walk: Pages) -> servicedesk::Result<Option<(Page, Pages)>> {
    Ok(walk.next().await?.map(|page| (page, walk)))
}
