//! Pages in flight ahead of need, delivered in order.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::FuturesOrdered;
use tokio_util::task::AbortOnDropHandle;

use super::fetch::{Fetched, fetch};
use crate::connection::PAGE_AHEAD;
use crate::reading::page::PAGE_ROWS;
use crate::reading::window::Window;
use crate::{Client, Error, Result};

/// A page in flight, with the time before its request.
type InFlight = AbortOnDropHandle<Result<Arrived>>;

/// A page with the time before its request; `None` if it is too long to be read ahead.
pub(super) type Arrived = (Option<Fetched>, DateTime<Utc>);

/// The pages in flight.
#[derive(Debug)]
pub(super) struct ReadAhead {
    pages: FuturesOrdered<InFlight>,
    /// Start index of the next page to request.
    next: u64,
}

impl ReadAhead {
    pub(super) fn new(start_index: u64) -> Self {
        Self {
            pages: FuturesOrdered::new(),
            next: start_index,
        }
    }

    /// Requests pages of the window until `wanted` are in flight. Only the first of them may be of any size.
    pub(super) fn fill(&mut self, client: &Client, window: &Window, wanted: usize) {
        while self.pages.len() < wanted {
            let read_at = DateTime::<Utc>::from(SystemTime::now());
            let client = match self.pages.is_empty() {
                true => client.reading_alone(),
                false => client.reading_up_to(PAGE_AHEAD),
            };
            let page = fetch(client, window.clone(), self.next);
            let page = tokio::spawn(async move { Ok((page.await?, read_at)) });
            self.pages.push_back(AbortOnDropHandle::new(page));
            self.next += PAGE_ROWS;
        }
    }

    /// Waits for the next page in order; `None` if none is in flight.
    pub(super) async fn next(&mut self) -> Option<Result<Arrived>> {
        let page = self.pages.next().await?;
        Some(page.unwrap_or_else(|error| Err(panicked(error))))
    }

    /// Drops the pages in flight and continues at another start index.
    pub(super) fn restart_at(&mut self, start_index: u64) {
        self.pages.clear();
        self.next = start_index;
    }
}

/// Resumes the panic of a task, which is a bug, in the task that waits for it.
fn panicked(error: tokio::task::JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Error::Unavailable {
            tries: 0,
            reason: "the program is shutting down".to_owned(),
            source: None,
        },
    }
}
