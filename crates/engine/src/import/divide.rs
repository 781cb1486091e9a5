//! Divides a page whose details take long into parts, so that finished parts are stored early.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ticket::TicketId;

use super::context::RunContext;
use crate::clock;
use crate::source::{Cursor, Page, Row, StoredTickets};

/// Rows that are hydrated together.
pub(super) struct Part {
    pub(super) rows: Vec<Row>,
    pub(super) stored: StoredTickets,
    pub(super) place: Place,
    /// Approximate memory in bytes that the rows keep; with the first part of a page only.
    pub(super) held_bytes: usize,
}

/// Place of a part in the list, and the metadata of its page.
#[derive(Clone)]
pub(super) struct Place {
    /// Cursor after the page.
    pub(super) cursor: Cursor,
    /// Rows of the whole page as JSON; empty for a page of one part.
    pub(super) page: Arc<[String]>,
    /// Number of rows of the page up to the end of this part.
    pub(super) rows_done: usize,
    /// Tickets that the page shows; only in its first part.
    pub(super) seen: Vec<TicketId>,
    /// Latest change among the rows.
    pub(super) latest_change: Option<DateTime<Utc>>,
    /// Time at which the page was requested.
    pub(super) read_at: DateTime<Utc>,
    /// Number of rows in the list, if the server sent it.
    pub(super) total: Option<u64>,
}

/// Divides a page into parts, each with the stored tickets of its rows.
pub(super) fn divide(context: &RunContext<'_>, page: Page, stored: &mut StoredTickets) -> Vec<Part> {
    let Page {
        mut rows,
        cursor,
        mut held_bytes,
        total,
        read_at,
    } = page;
    let mut seen = context.purpose.seen(&rows);
    let now = clock::now();
    // A time in the future would hide all changes before it.
    let changes = rows.iter().filter_map(Row::changed_at);
    let mut latest_change = changes.filter(|changed| *changed <= now).max();
    context.purpose.select_unknown(&mut rows, stored);
    let size = match rows.iter().any(Row::is_thin) {
        true => context.client.rows_per_part(),
        false => rows.len(),
    };
    let page: Arc<[String]> = match size < rows.len() {
        true => rows.iter().map(Row::json_to_resume).collect(),
        false => Arc::default(),
    };
    let mut parts = Vec::new();
    let mut rows_done = 0;
    loop {
        let rest = rows.split_off(size.clamp(1, rows.len().max(1)).min(rows.len()));
        let rows_of_part = std::mem::replace(&mut rows, rest);
        rows_done += rows_of_part.len();
        let ids = rows_of_part.iter().filter_map(Row::id);
        parts.push(Part {
            stored: ids.filter_map(|id| stored.remove_entry(&id)).collect(),
            rows: rows_of_part,
            held_bytes: std::mem::take(&mut held_bytes),
            place: Place {
                cursor: cursor.clone(),
                page: page.clone(),
                rows_done,
                seen: std::mem::take(&mut seen),
                latest_change: latest_change.take(),
                read_at,
                total,
            },
        });
        if rows.is_empty() {
            return parts;
        }
    }
}
