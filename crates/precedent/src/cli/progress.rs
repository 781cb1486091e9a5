//! Progress of an import: a bar below the log on a terminal, otherwise a log line every 100 tickets.

use std::io::IsTerminal;

use engine::progress::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::setup::Context;

/// Template of the bar if the total number of tickets is known.
const WITH_TOTAL: &str =
    "Importing {bar:30} {human_pos}/{human_len} tickets ({percent}%) {per_sec:.dim} {eta} left";

/// Template of the bar if the total is unknown.
const WITHOUT_TOTAL: &str = "Importing {spinner} {human_pos} tickets {per_sec:.dim}";

/// Removes the bar when it is dropped.
pub(super) struct BarGuard(ProgressBar);

impl Drop for BarGuard {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Returns the progress of an import and, on a terminal, the guard of its bar.
pub(super) fn of_import(context: &Context) -> (Progress, Option<BarGuard>) {
    if !std::io::stderr().is_terminal() || context.json() {
        return (Progress::lines(), None);
    }
    let bar = context.screen().add(ProgressBar::no_length());
    let guard = BarGuard(bar.clone());
    (
        Progress::observed(move |done, total| draw(&bar, done, total)),
        Some(guard),
    )
}

fn draw(bar: &ProgressBar, done: u64, total: Option<u64>) {
    let template = if total.is_some() {
        WITH_TOTAL
    } else {
        WITHOUT_TOTAL
    };
    let style = ProgressStyle::with_template(template).expect("a valid template");
    bar.set_style(style.progress_chars("=> "));
    if let Some(total) = total {
        bar.set_length(total);
    }
    bar.set_position(done);
}
