//! Walking a list to its end, several pages in flight.
//!
//! With a total the number of pages is known, so the next pages are asked for before they are needed;
//! without one, only as many as keep the pace up when answers are slow. Pages are handed out in order,
//! whatever order they arrive in, so that a checkpoint is one number.
//!
//! A list is offsets into something that moves. So: the next page starts after the rows that came, not
//! after the rows that were asked for; a total that changes sends the reader back to the start (rows met
//! before cost little, rows missed are lost); a page that repeats the one before it is an error, not a
//! loop; the end is whatever sign the server gives, and an empty page at the latest.

use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesOrdered;
use serde::{Deserialize, Serialize};
use ticket::TicketId;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tracing::{debug, warn};

use crate::wire::ListInfo;
use crate::{Client, Error, Result, Row, Window, list};

/// Rows asked for at once: the most the API gives.
const PAGE_ROWS: u64 = 100;

/// Pages asked for ahead at the most: bounds memory to this many pages.
const PAGES_IN_FLIGHT: usize = 6;

/// Times a window is read again because its total moved. A list that moves on is left to a later sync.
const RESTARTS: u32 = 3;

/// Empty pages in a row, with more announced, after which the announcement is not believed.
const EMPTY_PAGES: u32 = 3;

/// Where to go on reading a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Of the next row, counting from 1.
    pub start_index: u64,
    /// The total at the time, where the server tells it: a different one means that rows have moved.
    pub total: Option<u64>,
}

/// Some rows and the place behind them.
#[derive(Debug)]
pub struct Page {
    /// In the order of the list.
    pub rows: Vec<Row>,
    /// Where to go on after them.
    pub cursor: Cursor,
    /// Rows in the window: told by the server, or found by reaching the end.
    pub total: Option<u64>,
}

/// A walk over one window.
#[derive(Debug)]
pub struct Pages {
    client: Client,
    window: Window,
    in_flight: FuturesOrdered<AbortOnDropHandle<Result<Answered>>>,
    /// Of the next page to ask for.
    ask_next: u64,
    /// Of the next page to hand out.
    hand_out_next: u64,
    total: Option<u64>,
    previous: Option<Vec<Option<TicketId>>>,
    latency: Duration,
    restarts: u32,
    empty_pages: u32,
    /// A page came short: ask one by one, after what came.
    careful: bool,
    ended: bool,
}

#[derive(Debug)]
struct Answered {
    rows: Vec<Row>,
    list_info: ListInfo,
    latency: Duration,
}

impl Client {
    /// Reads a window from its start or from a cursor of an earlier walk.
    pub fn pages(&self, window: Window, cursor: Option<Cursor>) -> Pages {
        let start_index = cursor.map_or(1, |cursor| cursor.start_index);
        Pages {
            client: self.clone(),
            window,
            in_flight: FuturesOrdered::new(),
            ask_next: start_index,
            hand_out_next: start_index,
            total: cursor.and_then(|cursor| cursor.total),
            previous: None,
            latency: Duration::ZERO,
            restarts: 0,
            empty_pages: 0,
            careful: false,
            ended: false,
        }
    }
}

impl Pages {
    /// The next page, `None` after the last.
    ///
    /// # Errors
    /// Those of any call, and `RepeatedPage`. Dropping the walk drops requests in flight, nothing else.
    pub async fn next(&mut self) -> Result<Option<Page>> {
        self.ask();
        let Some(answered) = self.in_flight.next().await else {
            return Ok(None);
        };
        let Answered {
            rows,
            list_info,
            latency,
        } = answered.map_err(panicked)??;
        self.latency = latency;
        self.refuse_repetition(&rows)?;
        if self.moved(&list_info) {
            self.hand_out_next = 1;
            self.go_on_at(1);
        } else {
            self.advance(rows.len() as u64, &list_info);
        }
        let cursor = Cursor {
            start_index: self.hand_out_next,
            total: self.total,
        };
        let total = self.total.or(self.ended.then_some(self.hand_out_next - 1));
        Ok(Some(Page { rows, cursor, total }))
    }

