//! One page of a list.

use std::time::Duration;

use tracing::{debug, warn};

use super::PAGE_ROWS;
use crate::wire::ListInfo;
use crate::{Client, Error, Result, Row, Window, list};

/// Maximum rows of a page that are set aside for their length: more of them mean that the server is broken.
const MOST_TOO_LONG: usize = 10;

/// A page as it came.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) rows: Vec<Row>,
    pub(super) list_info: ListInfo,
    /// What the server took, without waits of ours.
    pub(super) took: Duration,
}

/// Asks for a page. One that is too long to be read is read row by row, so that one giant ticket does not
/// take its neighbours with it.
pub(super) async fn fetch(client: Client, window: Window, start_index: u64) -> Result<Answered> {
    match rows(&client, &window, start_index, PAGE_ROWS).await {
        Err(Error::TooLong { .. }) => one_by_one(&client, &window, start_index).await,
        answered => answered,
    }
}

async fn rows(client: &Client, window: &Window, start_index: u64, row_count: u64) -> Result<Answered> {
    let what = format!("list from {start_index}");
    let url = list::url(client, window, start_index, row_count);
    let ((rows, list_info), took) = client.timed_call(&what, url, |answer| answer.list()).await?;
    debug!(
        start_index,
        rows = rows.len(),
        duration_ms = took.as_millis() as u64,
        "read a page"
    );
    Ok(Answered {
        rows,
        list_info,
        took,
    })
}

async fn one_by_one(client: &Client, window: &Window, start_index: u64) -> Result<Answered> {
    warn!("the page from {start_index} is too long; reading its rows one by one");
    let mut page = Answered {
        rows: Vec::new(),
        list_info: ListInfo::default(),
        took: Duration::ZERO,
    };
    let mut too_long = 0;
    for index in start_index..start_index + PAGE_ROWS {
        match rows(client, window, index, 1).await {
            Ok(answered) => {
                page.list_info = answered.list_info;
                if answered.rows.is_empty() {
                    break;
                }
                page.rows.extend(answered.rows);
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
