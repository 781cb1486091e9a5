//! Progress of a run: counts, shown by a progress bar or by a log line every 100 tickets.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::{Applied, Counts};
use tracing::info;

/// Number of tickets between two log lines.
const LINE_EVERY: u64 = 100;

/// Callback with the number of finished tickets, and of all tickets if it is known.
type Observer = Box<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// Display of progress.
enum Display {
    Lines,
    Quiet,
    Observer(Observer),
}

/// Counts of a run over all of its batches.
pub struct Progress {
    state: Mutex<State>,
    display: Display,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    counts: Counts,
    /// Counts of this process only.
    here: Counts,
    /// Tickets that this process withdrew.
    withdrawn_here: u64,
    /// Batches that this process stored.
    batches_here: u64,
    /// Total number of tickets, if known.
    total: Option<u64>,
    /// Tickets of earlier runs and windows, which the total of the current window does not count.
    before: u64,
    /// Rows that the total counts but that are outside the range.
    left_out: u64,
}

impl Progress {
    /// Creates a progress that is shown as log lines.
    pub fn lines() -> Self {
        Self::shown_by(Display::Lines)
    }

    /// Creates a progress that is not shown.
    pub fn quiet() -> Self {
        Self::shown_by(Display::Quiet)
    }

    /// Creates a progress that `observer` shows. It receives the number of finished tickets, and of all tickets if it
    /// is known.
    pub fn observed(observer: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        Self::shown_by(Display::Observer(Box::new(observer)))
    }

    fn shown_by(display: Display) -> Self {
        Self {
            state: Mutex::default(),
            display,
        }
    }

    /// Begins or resumes a run whose earlier batches have `counts`.
    pub fn begin(&self, counts: Counts, total: Option<u64>) {
        let mut state = self.state();
        state.before = state.counts.total();
        state.counts += counts;
        state.total = total.map(|total| total + state.before);
        self.show(&state);
    }

    /// Sets the total of the only window, if the helpdesk sent it with a page.
    pub fn learn_total(&self, total: Option<u64>) {
        let mut state = self.state();
        if let (Some(total), None) = (total, state.total) {
            state.total = Some(total + state.before);
        }
    }

    /// Subtracts rows from the total that will never be counted.
    pub fn leave_out(&self, rows: u64) {
        self.state().left_out += rows;
    }

    /// Adds a stored batch.
    pub fn advance(&self, applied: &Applied) {
        let mut state = self.state();
        let before = state.counts.total();
        state.counts += applied.counts;
        state.here += applied.counts;
        state.withdrawn_here += applied.withdrawn;
        state.batches_here += 1;
        let (lines_before, lines) = (before / LINE_EVERY, state.counts.total() / LINE_EVERY);
        if matches!(self.display, Display::Lines) {
            (lines_before + 1..=lines).for_each(|line| state.log(line * LINE_EVERY));
        }
        self.show(&state);
    }

    /// Records that an answer of the helpdesk about one ticket was stored.
    pub fn record_answer(&self) {
        self.state().batches_here += 1;
    }

    /// Returns the counts of the run.
    pub fn counts(&self) -> Counts {
        self.state().counts
    }

    /// Returns the counts of this process, without those of earlier processes.
    pub fn counts_here(&self) -> Counts {
        self.state().here
    }

    /// Returns the number of tickets that this process withdrew.
    pub fn withdrawn_here(&self) -> u64 {
        self.state().withdrawn_here
    }

    /// Returns whether this process has stored anything, even if only a checkpoint.
    pub fn has_advanced(&self) -> bool {
        self.state().batches_here > 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, state: &State) {
        if let Display::Observer(observer) = &self.display {
            observer(state.counts.total(), state.expected());
        }
    }
}

impl State {
    /// Returns the total without the rows outside the range, but never less than the number of finished tickets.
    fn expected(&self) -> Option<u64> {
        Some(self.total?.saturating_sub(self.left_out).max(self.counts.total()))
    }

    fn log(&self, done: u64) {
        match self.expected() {
            Some(total) => {
                let percent = done * 100 / total.max(1);
                info!(
                    done,
                    total, percent, "Imported {done}/{total} tickets ({percent}%)"
                );
            }
            None => info!(done, "Imported {done} tickets"),
        }
    }
}

/// Formats a duration: `1m 40s`; below a minute with a decimal, rounded.
pub fn format_elapsed(elapsed: Duration) -> String {
    let tenths = (elapsed.as_millis() + 50) / 100;
    if tenths < 600 {
        return format!("{}.{}s", tenths / 10, tenths % 10);
    }
    let seconds = elapsed.as_secs().max(60);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}m {seconds}s"),
        (hours, minutes, seconds) => format!("{hours}h {minutes}m {seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elapsed_is_short_and_readable() {
        let elapsed = |seconds: f64| format_elapsed(Duration::from_secs_f64(seconds));
        assert_eq!(elapsed(0.04), "0.0s");
        assert_eq!(elapsed(59.949), "59.9s");
        assert_eq!(elapsed(59.95), "1m 0s");
        assert_eq!(elapsed(59.96), "1m 0s");
        assert_eq!(elapsed(60.0), "1m 0s");
        assert_eq!(elapsed(100.0), "1m 40s");
        assert_eq!(elapsed(7384.9), "2h 3m 4s");
    }

    #[test]
    fn the_total_excludes_rows_outside_the_range_but_never_finished_tickets() {
        let state = |total, left_out, imported| State {
            here: Counts::default(),
            withdrawn_here: 0,
            batches_here: 0,
            counts: Counts {
                imported,
                ..Counts::default()
            },
            total,
            before: 0,
            left_out,
        };
        assert_eq!(state(Some(250), 0, 100).expected(), Some(250));
        assert_eq!(state(Some(250), 50, 100).expected(), Some(200));
        assert_eq!(state(Some(90), 0, 100).expected(), Some(100));
        assert_eq!(state(None, 0, 100).expected(), None);
    }
}
