//! Results on standard output: text for people, or one JSON object per line for programs.
//!
//! A reader may close the pipe at any time (`precedent audit | head`). A list then ends silently with exit code 0. Work
//! continues, since its result is in the database. Any other write failure is an error: a full disk must not look like
//! a short list.
//!
//! Everything that the program prints passes this file or the log (`setup/logs.rs`), so that no text from outside reaches a
//! terminal unescaped.

use std::fmt::{self, Display};
use std::io::{ErrorKind, Write};

use serde_json::Value;
use ticket::{OneLine, Printable, escape_json};

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

/// Prints an entry of a list: the object with `--json`, otherwise the words in one line.
///
/// # Errors
/// An error that ends the command silently if the reader left; `Usage` if standard output cannot be written.
pub(crate) fn entry(context: &Context, object: &Value, words: impl Display) -> anyhow::Result<()> {
    match context.json() {
        true => write_line(escape_json(&object.to_string())),
        false => line(words),
    }
}

/// As [`entry`], with words in several lines. Each line ends where this program ends it.
///
/// # Errors
/// As [`entry`].
pub(crate) fn long_entry<T: Display>(
    context: &Context,
    object: &Value,
    lines: impl IntoIterator<Item = T>,
) -> anyhow::Result<()> {
    match context.json() {
        true => entry(context, object, ""),
        false => lines.into_iter().try_for_each(line),
    }
}

/// Prints the result of work, or of a part of it. Ignores that the reader left.
///
/// # Errors
/// `Usage` if standard output cannot be written.
pub(crate) fn result(context: &Context, object: &Value, words: impl Display) -> anyhow::Result<()> {
    unless_reader_left(entry(context, object, words))
}

/// As [`result`], with words in several lines.
///
/// # Errors
/// As [`result`].
pub(crate) fn long_result<T: Display>(
    context: &Context,
    object: &Value,
    lines: impl IntoIterator<Item = T>,
) -> anyhow::Result<()> {
    unless_reader_left(long_entry(context, object, lines))
}

fn unless_reader_left(printed: anyhow::Result<()>) -> anyhow::Result<()> {
    match printed {
        Err(error) if is_reader_left(&error) => Ok(()),
        printed => printed,
    }
}

/// Prints words in one line. Texts from outside in them neither move the cursor nor begin a line of their own.
///
/// # Errors
/// As [`entry`].
pub(crate) fn line(words: impl Display) -> anyhow::Result<()> {
    write_line(OneLine(words))
}

/// Prints words with emphasis. Each text from outside in them is a [`Printable`] or a [`OneLine`] already.
///
/// # Errors
/// As [`entry`].
pub(crate) fn emphasised(words: impl Display) -> anyhow::Result<()> {
    write_line(words)
}

fn write_line(line: impl Display) -> anyhow::Result<()> {
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

/// Prints words for people on standard error. Texts from outside in them do not move the cursor. Write failures are ignored.
pub(crate) fn remark(words: impl Display) {
    let _ = writeln!(std::io::stderr(), "{}", Printable(words));
}

/// Prints an object for programs on standard error. Write failures are ignored.
pub(crate) fn remark_object(object: &Value) {
    let _ = writeln!(std::io::stderr(), "{}", escape_json(&object.to_string()));
}

/// Prints a question on standard error, without the end of a line. Write failures are ignored.
pub(crate) fn prompt(question: impl Display) {
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "{}", OneLine(question)).and_then(|()| stderr.flush());
}
