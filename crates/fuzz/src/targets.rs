//! What is fed, and the laws that hold whatever comes.

mod laws;
mod words;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use servicedesk::fuzzing;

/// What is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Target {
    /// A page of a list
    List,
    /// The detail of a ticket
    Detail,
    /// An answer with any status; the first line of an input is the status
    Error,
    /// HTML, or text, that becomes readable text
    Html,
    /// The JSON value of a time
    Time,
}

/// A digest of what happened: the same for inputs that took the same way, as far as the result tells.
pub(crate) type Outcome = u64;

impl Target {
    /// Feeds one input.
    ///
    /// # Errors
    /// The law that it broke.
    pub(crate) fn feed(self, input: &[u8]) -> Result<Outcome, String> {
        Ok(match self {
            Self::List => digest(&laws::page(fuzzing::list_page(200, input))?),
            Self::Detail => digest(&laws::page(fuzzing::detail(200, input))?),
            Self::Error => {
                let (status, body) = with_status(input);
                digest(&laws::classified(status, fuzzing::classify(status, body))?)
            }
            Self::Html => digest(&laws::text(&String::from_utf8_lossy(input))?),
            Self::Time => digest(&laws::time(fuzzing::resolved_time(input))?),
        })
    }

    /// What the target's words mean something to.
    pub(crate) fn words(self) -> &'static [&'static str] {
        match self {
            Self::List | Self::Detail => words::TICKET,
            Self::Error => words::ERROR,
            Self::Html => words::HTML,
            Self::Time => words::TIME,
        }
    }

    /// The inputs to begin with, in the order of their names.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn seeds(self) -> std::io::Result<Vec<Vec<u8>>> {
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

/// Status and body; 200 where the first line is no status.
fn with_status(input: &[u8]) -> (u16, &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (line, rest) = input.split_at(end);
    let status = std::str::from_utf8(line).ok().and_then(|line| line.parse().ok());
    match status {
        Some(status) => (status, &rest[1..]),
        None => (200, input),
    }
}

fn digest(outcome: &str) -> Outcome {
    let mut hasher = DefaultHasher::new();
    outcome.hash(&mut hasher);
    hasher.finish()
}
