//! Walking a window to its end, several pages in flight.
//!
//! With a total the number of pages is known, so the next pages are asked for before they are needed;
//! without one, only as many as keep the pace up when answers are slow. Pages are handed out in order,
//! whatever order they arrive in, so that a checkpoint is one place.
//!
//! A list is offsets into something that moves. So: the next page starts after the rows that came, not
//! after the rows that were asked for; a list that [moved](movement) is read again (rows met before are not
//! handed out twice, rows missed are lost); a page that repeats the one before it is an error, not a loop;
//! the end is whatever sign the server gives, and an empty page at the latest. Deep pages are slow on some
//! servers and never come on others: then the window is divided in two spans of time, read one by one.

mod bounds;
mod fetch;
mod movement;

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::FuturesOrdered;
use serde::{Deserialize, Serialize};
use ticket::TicketId;
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use crate::wire::ListInfo;
use crate::{Client, Error, Filter, Result, Row, Window};
use fetch::{Answered, fetch};
use movement::Movement;

/// Rows asked for at once: the most the API gives.
pub(crate) const PAGE_ROWS: u64 = 100;

/// Pages asked for ahead at the most: bounds memory to this many pages.
const PAGES_IN_FLIGHT: usize = 6;

/// Empty pages in a row, with more announced, after which the announcement is not believed.
const EMPTY_PAGES: u32 = 3;

/// A page that took the server so long, and much longer than the first one, is too deep.
const SLOW: Duration = Duration::from_secs(5);

/// Spans shorter than this, in milliseconds, are not divided.
const SHORTEST_SPAN_MS: i64 = 60_000;

/// Where to go on reading a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// What is left of the window as first and last millisecond; the first of these is being read.
    pub spans: VecDeque<(i64, i64)>,
    /// Of the next row, counting from 1.
    pub start_index: u64,
    /// The total at the time, where the server tells it: a different one means that rows have moved.
    pub total: Option<u64>,
    /// Rows before this place whose details are still to be read, each in its own JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

impl Cursor {
    /// Whether nothing is left to read.
    pub fn is_at_end(&self) -> bool {
        self.spans.is_empty() && self.left.is_empty()
    }
}

/// Some rows and the place behind them.
#[derive(Debug)]
pub struct Page {
    /// In the order of the list; without those of earlier pages that have not changed since.
    pub rows: Vec<Row>,
    /// Where to go on after them.
    pub cursor: Cursor,
    /// Rows in the window: told by the server, or found by reaching the end.
    pub total: Option<u64>,
    /// By this machine's clock, before it was asked for: what is known of its tickets from later is newer.
    pub read_at: DateTime<Utc>,
}

/// A page on its way, with the time before it was asked for.
type Asked = AbortOnDropHandle<Result<(Answered, DateTime<Utc>)>>;

/// A walk over one window.
#[derive(Debug)]
pub struct Pages {
    client: Client,
    /// The whole; read in `spans`, the first of which is at hand.
    window: Window,
    spans: VecDeque<(i64, i64)>,
    in_flight: FuturesOrdered<Asked>,
    /// Of the next page to ask for.
    ask_next: u64,
    /// Of the next page to hand out.
    hand_out_next: u64,
    total: Option<u64>,
    movement: Movement,
    previous: Option<Vec<Option<TicketId>>>,
    first_took: Duration,
    took: Duration,
    empty_pages: u32,
    /// A page came short: ask one by one, after what came.
    careful: bool,
    /// Rows lack what details tell: these are what takes time.
    thin: bool,
    /// Rows that an earlier walk left, handed out first.
    left: Vec<String>,
}

impl Client {
    /// Reads a window from its start or from a cursor of an earlier walk.
    pub fn pages(&self, window: Window, cursor: Option<Cursor>) -> Pages {
        let start = || Cursor {
            spans: VecDeque::from([(window.from_ms, window.to_ms)]),
            start_index: 1,
            total: None,
            left: Vec::new(),
        };
        let cursor = cursor.unwrap_or_else(start);
        Pages {
            client: self.clone(),
            movement: Movement::new(window.planned_at_ms, &cursor),
            window,
            spans: cursor.spans,
            in_flight: FuturesOrdered::new(),
            ask_next: cursor.start_index,
            hand_out_next: cursor.start_index,
            total: cursor.total,
            previous: None,
            first_took: Duration::ZERO,
            took: Duration::ZERO,
            empty_pages: 0,
            careful: false,
            thin: false,
            left: cursor.left,
        }
    }
}

