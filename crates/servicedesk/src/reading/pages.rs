//! Walks a window to its end, with several pages in flight.
//!
//! With a total the number of pages is known, so the walk requests the next pages ahead of need. Without one
//! it requests only as many as keep the pace up when answers are slow. It hands out pages in order, whatever
//! the order of their arrival, so that a checkpoint is one place.
//!
//! A list is offsets into something that changes. So the next page starts behind the rows that came, not
//! behind the rows that were requested. The walk repeats a list that [drifted](drift), but hands out only
//! new or changed rows. A page that repeats the previous one is an error, not a loop. The end is any sign
//! that the server gives, or an empty page. Deep pages are slow on some servers and fail on others: then
//! the walk divides the window into two spans of time and reads one after the other.

mod drift;
mod fetch;
mod plausibility;
mod position;
mod read_ahead;

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use tracing::warn;

use super::cursor::Cursor;
use super::page::{PAGE_ROWS, Page};
use super::window::{Filter, Window};
use crate::connection::PAGE_AHEAD;
use crate::wire::held_bytes;
use crate::{Client, Error, Result, Row};
use drift::Drift;
use fetch::Fetched;
use position::{Position, Step};
use read_ahead::ReadAhead;

/// Maximum pages in flight; bounds the memory of a walk.
const PAGES_IN_FLIGHT: usize = 6;

/// Minimum time of a page that is too deep, if it is also much longer than that of the first page.
const SLOW: Duration = Duration::from_secs(5);

/// A walk over one window.
#[derive(Debug)]
pub struct Pages {
    client: Client,
    window: Window,
    position: Position,
    ahead: ReadAhead,
    drift: Drift,
    /// Server's own time for the first page and for the latest one.
    first_took: Duration,
    took: Duration,
    /// Whether rows lack details. The details then take most of the time.
    is_thin: bool,
    /// Whether pages are too long to be read ahead, so that they are read one by one.
    is_long: bool,
    /// Rows without details that an earlier walk left; this one hands them out first.
    left: Vec<String>,
}

impl Client {
    /// Walks a window from its start, or from the cursor of an earlier walk.
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
            drift: Drift::new(window.planned_at_ms, cursor.start_index - 1, cursor.total),
            window,
            position: Position::at(cursor.spans, cursor.start_index, cursor.total),
            ahead: ReadAhead::new(cursor.start_index),
            first_took: Duration::ZERO,
            took: Duration::ZERO,
            is_thin: false,
            is_long: false,
            left: cursor.left,
        }
    }
}

impl Pages {
    /// Returns the next page, `None` after the last.
    ///
    /// # Errors
    /// Those of any call, and `RepeatedPage`. Dropping the walk drops the requests in flight and nothing else.
    pub async fn next(&mut self) -> Result<Option<Page>> {
        if !self.left.is_empty() {
            let left = std::mem::take(&mut self.left);
            return Ok(Some(Page {
                rows: left.iter().map(|row| Row::from_json(row)).collect(),
                cursor: self.position.cursor(self.drift.distinct()),
                held_bytes: left.iter().map(String::len).sum(),
                total: None,
                // The client still has to read their details.
                read_at: SystemTime::now().into(),
            }));
        }
        loop {
            self.request_pages();
            let Some(page) = self.ahead.next().await else {
                return Ok(None);
            };
            match page {
                Ok((Some(page), read_at)) => return self.hand_out(page, read_at).map(Some),
                Ok((None, _)) => {
                    self.is_long = true;
                    self.ahead.restart_at(self.position.next());
                }
                Err(error @ (Error::Unavailable { .. } | Error::Refused(_))) if self.divide() => {
                    warn!("deep page unavailable ({error}); splitting the time window");
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Requests as many pages as are useful in flight.
    fn request_pages(&mut self) {
        if let Some((from_ms, to_ms)) = self.position.span() {
            let span = Window {
                from_ms,
                to_ms,
                ..self.window.clone()
            };
            let wanted = self.wanted_in_flight();
            self.ahead.fill(&self.client, &span, wanted);
        }
    }

    fn wanted_in_flight(&self) -> usize {
        if self.is_long || self.position.needs_single_pages() {
            return 1;
        }
        let pacer = self.client.pacer();
        let useful = || pacer.useful_in_flight(self.took);
        let pages = match self.position.total() {
            Some(total) => {
                let left = (total + 1).saturating_sub(self.position.next());
                usize::try_from(left.div_ceil(PAGE_ROWS)).unwrap_or(usize::MAX)
            }
            None => useful(),
        };
        // A page of thin rows takes a hundred detail calls. More pages would only wait behind them.
        let pages = if self.is_thin && pacer.limit() > 0 {
            pages.min(useful())
        } else {
            pages
        };
        pages.clamp(1, PAGES_IN_FLIGHT)
    }

    /// Checks a page, moves behind it and returns its new rows.
    fn hand_out(&mut self, page: Fetched, read_at: DateTime<Utc>) -> Result<Page> {
        let Fetched {
            mut rows,
            list_info,
            took,
        } = page;
        self.position.refuse_repetition(&rows)?;
        self.took = took;
        if self.position.next() == 1 {
            self.first_took = took;
        }
        self.position.update_total(list_info.total());
        let count = rows.len() as u64;
        self.is_thin = rows.iter().any(Row::is_thin);
        let held_bytes = held_bytes(rows.iter().map(|row| &row.raw));
        self.is_long = held_bytes > PAGE_AHEAD;
        self.drift.record(&mut rows, self.position.total());
        let step = self.position.advance(count, &list_info);
        if step == Step::Jump {
            self.ahead.restart_at(self.position.next());
        }
        let ended = step == Step::End;
        let position = self.position.next() - 1;
        plausibility::check(&plausibility::Progress {
            position,
            distinct: self.drift.distinct(),
            total: self.position.total(),
            announced: list_info.has_more_rows == Some(true),
            ended,
        })?;
        let total = self.position.total().or(ended.then_some(position));
        let total = total.filter(|_| self.position.is_in_last_span());
        if ended {
            self.end_span();
        } else if took > SLOW && took > 4 * self.first_took && self.divide() {
            warn!(
                duration_ms = took.as_millis() as u64,
                "deep pages are slow; splitting the time window"
            );
        }
        Ok(Page {
            rows,
            cursor: self.position.cursor(self.drift.distinct()),
            held_bytes,
            total,
            read_at,
        })
    }

    /// Repeats the span if it drifted, else moves to the next one.
    fn end_span(&mut self) {
        if self.drift.wants_another_pass() {
            self.position.begin_pass();
        } else {
            self.position.begin_next_span();
            self.drift.begin_span();
        }
        self.ahead.restart_at(1);
    }

    /// Divides the current span by time, if the server honours the filter and the span can be divided.
    fn divide(&mut self) -> bool {
        let has_range = !matches!(self.window.filter, Filter::Nothing | Filter::Story);
        if !has_range || !self.position.divide_span() {
            return false;
        }
        self.drift.begin_span();
        self.ahead.restart_at(1);
        true
    }
}
