//! How far an import has come: a bar on a terminal, else a line every 100 tickets.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use store::{Applied, Counts};
use tracing::info;

/// Tickets between two lines.
const LINE_EVERY: u64 = 100;

/// The counts of a run as it goes, over all of its batches.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    state: Mutex<State>,
    bar: Option<ProgressBar>,
    quiet: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    counts: Counts,
    /// Of these, by this process.
    here: Counts,
    /// Tickets that this process withdrew.
    withdrawn_here: u64,
    /// Batches that this process stored.
    batches_here: u64,
    /// Tickets in all, if known.
    total: Option<u64>,
    /// Tickets of earlier runs and windows, which `total` of the window at hand does not count.
    before: u64,
    /// Rows that the total counts, but that turned out not to belong to the range.
    left_out: u64,
}

impl Progress {
    /// Shown as lines in the log.
    pub(crate) fn lines() -> Self {
        Self::default()
    }

    /// Not shown.
    pub(crate) fn quiet() -> Self {
        Self {
            quiet: true,
            ..Self::default()
        }
    }

    /// Shown as a bar below the log.
    pub(crate) fn bar(screen: &MultiProgress) -> Self {
        let bar = screen.add(ProgressBar::no_length());
        Self {
            bar: Some(bar),
            ..Self::default()
        }
    }

    /// A run begins or goes on, `counts` of its tickets done.
    pub(crate) fn begin(&self, counts: Counts, total: Option<u64>) {
        let mut state = self.state();
        state.before = state.counts.total();
        state.counts += counts;
        state.total = total.map(|total| total + state.before);
        self.draw(&state);
    }

    /// The total of the only window, learned on the way.
    pub(crate) fn learn_total(&self, total: Option<u64>) {
        let mut state = self.state();
        if let (Some(total), None) = (total, state.total) {
            state.total = Some(total + state.before);
        }
    }

    /// Rows of the total that will never be counted.
    pub(crate) fn leave_out(&self, rows: u64) {
        self.state().left_out += rows;
    }

    /// Tickets were stored.
    pub(crate) fn advance(&self, applied: &Applied) {
        let mut state = self.state();
        let before = state.counts.total();
        state.counts += applied.counts;
        state.here += applied.counts;
        state.withdrawn_here += applied.withdrawn;
        state.batches_here += 1;
        let (lines_before, lines) = (before / LINE_EVERY, state.counts.total() / LINE_EVERY);
        if self.bar.is_none() && !self.quiet {
            (lines_before + 1..=lines).for_each(|line| state.log(line * LINE_EVERY));
        }
        self.draw(&state);
    }

    /// The helpdesk said what became of a ticket, and that was stored.
    pub(crate) fn note_answer(&self) {
        self.state().batches_here += 1;
    }

    /// What was counted so far.
    pub(crate) fn counts(&self) -> Counts {
        self.state().counts
    }

    /// What was counted by this process, without what earlier ones had done of the run.
    pub(crate) fn counts_here(&self) -> Counts {
        self.state().here
    }

    /// Tickets that this process withdrew.
    pub(crate) fn withdrawn_here(&self) -> u64 {
        self.state().withdrawn_here
    }

    /// Whether this process has stored anything, if only how far it is.
    pub(crate) fn has_advanced(&self) -> bool {
        self.state().batches_here > 0
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self, state: &State) {
        let Some(bar) = &self.bar else { return };
        let template = if state.total.is_some() {
            "Importing {bar:30} {human_pos}/{human_len} tickets ({percent}%) {per_sec:.dim} {eta} left"
        } else {
            "Importing {spinner} {human_pos} tickets {per_sec:.dim}"
        };
        bar.set_style(
            ProgressStyle::with_template(template)
                .expect("a template of ours")
                .progress_chars("=> "),
        );
        state
            .expected()
            .into_iter()
            .for_each(|total| bar.set_length(total));
        bar.set_position(state.counts.total());
    }
}

impl State {
    /// The total without what turned out not to belong to it; never less than what is done.
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

/// `1m 40s`; below a minute with a decimal, rounded.
pub(crate) fn elapsed(elapsed: Duration) -> String {
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
        let elapsed = |seconds: f64| super::elapsed(Duration::from_secs_f64(seconds));
        assert_eq!(elapsed(0.04), "0.0s");
        assert_eq!(elapsed(59.949), "59.9s");
        assert_eq!(elapsed(59.95), "1m 0s");
        assert_eq!(elapsed(59.96), "1m 0s");
        assert_eq!(elapsed(60.0), "1m 0s");
        assert_eq!(elapsed(100.0), "1m 40s");
        assert_eq!(elapsed(7384.9), "2h 3m 4s");
    }

    #[test]
    fn the_total_shrinks_by_what_does_not_belong_and_never_below_what_is_done() {
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
