//! From a range of time to windows, each over a filter that this server honours and short enough to page.
//!
//! A ticket is final when it has been resolved (`resolved_time`) or completed (`completed_time`); some have
//! only one of the two. One list over both is the cheapest, but some builds refuse two date criteria in one
//! request, others drop one or evaluate `OR` as `AND`, in silence. So the plan asks three times for a count,
//! the smaller of the two first in the third, and reads both times in one window only if the counts agree;
//! otherwise each time has a window of its own. What the server refuses is left out, the filter last.
//!
//! Deep pages are slow and time out. So a window that holds more than [`WINDOW_ROWS`] tickets is [divided](divide). By time, one
//! list over both times shows what was resolved in one part and completed in the next twice. So what has to be
//! divided is read as two lists, if counts prove that the server tells what was never resolved.

mod divide;

use chrono::{DateTime, Utc};
use tracing::{debug, info, warn};

use crate::list::Dialect;
use crate::normalise::EARLIEST_MS;
use crate::wire::MOST_TICKETS;
use crate::{Api, Client, Error, Filter, Result, Window, list};
use divide::WINDOW_ROWS;

impl Client {
    /// The windows to read for all tickets that became final from `from` to `to`, both included.
    ///
    /// # Errors
    /// Those of any call: this is the first contact of an import.
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
            info!("the server refuses filters: every ticket is read, and those of the range are kept");
            return Ok(vec![resolved]);
        }
        let completed = self.counted(resolved.over(Filter::Completed)).await?;
        let Some(completed) = completed else {
            // One of the two times cannot be asked for; those with only that one would be lost.
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

    /// Of a window over both times, what was completed and never resolved. `None` if the server cannot be asked for
    /// that: among all tickets there ever were, these and the resolved ones must be those with either time.
    async fn without_resolved(&self, either: &Window) -> Result<Option<Window>> {
        let ever = Window {
            from_ms: EARLIEST_MS,
            to_ms: either.planned_at_ms,
            ..either.clone()
        };
        let mut counts = [None; 3];
        let filters = [Filter::Resolved, Filter::CompletedOnly, either.filter];
        for (count, filter) in counts.iter_mut().zip(filters) {
            let Some(window) = self.counted(ever.over(filter)).await? else {
                return Ok(None);
            };
            *count = window.total;
        }
        let [Some(resolved), Some(without), Some(all)] = counts else {
            return Ok(None);
        };
        if resolved + without != all {
            debug!(resolved, without, all, "what was never resolved cannot be told");
            return Ok(None);
        }
        self.counted(either.over(Filter::CompletedOnly)).await
    }

    /// The windows to read for all that happened to tickets since an instant, of whatever status: those that changed,
    /// and those that are new and were never changed. Every ticket, for a server that refuses such filters; those
    /// that became final since, for the story form, which knows no other time.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn changes(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<Window>> {
        let mut window = Window::anything(now);
        if self.settings().api == Api::Story {
            window.filter = Filter::Story;
            window.from_ms = since.timestamp_millis();
            return Ok(vec![window]);
        }
        window.filter = Filter::Changed;
        window.from_ms = since.timestamp_millis();
        let changed = self.first_count(window).await?;
        let created = match changed.filter {
            Filter::Nothing => None,
            _ => self.counted(changed.over(Filter::Created)).await?,
        };
        let Some(created) = created else {
            return Ok(vec![Window {
                dialect: changed.dialect,
                ..Window::anything(now)
            }]);
        };
        let mut windows = Vec::new();
        if changed.total == Some(0) {
            // A quiet day, or a server that never tells when a ticket changed: that one became final it does.
            windows = self.plan(since, now, now).await?;
        }
        let filled = [changed, created]
            .into_iter()
            .filter(|window| window.total != Some(0));
        windows.extend(self.divided(filled.collect()).await?);
        Ok(windows)
    }

    /// Counts, leaving out what this server refuses until it answers.
    async fn first_count(&self, mut window: Window) -> Result<Window> {
        loop {
            match self.count(&window).await {
                Ok(total) => return Ok(Window { total, ..window }),
                Err(Error::Refused(reason)) => {
                    debug!("list refused ({reason})");
                    if let Some(dialect) = window.dialect.simpler(&reason) {
                        window.dialect = dialect;
                    } else if window.filter != Filter::Nothing {
                        window.filter = Filter::Nothing;
                        window.dialect = Dialect::FULL;
                    } else {
                        return Err(Error::Refused(reason));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The window with its total, `None` if the server refuses such a list.
    async fn counted(&self, window: Window) -> Result<Option<Window>> {
        match self.count(&window).await {
            Ok(total) => Ok(Some(Window { total, ..window })),
            Err(Error::Refused(reason)) => {
                debug!(filter = ?window.filter, "list refused ({reason})");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn count(&self, window: &Window) -> Result<Option<u64>> {
        let url = list::url(self, window, 1, 1);
        let told = self.call("count", url, |answer| Ok(answer.list()?.1)).await?;
        if let (None, Some(counted)) = (told.total(), told.counted()) {
            warn!(
                "the server counts {counted} tickets, more than the {MOST_TICKETS} that a helpdesk may hold; planning \
                 without its counts"
            );
        }
        Ok(told.total())
    }
}

/// One window if the counts prove that it holds what two would, else two.
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
    use crate::window::tests::window;

    #[test]
    fn both_times_share_a_window_only_if_the_counts_prove_it() {
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
