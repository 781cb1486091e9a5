//! Results on standard output: text for people, or one JSON object per line for programs.
//!
//! A reader may close the pipe at any time (`precedent audit | head`). A list then ends silently with exit code 0. Work
//! continues, since its result is in the database. Any other write failure is an error: a full disk must not look like
//! a short list.

use std::fmt::{self, Display};
use std::io::{ErrorKind, Write};

use serde_json::Value;

use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

/// The reader of standard output has closed the pipe.
#[derive(Debug)]
struct ReaderLeft;

impl Display for ReaderLeft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("standard output was closed by its reader")
    }
}

impl std::error::Error for ReaderLeft {}

/// Prints an entry of a list: the object with `--json`, otherwise the words.
///
/// # Errors
/// An error that ends the command silently if the reader left; `Usage` if standard output cannot be written.
pub(crate) fn entry(context: &Context, object: &Value, words: impl Display) -> anyhow::Result<()> {
    match context.json() {
        true => line(object),
        false => line(words),
    }
}

/// Prints the result of work, or of a part of it. Ignores that the reader left.
///
/// # Errors
/// `Usage` if standard output cannot be written.
pub(crate) fn result(context: &Context, object: &Value, words: impl Display) -> anyhow::Result<()> {
    match entry(context, object, words) {
        Err(error) if is_reader_left(&error) => Ok(()),
        done => done,
    }
}

/// Prints a line of a list unchanged.
///
/// # Errors
/// As [`entry`].
pub(crate) fn line(line: impl Display) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(ReaderLeft.into()),
        Err(error) => Err(Failure::new(ExitCode::Usage, "standard output cannot be written")
            .caused_by(error.into())
            .into()),
    }
}

/// Returns whether a command ended because the reader of its list left.
pub(crate) fn is_reader_left(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<ReaderLeft>())
}

/// Prints a line for people on standard error. Write failures are ignored.
pub(crate) fn remark(words: impl Display) {
    let _ = writeln!(std::io::stderr(), "{words}");
}
