//! Some rows of a list.

use chrono::{DateTime, Utc};

use super::cursor::Cursor;
use crate::Row;

/// Rows per page, the maximum of the API.
pub(crate) const PAGE_ROWS: u64 = 100;

/// Some rows and the place behind them.
#[derive(Debug)]
pub struct Page {
    /// Rows in the order of the list. Excludes unchanged rows of earlier pages.
    pub rows: Vec<Row>,
    /// Place behind these rows.
    pub cursor: Cursor,
    /// Approximate memory in bytes that the rows keep.
    pub held_bytes: usize,
    /// Rows in the window: the server's total, or the count at the end of the list.
    pub total: Option<u64>,
    /// Time of this machine before the request. Later knowledge of these tickets is newer than the page.
    pub read_at: DateTime<Utc>,
}
