//! What can go wrong, by what the caller can do about it.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// A failure of ServiceDesk Plus or on the way to it. No message holds a credential or a ticket's text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings cannot work; nothing was sent.
    #[error("{0}")]
    Settings(String),
    /// The credentials were refused: renew them.
    #[error("ServiceDesk Plus refused the credentials ({0})")]
    Unauthorised(String),
    /// The credentials are good, but may not do this: widen the technician's role or the scope.
    #[error("ServiceDesk Plus does not permit this call ({0})")]
    Forbidden(String),
    /// The grant behind the refresh token is gone: authorise again.
    #[error("the accounts server refused the refresh token ({0})")]
    Reauthorise(String),
    /// Still throttled after waiting as told: come back later, with fewer requests a minute.
    #[error("ServiceDesk Plus still throttles after {waits} waits ({reason})")]
    Throttled {
        /// How often it was waited.
        waits: u32,
        /// The server's words.
        reason: String,
    },
    /// No sensible answer after several tries: the server or the way to it is broken.
    #[error("ServiceDesk Plus gave no usable answer in {tries} tries ({reason})")]
    Unavailable {
        /// Requests sent.
        tries: u32,
        /// What came instead of an answer.
        reason: String,
        /// The transport's error, if it was one.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// There is nothing at this address: a wrong URL or portal, or a ticket that is gone.
    #[error("ServiceDesk Plus found nothing there ({0})")]
    NotFound(String),
    /// The server refuses this very request: asking again will not help.
    #[error("ServiceDesk Plus refused the request ({0})")]
    Refused(String),
    /// The answer was cut off while reading, for its length.
    #[error("the answer is longer than {limit_bytes} bytes")]
    TooLong {
        /// Most bytes that are read.
        limit_bytes: usize,
    },
    /// The caller stopped before the answer came; nothing is wrong.
    #[error("stopped before the answer came")]
    Stopped,
    /// The server asked to be left alone for longer than the caller waits; nothing is wrong.
    #[error("ServiceDesk Plus asked for a pause until {} ({reason})", until.format("%Y-%m-%d %H:%M:%S UTC"))]
    Paused {
        /// When requests may be sent again.
        until: DateTime<Utc>,
        /// The server's words.
        reason: String,
    },
    /// The store of the pace failed: nobody knows whether a request may be sent.
    #[error("the shared pace cannot be read")]
    Pace(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server hands out the same page for different start indexes.
    #[error("page {start_index} repeats the page before it: the server does not advance")]
    RepeatedPage {
        /// Of the page that was asked for.
        start_index: u64,
    },
    /// What the server says contradicts itself, or cannot be true.
    #[error("what ServiceDesk Plus answers cannot be true: {0}")]
    Implausible(String),
}

impl Error {
    /// Whether the same call may succeed later without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::Unavailable { .. }
                | Self::RepeatedPage { .. }
                | Self::Stopped
                | Self::Paused { .. }
                | Self::Pace(_)
                | Self::Implausible(_)
        )
    }

    /// Whether the call was not made, or its answer not awaited, with nothing wrong: it is still to be done.
    pub fn is_interruption(&self) -> bool {
        matches!(self, Self::Stopped | Self::Paused { .. })
    }
}

/// Why one exchange yielded no answer; what the request loop decides on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wait as long as told, or by default, and ask again.
    Throttled {
        wait: Option<Duration>,
        /// Everything is refused for minutes, and asking meanwhile makes it last longer.
        locked: bool,
        reason: String,
    },
    /// Ask again a little later, a few times.
    Transient {
        reason: String,
        source: Option<reqwest::Error>,
    },
    /// The token is not accepted: a fresh access token may help, once.
    Unauthorised(String),
    /// Nothing will help.
    Final(Error),
}

/// What a server said, fit for a log line and a terminal: at most so many characters, none of them a control
/// character.
pub(crate) fn one_line(words: &str, most: usize) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    words.chars().take(most).map(plain).collect()
}