    /// Asks for as many pages as are worth having on the way.
    fn ask(&mut self) {
        while !self.ended && self.in_flight.len() < self.wanted_in_flight() {
            let (client, start_index) = (self.client.clone(), self.ask_next);
            let url = list::url(&client, &self.window, start_index, PAGE_ROWS);
            let page = tokio::spawn(async move { fetch(&client, url, start_index).await });
            self.in_flight.push_back(AbortOnDropHandle::new(page));
            self.ask_next += PAGE_ROWS;
        }
    }

    fn wanted_in_flight(&self) -> usize {
        let first = self.previous.is_none();
        if first || self.careful {
            return 1;
        }
        let pages = match self.total {
            Some(total) => {
                let left = (total + 1).saturating_sub(self.hand_out_next).div_ceil(PAGE_ROWS);
                usize::try_from(left).unwrap_or(usize::MAX)
            }
            None => self.client.pacer().useful_in_flight(self.latency),
        };
        pages.clamp(1, PAGES_IN_FLIGHT)
    }

    fn refuse_repetition(&mut self, rows: &[Row]) -> Result<()> {
        let ids: Vec<_> = rows.iter().map(Row::id).collect();
        let known = ids.iter().any(Option::is_some);
        if known && self.previous.as_ref() == Some(&ids) {
            return Err(Error::RepeatedPage {
                start_index: self.hand_out_next,
            });
        }
        self.previous = Some(ids);
        Ok(())
    }

    /// Whether the total says that rows have moved under the reader.
    fn moved(&mut self, list_info: &ListInfo) -> bool {
        let told = list_info.total_count.and_then(|total| u64::try_from(total).ok());
        let (Some(told), Some(known)) = (told, self.total) else {
            self.total = told.or(self.total);
            return false;
        };
        self.total = Some(told);
        if told == known || self.hand_out_next == 1 {
            return false;
        }
        if self.restarts == RESTARTS {
            warn!("the list keeps moving (from {known} to {told} rows); reading on");
            return false;
        }
        debug!("the list moved (from {known} to {told} rows); reading it again");
        self.restarts += 1;
        true
    }

    fn advance(&mut self, rows: u64, list_info: &ListInfo) {
        let after = self.hand_out_next + rows;
        self.empty_pages = if rows == 0 { self.empty_pages + 1 } else { 0 };
        let all_counted = self.total.map(|total| after > total);
        self.ended = match (list_info.has_more_rows, all_counted) {
            _ if rows == 0 && self.empty_pages == EMPTY_PAGES => true,
            (Some(true), _) => false,
            (Some(false), None | Some(true)) | (None, Some(true)) => true,
            // A full page contradicts the sign that it was the last, as the total does.
            (Some(false) | None, Some(false)) => rows == 0,
            (None, None) => rows == 0,
        };
        self.hand_out_next = after;
        if self.ended {
            self.in_flight.clear();
        } else if rows != PAGE_ROWS {
            self.careful = true;
            self.go_on_at(if rows == 0 { after + PAGE_ROWS } else { after });
        }
    }

    /// Forgets what is on its way and goes on elsewhere.
    fn go_on_at(&mut self, start_index: u64) {
        self.in_flight.clear();
        self.ask_next = start_index;
        self.hand_out_next = start_index;
    }
}

async fn fetch(client: &Client, url: url::Url, start_index: u64) -> Result<Answered> {
    let started = Instant::now();
    let what = format!("list from {start_index}");
    let (rows, list_info) = client
        .call(&what, url, |answer| {
            let requests = answer.requests.as_ref().ok_or("no list of requests")?;
            Ok((
                requests.iter().map(|raw| Row::new(raw)).collect::<Vec<_>>(),
                answer.list_info.clone(),
            ))
        })
        .await?;
    let latency = started.elapsed();
    debug!(
        start_index,
        rows = rows.len(),
        duration_ms = latency.as_millis() as u64,
        "read a page"
    );
    Ok(Answered {
        rows,
        list_info,
        latency,
    })
}

/// A panic in a task is a bug of ours: it goes on in the task that waits.
pub(crate) fn panicked(error: tokio::task::JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Error::Unavailable {
            tries: 0,
            reason: "the program is shutting down".to_owned(),
            source: None,
        },
    }
}
