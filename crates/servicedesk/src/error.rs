//! The errors of this crate, by what the caller can do about them.

use chrono::{DateTime, Utc};

/// The result of every method of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of ServiceDesk Plus or of the way to it. No message holds a credential or a ticket's text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings cannot work. The client sent nothing.
    #[error("{0}")]
    Settings(String),
    /// The server refused the credentials: renew them.
    #[error("ServiceDesk Plus refused the credentials ({0})")]
    Unauthorised(String),
    /// The credentials are valid, but may not do this: widen the technician's role or the scope.
    #[error("ServiceDesk Plus does not permit this call ({0})")]
    Forbidden(String),
    /// The grant behind the refresh token is no longer valid: authorise again.
    #[error("the accounts server refused the refresh token ({0})")]
    Reauthorise(String),
    /// The server throttles after all pauses: come back later, with fewer requests per minute.
    #[error("ServiceDesk Plus still throttles after {waits} waits ({reason})")]
    Throttled {
        /// Number of pauses.
        waits: u32,
        /// The server's words.
        reason: String,
    },
    /// Several tries gave no usable answer: the server or the way to it is broken.
    #[error("ServiceDesk Plus gave no usable answer in {tries} tries ({reason})")]
    Unavailable {
        /// Number of requests.
        tries: u32,
        /// Description of the last unusable answer.
        reason: String,
        /// The transport's error, if there was one.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// The address does not exist: a wrong URL or portal, or a deleted ticket.
    #[error("ServiceDesk Plus did not find the requested address ({0})")]
    NotFound(String),
    /// The server refuses this request: a retry will not help.
    #[error("ServiceDesk Plus refused the request ({0})")]
    Refused(String),
    /// The answer exceeds a size limit. The client stopped reading it.
    #[error("the answer {reason}")]
    TooLong {
        /// The limit, as a verb phrase that follows "the answer".
        reason: String,
    },
    /// The caller stopped before the answer came. This is not a fault.
    #[error("stopped before the answer came")]
    Stopped,
    /// The server asked for a longer pause than the caller waits out. This is not a fault.
    #[error("ServiceDesk Plus asked for a pause until {} ({reason})", until.format("%Y-%m-%d %H:%M:%S UTC"))]
    Paused {
        /// End of the pause.
        until: DateTime<Utc>,
        /// The server's words.
        reason: String,
    },
    /// The store of the pace failed, so the client cannot know whether it may send a request.
    #[error("failed to read the shared pace")]
    Pace(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server sends the same page for different start indexes.
    #[error("page {start_index} repeats the page before it: the server does not advance")]
    RepeatedPage {
        /// Start index of the requested page.
        start_index: u64,
    },
    /// The answers contradict each other, or are impossible.
    #[error("the answers of ServiceDesk Plus cannot be true: {0}")]
    Implausible(String),
}

impl Error {
    /// Returns whether the same call may succeed later without a change of a setting.
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

    /// Returns whether the call was interrupted without a fault, so that it remains to be done.
    pub fn is_interruption(&self) -> bool {
        matches!(self, Self::Stopped | Self::Paused { .. })
    }
}
