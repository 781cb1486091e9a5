//! Stop signals of a client. Every request obeys them, so that no caller has to check.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{Error, Result};

/// Signals that end a client's work early.
///
/// The default never stops and waits out every pause.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Once cancelled, the client sends no further request. It still awaits the answers to those already sent.
    pub soft: CancellationToken,
    /// Once cancelled, the client no longer awaits answers.
    pub hard: CancellationToken,
    /// Longest pause that the client waits out; a longer one gives [`Error::Paused`]. `None` waits out any pause.
    pub longest_pause: Option<Duration>,
}

impl Stop {
    /// Returns a stop with a soft token that can be cancelled alone, and that ends with this one's.
    pub fn child(&self) -> Self {
        Self {
            soft: self.soft.child_token(),
            ..self.clone()
        }
    }

    /// Waits for a step before a request is sent. A soft stop ends the wait.
    pub(crate) async fn before_sending<T>(&self, waited: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.soft.cancelled() => Err(Error::Stopped),
            value = waited => Ok(value),
        }
    }

    /// Waits for an answer. A hard stop ends the wait.
    pub(crate) async fn answer<T>(&self, answer: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            value = answer => Ok(value),
            () = self.hard.cancelled() => Err(Error::Stopped),
        }
    }
}
