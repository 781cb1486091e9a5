//! Fetches one page of a list.

use std::time::Duration;

use tracing::{debug, warn};

use crate::reading::list;
use crate::reading::page::PAGE_ROWS;
use crate::reading::window::Window;
use crate::wire::{ListInfo, held_bytes};
use crate::{Client, Error, Result, Row};

/// Maximum rows of a page that are rejected for their length; more mean that the server is broken.
const MOST_TOO_LONG: usize = 10;

/// Bytes of rows that are read one by one after which a page ends.
const PAGE_BYTES: usize = 32 << 20;

/// A page as the server sent it.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    pub(super) rows: Vec<Row>,
    pub(super) list_info: ListInfo,
    /// The server's own time, without the waits of the client.
    pub(super) took: Duration,
}

/// Fetches a page. Fetches a page that is too long row by row, so that one giant ticket does not fail its
/// neighbours. Returns `None` for a page that is too long to be read ahead.
pub(super) async fn fetch(client: Client, window: Window, start_index: u64) -> Result<Option<Fetched>> {
    match rows(&client, &window, start_index, PAGE_ROWS).await {
        Err(Error::TooLong { .. }) if client.reads_ahead() => Ok(None),
        Err(Error::TooLong { .. }) => one_by_one(&client, &window, start_index).await.map(Some),
        fetched => fetched.map(Some),
    }
}

async fn rows(client: &Client, window: &Window, start_index: u64, row_count: u64) -> Result<Fetched> {
    let what = format!("list from {start_index}");
    let url = list::url(client, window, start_index, row_count);
    let ((rows, list_info), took) = client.timed_call(&what, url, |answer| answer.list()).await?;
    debug!(
        start_index,
        rows = rows.len(),
        duration_ms = took.as_millis() as u64,
        "read a page"
    );
    Ok(Fetched {
        rows,
        list_info,
        took,
    })
}

async fn one_by_one(client: &Client, window: &Window, start_index: u64) -> Result<Fetched> {
    warn!("the page from {start_index} is too long; reading its rows one by one");
    let mut page = Fetched::default();
    let mut too_long = 0;
    for index in start_index..start_index + PAGE_ROWS {
        match rows(client, window, index, 1).await {
            Ok(fetched) => {
                page.list_info = fetched.list_info;
                if fetched.rows.is_empty() {
                    break;
                }
                page.rows.extend(fetched.rows);
                if held_bytes(page.rows.iter().map(|row| &row.raw)) > PAGE_BYTES {
                    // The next page starts behind these rows.
                    break;
                }
            }
            Err(error @ Error::TooLong { .. }) if too_long < MOST_TOO_LONG => {
                too_long += 1;
                page.rows.push(Row::unreadable(index, error.to_string()));
                page.list_info.has_more_rows = None;
            }
            Err(error) => return Err(error),
        }
        if page.list_info.has_more_rows == Some(false) {
            break;
        }
    }
    Ok(page)
}
