//! When a client must stop: decided here for every request, so that nobody else has to look.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{Error, Result};

/// What ends a client's work before it is done.
///
/// The default never stops and waits out every pause.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Once cancelled, no further request is sent; answers to those that were sent are still awaited.
    pub soft: CancellationToken,
    /// Once cancelled, answers are not awaited any longer.
    pub hard: CancellationToken,
    /// Longest pause of the pacer that is waited out; a longer one gives [`Error::Paused`]. `None` waits out any.
    pub longest_pause: Option<Duration>,
}

impl Stop {
    /// A stop whose soft token ends by itself, and with this one's.
    pub fn child(&self) -> Self {
        Self {
            soft: self.soft.child_token(),
            ..self.clone()
        }
    }

    /// Waits for something that comes before a request is sent.
    pub(crate) async fn before_sending<T>(&self, waited: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.soft.cancelled() => Err(Error::Stopped),
            value = waited => Ok(value),
        }
    }

    /// Waits for an answer.
    pub(crate) async fn answer<T>(&self, answer: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            value = answer => Ok(value),
            () = self.hard.cancelled() => Err(Error::Stopped),
        }
    }
}
