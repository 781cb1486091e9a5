//! What to read: windows of time, each over a filter that this server honours.
//!
//! A ticket is final when it has been resolved (`resolved_time`) or completed (`completed_time`); some have
//! only one of the two. One list over both is the cheapest, but some builds refuse two date criteria in one
//! request and others evaluate `OR` as `AND`, in silence. So the plan first asks three times for a count,
//! and reads both times in one window only if the counts agree; otherwise each time has a window of its own.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tracing::debug;

use crate::{Api, Client, Error, Result, list};

/// Which tickets a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Resolved or completed within the range.
    ResolvedOrCompleted,
    /// Resolved within the range.
    Resolved,
    /// Completed within the range; those that were resolved within it as well are left to `Resolved`.
    Completed,
    /// The story form: status names and a resolved time.
    Story,
}

/// One part of what to read. Serialisable, so that a later process can go on with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Which tickets.
    pub filter: Filter,
    /// First instant, included, in milliseconds since the epoch.
    pub from_ms: i64,
    /// Last instant, included, in milliseconds since the epoch.
    pub to_ms: i64,
    /// Whether the server accepts `fields_required`.
    pub fields_required: bool,
    /// Tickets the server counted when the plan was made.
    pub total: Option<u64>,
}

impl Window {
    pub(crate) fn holds(&self, time: DateTime<Utc>) -> bool {
        (self.from_ms..=self.to_ms).contains(&time.timestamp_millis())
    }
}

/// A clock that is wrong by more than this is not the helpdesk's.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

impl Window {
    /// The latest resolved time that is not absurd for a plan made when this window was.
    pub(crate) fn latest(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.to_ms).unwrap_or(DateTime::<Utc>::MAX_UTC - CLOCK_SKEW)
            + CLOCK_SKEW
    }
}

impl Client {
    /// The windows to read for all tickets that became final from `from` to `to`, both included.
    ///
    /// # Errors
    /// Those of any call: this is the first contact of an import.
    pub async fn plan(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Window>> {
        let mut window = Window {
            filter: Filter::Story,
            from_ms: from.timestamp_millis(),
            to_ms: to.timestamp_millis(),
            fields_required: false,
            total: None,
        };
        if self.settings().api == Api::Story {
            return Ok(vec![window]);
        }
        window.filter = Filter::Resolved;
        window.fields_required = true;
        window.total = match self.count(&window).await {
            // Some builds refuse what they do not know; the rows then come as thin as by default.
            Err(Error::Refused(reason)) => {
                debug!("fields_required refused ({reason})");
                window.fields_required = false;
                self.count(&window).await?
            }
            total => total?,
        };
        let mut completed = Window {
            filter: Filter::Completed,
            ..window.clone()
        };
        completed.total = self.count(&completed).await?;
        let mut either = Window {
            filter: Filter::ResolvedOrCompleted,
            ..window.clone()
        };
        either.total = match self.count(&either).await {
            Err(Error::Refused(reason)) => {
                debug!("two date criteria refused ({reason})");
                None
            }
            total => total?,
        };
        Ok(windows(window, completed, either))
    }

    async fn count(&self, window: &Window) -> Result<Option<u64>> {
        let url = list::url(self, window, 1, 1);
        self.call("count", url, |answer| {
            answer.requests.as_ref().ok_or("no list of requests")?;
            Ok(answer
                .list_info
                .total_count
                .and_then(|total| u64::try_from(total).ok()))
        })
        .await
    }
}

/// One window if the counts prove that it holds what two would, else two.
fn windows(resolved: Window, completed: Window, either: Window) -> Vec<Window> {
    match (resolved.total, completed.total, either.total) {
        (Some(resolved_total), Some(completed_total), Some(either_total))
            if either_total >= resolved_total.max(completed_total)
                && either_total <= resolved_total + completed_total =>
        {
            vec![either]
        }
        _ => vec![resolved, completed],
    }
}
