//! Time limit of a response, the same for HTTP and MCP.

use std::fmt;
use std::future::Future;
use std::time::Duration;

/// Maximum time that a caller waits for an answer.
pub(crate) const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// Seconds after which a caller whose request took too long should try again.
pub(crate) const TRY_AGAIN_SECONDS: u64 = 5;

/// The answer took longer than [`LONGEST_ANSWER`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Late;

impl fmt::Display for Late {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = LONGEST_ANSWER.as_secs();
        write!(formatter, "the answer took longer than {seconds} s")
    }
}

impl std::error::Error for Late {}

/// Waits for an answer within the limit. Drops a late one, which cancels its work.
///
/// # Errors
/// Those of the answer, or [`Late`].
pub(crate) async fn in_time<T, E: Into<anyhow::Error>>(
    answer: impl Future<Output = Result<T, E>>,
) -> anyhow::Result<T> {
    match tokio::time::timeout(LONGEST_ANSWER, answer).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(Late.into()),
    }
}
