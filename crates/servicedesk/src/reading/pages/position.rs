//! The position of a walk: the spans that are left, and the place within the first of them.

use std::collections::VecDeque;

use ticket::TicketId;

use crate::reading::cursor::Cursor;
use crate::reading::page::PAGE_ROWS;
use crate::wire::ListInfo;
use crate::{Error, Result, Row};

/// Maximum empty pages in a row while the server announces more rows.
const EMPTY_PAGES: u32 = 3;

/// Shortest span in milliseconds that can be divided.
const SHORTEST_SPAN_MS: i64 = 60_000;

/// The position of a walk.
#[derive(Debug)]
pub(super) struct Position {
    /// Rest of the window; the walk is within the first span.
    spans: VecDeque<(i64, i64)>,
    /// Start index of the next page.
    next: u64,
    total: Option<u64>,
    /// Ids of the previous page, `None` at the start of a pass.
    previous: Option<Vec<Option<TicketId>>>,
    empty_pages: u32,
    /// Whether a page was short: the next one starts behind its rows, so pages are fetched one by one.
    is_careful: bool,
}

/// The step from one page to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The next page follows a full one.
    Next,
    /// The next page starts elsewhere than behind a full one.
    Jump,
    /// The span ends here.
    End,
}

impl Position {
    pub(super) fn at(spans: VecDeque<(i64, i64)>, start_index: u64, total: Option<u64>) -> Self {
        Self {
            spans,
            next: start_index,
            total,
            previous: None,
            empty_pages: 0,
            is_careful: false,
        }
    }

    /// Returns the current span, `None` at the end of the window.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        self.spans.front().copied()
    }

    pub(super) fn is_in_last_span(&self) -> bool {
        self.spans.len() == 1
    }

    /// Returns the start index of the next page.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Returns the server's total for the current span.
    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }

    /// Returns whether pages must be fetched one by one: at the start of a pass, and after a short page.
    pub(super) fn needs_single_pages(&self) -> bool {
        self.previous.is_none() || self.is_careful
    }

    /// Returns the cursor at this position. `distinct` is the number of distinct rows of the span.
    pub(super) fn cursor(&self, distinct: u64) -> Cursor {
        Cursor {
            spans: self.spans.clone(),
            // Empty pages alone are no reason to resume behind them.
            start_index: if distinct == 0 { 1 } else { self.next },
            total: self.total,
            left: Vec::new(),
        }
    }

    /// Refuses a page with the same ids as the previous one.
    pub(super) fn refuse_repetition(&mut self, rows: &[Row]) -> Result<()> {
        let ids: Vec<_> = rows.iter().map(Row::id).collect();
        let has_ids = ids.iter().any(Option::is_some);
        if has_ids && self.previous.as_ref() == Some(&ids) {
            return Err(Error::RepeatedPage {
                start_index: self.next,
            });
        }
        self.previous = Some(ids);
        Ok(())
    }

    pub(super) fn update_total(&mut self, total: Option<u64>) {
        self.total = total.or(self.total);
    }

    /// Moves behind the rows of a page.
    pub(super) fn advance(&mut self, rows: u64, list_info: &ListInfo) -> Step {
        self.empty_pages = if rows == 0 { self.empty_pages + 1 } else { 0 };
        self.next += rows;
        let all_counted = self.total.map(|total| self.next > total);
        let ended = match (list_info.has_more_rows, all_counted) {
            _ if rows == 0 && self.empty_pages == EMPTY_PAGES => true,
            (Some(true), _) => false,
            (Some(false), None | Some(true)) | (None, Some(true)) => true,
            // A page with rows contradicts the sign that it is the last, if the total does too.
            (Some(false) | None, Some(false)) => rows == 0,
            (None, None) => rows == 0,
        };
        if ended {
            return Step::End;
        }
        if rows == PAGE_ROWS {
            return Step::Next;
        }
        self.is_careful = true;
        if rows == 0 {
            self.next += PAGE_ROWS;
        }
        Step::Jump
    }

    /// Returns to the start of the current span.
    pub(super) fn begin_pass(&mut self) {
        self.previous = None;
        self.empty_pages = 0;
        self.is_careful = false;
        self.next = 1;
    }

    /// Moves to the start of the next span.
    pub(super) fn begin_next_span(&mut self) {
        self.spans.pop_front();
        self.total = None;
        self.begin_pass();
    }

    /// Divides the current span in two and moves to its start. Returns false if no page of it could be read or it
    /// is too short.
    pub(super) fn divide_span(&mut self) -> bool {
        let Some((from_ms, to_ms)) = self.span() else {
            return false;
        };
        if self.next == 1 || to_ms - from_ms < SHORTEST_SPAN_MS {
            return false;
        }
        let middle_ms = from_ms + (to_ms - from_ms) / 2;
        self.spans.pop_front();
        self.spans.push_front((middle_ms + 1, to_ms));
        self.spans.push_front((from_ms, middle_ms));
        self.total = None;
        self.begin_pass();
        true
    }
}
