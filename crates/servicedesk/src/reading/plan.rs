//! The windows of an import: each with a filter that this server honours, and short enough to page.
//!
//! A ticket is final once it is resolved (`resolved_time`) or completed (`completed_time`); some tickets
//! have only one of the two times. One list over both is the cheapest, but some builds refuse two date
//! criteria in one request, and others silently drop one or evaluate `OR` as `AND`. So the plan asks for
//! three counts: resolved, completed, and both, with the smaller one first in the criteria. It reads both
//! times in one window only if the counts agree, and otherwise each time in its own window. It omits from
//! the request what the server refuses, the filter last.
//!
//! Deep pages are slow and time out. So the plan [divides](super::divide) a window of more than
//! [`WINDOW_ROWS`] tickets by time. A divided list over both times would show a ticket twice that was
//! resolved in one part and completed in the next. So a window that has to be divided becomes two lists, if
//! counts prove that the server can select tickets that were never resolved.

use chrono::{DateTime, Utc};
use tracing::{debug, info};

use super::dialect::Dialect;
use super::divide::WINDOW_ROWS;
use super::window::{EARLIEST_MS, Filter, Window};
use crate::{Api, Client, Result};

impl Client {
    /// Returns the windows of all tickets that became final from `from` to `to`, both included.
    ///
    /// # Errors
    /// Those of any call: an import contacts the server here first.
    pub async fn plan(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Window>> {
        let mut window = Window {
            filter: Filter::Story,
            from_ms: from.timestamp_millis(),
            to_ms: to.timestamp_millis(),
            planned_at_ms: now.timestamp_millis(),
            dialect: Dialect::FULL,
            total: None,
        };
        if self.settings().api == Api::Story {
            return Ok(vec![window]);
        }
        window.filter = Filter::Resolved;
        let resolved = self.first_count(window).await?;
        if resolved.filter == Filter::Nothing {
            info!("the server refuses filters; reading every ticket and keeping those of the range");
            return Ok(vec![resolved]);
        }
        let completed = self.counted(resolved.over(Filter::Completed)).await?;
        let Some(completed) = completed else {
            // A list over one time alone would miss the tickets that have only the other.
            return Ok(vec![resolved.over(Filter::Nothing)]);
        };
        let smaller_first = match resolved.total > completed.total {
            true => Filter::CompletedOrResolved,
            false => Filter::ResolvedOrCompleted,
        };
        let either = self.counted(resolved.over(smaller_first)).await?;
        let mut chosen = cheapest(resolved.clone(), completed, either);
        if let [either] = chosen.as_slice()
            && either.total > Some(WINDOW_ROWS)
            && let Some(without_resolved) = self.without_resolved(either).await?
        {
            chosen = vec![resolved, without_resolved];
        }
        self.divided(chosen).await
    }

    /// Returns the window of the tickets that were completed and never resolved; `None` if the server cannot select
    /// them. It can if, over the whole history, these and the resolved tickets add up to those with either time.
    async fn without_resolved(&self, either: &Window) -> Result<Option<Window>> {
        let history = Window {
            from_ms: EARLIEST_MS,
            to_ms: either.planned_at_ms,
            ..either.clone()
        };
        let mut counts = [None; 3];
        let filters = [Filter::Resolved, Filter::CompletedOnly, either.filter];
        for (count, filter) in counts.iter_mut().zip(filters) {
            let Some(window) = self.counted(history.over(filter)).await? else {
                return Ok(None);
            };
            *count = window.total;
        }
        let [Some(resolved), Some(without), Some(all)] = counts else {
            return Ok(None);
        };
        if resolved + without != all {
            debug!(
                resolved,
                without, all, "the server cannot select tickets that were never resolved"
            );
            return Ok(None);
        }
        self.counted(either.over(Filter::CompletedOnly)).await
    }
}

/// Returns one window if the counts prove that it holds the tickets of both, else two.
fn cheapest(resolved: Window, completed: Window, either: Option<Window>) -> Vec<Window> {
    let either_total = either.as_ref().and_then(|either| either.total);
    match (resolved.total, completed.total, either_total, either) {
        (Some(resolved), Some(completed), Some(total), Some(either))
            if (resolved.max(completed)..=resolved + completed).contains(&total) =>
        {
            vec![either]
        }
        _ => vec![resolved, completed],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::window::tests::window;

    #[test]
    fn both_times_share_a_window_only_if_the_counts_agree() {
        let counted = |total: Option<u64>| Window {
            total,
            ..window(0, 9)
        };
        let windows = |resolved, completed, either: Option<Option<u64>>| {
            cheapest(counted(resolved), counted(completed), either.map(counted)).len()
        };
        assert_eq!(windows(Some(7), Some(5), Some(Some(9))), 1);
        assert_eq!(windows(Some(7), Some(5), Some(Some(7))), 1);
        assert_eq!(windows(Some(7), Some(5), Some(Some(5))), 2, "one was dropped");
        assert_eq!(windows(Some(7), Some(5), Some(Some(3))), 2, "OR taken for AND");
        assert_eq!(windows(Some(7), Some(5), Some(Some(99))), 2, "both dropped");
        assert_eq!(windows(Some(7), Some(5), None), 2, "refused");
        assert_eq!(windows(None, None, Some(None)), 2, "no counts");
        assert_eq!(windows(Some(7), Some(0), Some(Some(7))), 1);
    }
}
