//! Logs on stderr: text lines for people, or one JSON object per line.

use std::io::{IsTerminal, Write};

use indicatif::MultiProgress;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;

/// Names of this program's crates.
const OURS: [&str; 6] = ["precedent", "engine", "search", "servicedesk", "store", "ticket"];

/// Starts the log: this program's crates at `level`, other crates at the warning level or above.
pub(crate) fn start(level: &str, json: bool, screen: &MultiProgress) {
    let level: Level = level.parse().unwrap_or(Level::INFO);
    let targets = Targets::new()
        .with_default(level.min(Level::WARN))
        .with_targets(OURS.map(|target| (target, level)));
    let registry = Registry::default().with(targets);
    let lines = layer().with_writer(Screen(screen.clone())).with_target(false);
    if json {
        let objects = lines.json().flatten_event(true).with_current_span(false);
        registry.with(objects).init();
    } else {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        registry.with(lines.with_ansi(colour).compact()).init();
    }
}

/// Writer to stderr. It hides the progress bar while it writes a line.
#[derive(Clone)]
struct Screen(MultiProgress);

impl Write for Screen {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        // A log that cannot be written must not stop the work: the pipe may have no reader, the disk may be full.
        let _ = self.0.suspend(|| std::io::stderr().write_all(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Screen {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
