//! Logs on stderr: text lines for people, or one JSON object per line.

use std::io::{IsTerminal, Write};

use indicatif::MultiProgress;
use ticket::{OneLine, escape_json};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;

/// Names of this program's crates.
const OURS: [&str; 6] = ["precedent", "engine", "search", "servicedesk", "store", "ticket"];

/// First character of a sequence that colours text.
const ESCAPE: char = '\u{1b}';

/// Starts the log: this program's crates at `level`, other crates at the warning level or above.
pub(crate) fn start(level: &str, json: bool, screen: &MultiProgress) {
    let level: Level = level.parse().unwrap_or(Level::INFO);
    let targets = Targets::new()
        .with_default(level.min(Level::WARN))
        .with_targets(OURS.map(|target| (target, level)));
    let registry = Registry::default().with(targets);
    let lines = |form| {
        let screen = screen.clone();
        layer().with_writer(Screen { screen, form }).with_target(false)
    };
    if json {
        let objects = lines(Form::Json)
            .json()
            .flatten_event(true)
            .with_current_span(false);
        registry.with(objects).init();
    } else {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let form = if colour { Form::Colours } else { Form::Words };
        registry.with(lines(form).with_ansi(colour).compact()).init();
    }
}

/// Form of the lines.
#[derive(Clone, Copy)]
enum Form {
    Words,
    Colours,
    Json,
}

/// Writer to stderr. It hides the progress bar while it writes a line. No text from outside in a line moves the cursor, or
/// begins another line.
#[derive(Clone)]
struct Screen {
    screen: MultiProgress,
    form: Form,
}

impl Screen {
    fn line(&self, event: &str) -> String {
        let event = event.strip_suffix('\n').unwrap_or(event);
        match self.form {
            Form::Words => format!("{}\n", OneLine(event)),
            Form::Json => format!("{}\n", escape_json(event)),
            Form::Colours => {
                // The formatter has escaped those of the texts; the rest are its own.
                let mut parts = event.split(ESCAPE);
                let first = parts.next().map(|part| OneLine(part).to_string());
                let coloured = parts.map(|part| format!("{ESCAPE}{}", OneLine(part)));
                format!("{}{}\n", first.unwrap_or_default(), coloured.collect::<String>())
            }
        }
    }
}

impl Write for Screen {
    /// Writes an event, which the formatter passes as a whole.
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let line = self.line(&String::from_utf8_lossy(event));
        // A log that cannot be written must not stop the work: the pipe may have no reader, the disk may be full.
        let _ = self
            .screen
            .suspend(|| std::io::stderr().write_all(line.as_bytes()));
        Ok(event.len())
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
