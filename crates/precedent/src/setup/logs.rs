//! Logs on stderr: lines for people, or one JSON object a line.

use std::io::{IsTerminal, Write};

use chrono::SecondsFormat;
use engine::clock;
use indicatif::MultiProgress;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging: our own crates at `level`, others only what they warn of.
pub(crate) fn start(level: &str, json: bool, screen: &MultiProgress) {
    let level: Level = level.parse().unwrap_or(Level::INFO);
    let ours =
        ["precedent", "engine", "search", "servicedesk", "store", "ticket"].map(|target| (target, level));
    let targets = Targets::new()
        .with_default(level.min(Level::WARN))
        .with_targets(ours);
    let screen = Screen(screen.clone());
    let registry = Registry::default().with(targets);
    if json {
        registry.with(JsonLines { screen }).init();
    } else {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(screen)
            .with_ansi(colour)
            .with_target(false);
        registry.with(lines.compact()).init();
    }
}

/// Stderr, with the progress bar out of the way while a line is written.
#[derive(Clone)]
struct Screen(MultiProgress);

impl Write for Screen {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        // A log that cannot be written must not stop the work: the pipe may have lost its reader, the disk be full.
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

/// An object a line: time, level, message, the event's fields and those of the spans around it, side by side.
struct JsonLines {
    screen: Screen,
}

/// Fields as JSON, kept with a span and taken from an event.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0
            .insert(field.name().to_owned(), Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for JsonLines {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        id: &tracing::span::Id,
        context: Context<'_, S>,
    ) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Map::new();
        line.insert(
            "timestamp".into(),
            clock::now().to_rfc3339_opts(SecondsFormat::Millis, true).into(),
        );
        line.insert("level".into(), event.metadata().level().as_str().into());
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Fields(fields)) = span.extensions().get::<Fields>() {
                line.extend(fields.clone());
            }
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        line.extend(fields.0);
        // `Screen` never fails.
        let _ = writeln!(self.screen.clone(), "{}", Value::Object(line));
    }
}