impl Pages {
    /// The next page, `None` after the last.
    ///
    /// # Errors
    /// Those of any call, and `RepeatedPage`. Dropping the walk drops requests in flight, nothing else.
    pub async fn next(&mut self) -> Result<Option<Page>> {
        if !self.left.is_empty() {
            let left = std::mem::take(&mut self.left);
            return Ok(Some(Page {
                rows: left.iter().map(|row| Row::from_json(row)).collect(),
                cursor: self.cursor(),
                total: None,
                // Their details are still to be read.
                read_at: SystemTime::now().into(),
            }));
        }
        loop {
            self.ask();
            let Some(answered) = self.in_flight.next().await else {
                return Ok(None);
            };
            match answered.map_err(panicked)? {
                Ok((answered, read_at)) => return self.hand_out(answered, read_at).map(Some),
                Err(error @ (Error::Unavailable { .. } | Error::Refused(_))) if self.divide() => {
                    warn!("no page that deep ({error}): reading shorter spans of time");
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Asks for as many pages as are worth having on the way.
    fn ask(&mut self) {
        let Some((from_ms, to_ms)) = self.spans.front().copied() else {
            return;
        };
        while self.in_flight.len() < self.wanted_in_flight() {
            let span = Window {
                from_ms,
                to_ms,
                ..self.window.clone()
            };
            let read_at = DateTime::<Utc>::from(SystemTime::now());
            let page = fetch(self.client.clone(), span, self.ask_next);
            let page = tokio::spawn(async move { Ok((page.await?, read_at)) });
            self.in_flight.push_back(AbortOnDropHandle::new(page));
            self.ask_next += PAGE_ROWS;
        }
    }

    fn wanted_in_flight(&self) -> usize {
        let first = self.previous.is_none();
        if first || self.careful {
            return 1;
        }
        let useful = || self.client.pacer().useful_in_flight(self.took);
        let pages = match self.total {
            Some(total) => {
                let left = (total + 1).saturating_sub(self.hand_out_next).div_ceil(PAGE_ROWS);
                usize::try_from(left).unwrap_or(usize::MAX)
            }
            None => useful(),
        };
        // A page of thin rows takes a hundred calls: more pages would only wait behind them.
        let pages = if self.thin && self.client.pacer().limit() > 0 {
            pages.min(useful())
        } else {
            pages
        };
        pages.clamp(1, PAGES_IN_FLIGHT)
    }

    fn hand_out(&mut self, answered: Answered, read_at: DateTime<Utc>) -> Result<Page> {
        let Answered {
            mut rows,
            list_info,
            took,
        } = answered;
        self.refuse_repetition(&rows)?;
        self.took = took;
        if self.hand_out_next == 1 {
            self.first_took = took;
        }
        self.total = list_info.total().or(self.total);
        let count = rows.len() as u64;
        self.thin = rows.iter().any(Row::is_thin);
        self.movement.note(&mut rows, self.total);
        let ended = self.advance(count, &list_info);
        bounds::check(&bounds::Progress {
            position: self.hand_out_next - 1,
            met: self.movement.met(),
            total: self.total,
            announced: list_info.has_more_rows == Some(true),
            ended,
        })?;
        let total = self
            .total
            .or(ended.then_some(self.hand_out_next - 1))
            .filter(|_| self.spans.len() == 1);
        if ended {
            self.end_span();
        } else if took > SLOW && took > 4 * self.first_took && self.divide() {
            warn!(
                duration_ms = took.as_millis() as u64,
                "pages that deep are slow: reading shorter spans of time"
            );
        }
        let cursor = self.cursor();
        Ok(Page {
            rows,
            cursor,
            total,
            read_at,
        })
    }

    /// The place behind the rows that were handed out.
    fn cursor(&self) -> Cursor {
        Cursor {
            spans: self.spans.clone(),
            // Empty pages alone are no reason to begin behind them.
            start_index: if self.movement.met() == 0 {
                1
            } else {
                self.hand_out_next
            },
            total: self.total,
            left: Vec::new(),
        }
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

    /// Moves on behind the rows that came; whether that was the end.
    fn advance(&mut self, rows: u64, list_info: &ListInfo) -> bool {
        let after = self.hand_out_next + rows;
        self.empty_pages = if rows == 0 { self.empty_pages + 1 } else { 0 };
        let all_counted = self.total.map(|total| after > total);
        let ended = match (list_info.has_more_rows, all_counted) {
            _ if rows == 0 && self.empty_pages == EMPTY_PAGES => true,
            (Some(true), _) => false,
            (Some(false), None | Some(true)) | (None, Some(true)) => true,
            // A full page contradicts the sign that it was the last, as the total does.
            (Some(false) | None, Some(false)) => rows == 0,
            (None, None) => rows == 0,
        };
        self.hand_out_next = after;
        if !ended && rows != PAGE_ROWS {
            self.careful = true;
            self.go_on_at(if rows == 0 { after + PAGE_ROWS } else { after });
        }
        ended
    }

    /// Reads the span again if it moved, else goes on with the next.
    fn end_span(&mut self) {
        if self.movement.wants_another_pass() {
            return self.begin_pass();
        }
        self.spans.pop_front();
        self.total = None;
        self.movement.begin_span();
        self.begin_pass();
    }

    /// Divides the span at hand, if a part of it could be read and it is long enough.
    fn divide(&mut self) -> bool {
        let Some((from_ms, to_ms)) = self.spans.front().copied() else {
            return false;
        };
        let filtered = !matches!(self.window.filter, Filter::Nothing | Filter::Story);
        if !filtered || self.hand_out_next == 1 || to_ms - from_ms < SHORTEST_SPAN_MS {
            return false;
        }
        let middle_ms = from_ms + (to_ms - from_ms) / 2;
        self.spans.pop_front();
        self.spans.push_front((middle_ms + 1, to_ms));
        self.spans.push_front((from_ms, middle_ms));
        self.total = None;
        self.movement.begin_span();
        self.begin_pass();
        true
    }

    fn begin_pass(&mut self) {
        self.previous = None;
        self.empty_pages = 0;
        self.careful = false;
        self.go_on_at(1);
    }

    /// Forgets what is on its way and goes on elsewhere.
    fn go_on_at(&mut self, start_index: u64) {
        self.in_flight.clear();
        self.ask_next = start_index;
        self.hand_out_next = start_index;
    }
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
