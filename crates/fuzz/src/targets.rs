//! The targets: code that reads a kind of input, with the laws that hold for every input.

mod laws;

use std::fmt;
use std::path::Path;

use servicedesk::fuzzing;

use crate::words::WORDS;

/// A kind of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Target {
    /// A page of a list
    List,
    /// The detail of a ticket
    Detail,
    /// An answer with any status; the first line of an input is the status
    Error,
    /// HTML or text that becomes readable text
    Html,
    /// The JSON value of a time
    Time,
}

impl Target {
    /// Checks one input.
    ///
    /// # Errors
    /// The broken law.
    pub(crate) fn check(self, input: &[u8]) -> Result<(), String> {
        match self {
            Self::List => laws::page(fuzzing::list_page(200, input)),
            Self::Detail => laws::page(fuzzing::detail(200, input)),
            Self::Error => {
                let (status, body) = with_status(input);
                laws::classified(status, fuzzing::classify(status, body))
            }
            Self::Html => laws::text(&String::from_utf8_lossy(input)),
            Self::Time => laws::time(fuzzing::resolved_time(input)),
        }
    }

    /// Returns the words that mean something to the target.
    pub(crate) fn words(self) -> &'static [String] {
        match self {
            Self::List | Self::Detail => &WORDS.ticket,
            Self::Error => &WORDS.error,
            Self::Html => &WORDS.html,
            Self::Time => &WORDS.time,
        }
    }

    /// Returns the recorded answers, in the order of their names.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) fn recorded(self) -> std::io::Result<Vec<Vec<u8>>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("seeds")
            .join(self.to_string());
        let mut files = std::fs::read_dir(folder)?
            .map(|file| Ok(file?.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        files.sort();
        files.into_iter().map(std::fs::read).collect()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::List => "list",
            Self::Detail => "detail",
            Self::Error => "error",
            Self::Html => "html",
            Self::Time => "time",
        })
    }
}

/// Splits status and body; the status is 200 if the first line is not one.
fn with_status(input: &[u8]) -> (u16, &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (line, rest) = input.split_at(end);
    let status = std::str::from_utf8(line).ok().and_then(|line| line.parse().ok());
    match status {
        Some(status) => (status, &rest[1..]),
        None => (200, input),
    }
}
