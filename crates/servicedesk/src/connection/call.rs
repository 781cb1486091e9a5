//! The request loop: token, pace, send, classify, and then wait, renew the token or give up.
//!
//! The loop takes its delays from `backon`, but is written out: a throttle pauses all callers through the
//! pacer, a refused token is renewed, and a stop signal ends every wait.

use std::time::Duration;

use backon::ExponentialBackoff;
use tokio::time::{Instant, sleep};
use tracing::{debug, warn};
use url::Url;

use super::auth::Token;
use super::backoff::{self, LONGEST_PAUSE};
use super::client::Client;
use super::failure::Failure;
use super::throttle::Throttles;
use crate::wire::{Answer, Row};
use crate::{Error, Result};

/// Fresh tokens that the server may refuse before a call ends.
const FRESH_TOKENS: u32 = 2;

/// The failures that one call has seen so far.
struct Attempts {
    count: u32,
    delays: ExponentialBackoff,
    throttles: Throttles,
    /// Tokens that were refused before any request with them succeeded.
    fresh_tokens: u32,
}

impl Client {
    /// Sends one GET until the server answers it or no retry can help.
    ///
    /// `what` names the call in the log; `read` takes what the caller needs from the answer.
    pub(crate) async fn call<T>(
        &self,
        what: &str,
        url: Url,
        read: impl Fn(Answer<Row>) -> Result<T, String>,
    ) -> Result<T> {
        Ok(self.timed_call(what, url, read).await?.0)
    }

    /// Calls as [`Client::call`] does. Also returns the server's own time, without the waits of the client.
    pub(crate) async fn timed_call<T>(
        &self,
        what: &str,
        url: Url,
        read: impl Fn(Answer<Row>) -> Result<T, String>,
    ) -> Result<(T, Duration)> {
        let mut attempts = Attempts {
            count: 0,
            delays: backoff::delays(),
            throttles: Throttles::default(),
            fresh_tokens: 0,
        };
        loop {
            attempts.count += 1;
            // The token comes first: to fetch one may take minutes, and a place is valid only now.
            let token = self.auth().header(self.pacer(), self.stop()).await?;
            self.pacer().place(self.stop()).await?;
            let started = Instant::now();
            let exchange = self.exchange(what, &url, &token.headers, &read);
            match self.stop().answer(exchange).await? {
                Ok(value) => {
                    token.mark_accepted();
                    self.pacer().answered();
                    return Ok((value, started.elapsed()));
                }
                Err(failure) => self.recover(what, failure, &token, &mut attempts).await?,
            }
        }
    }

    /// Waits or renews the token before the next attempt.
    ///
    /// # Errors
    /// The error that ends the call, if no further attempt makes sense.
    async fn recover(
        &self,
        what: &str,
        failure: Failure,
        token: &Token,
        attempts: &mut Attempts,
    ) -> Result<()> {
        match failure {
            Failure::Throttled { wait, locked, reason } => {
                self.pause_for_throttle(what, wait, locked, reason, &mut attempts.throttles)
                    .await
            }
            Failure::Transient { reason, source } => {
                let Some(delay) = attempts.delays.next() else {
                    return Err(Error::Unavailable {
                        tries: attempts.count,
                        reason,
                        source,
                    });
                };
                warn!(
                    delay_ms = delay.as_millis() as u64,
                    "no usable answer to {what} ({reason}); retrying"
                );
                self.stop().before_sending(sleep(delay)).await
            }
            Failure::Unauthorised(reason) => {
                attempts.fresh_tokens += u32::from(!token.was_accepted());
                if !token.renewable || attempts.fresh_tokens == FRESH_TOKENS {
                    return Err(Error::Unauthorised(reason));
                }
                debug!("access token refused on {what} ({reason}); fetching a new one");
                self.auth().discard(token).await;
                Ok(())
            }
            Failure::Final(error) => Err(error),
        }
    }

    /// Pauses all requests of the connection after a throttle.
    async fn pause_for_throttle(
        &self,
        what: &str,
        asked: Option<Duration>,
        locked: bool,
        reason: String,
        throttles: &mut Throttles,
    ) -> Result<()> {
        let pacer = self.pacer();
        throttles.count(pacer.answers());
        let default = locked.then_some(self.settings().lock);
        let pause = throttles.pause(asked, default, what, &reason);
        // The pacer records the pause even if this call ends: the next caller must know of it.
        pacer.throttled(pause, &reason).await?;
        // A caller that waits out any pause must learn that the server asks for an absurd one.
        let is_absurd = asked.is_some_and(|asked| asked > LONGEST_PAUSE);
        let waits_out_any = self.stop().longest_pause.is_none();
        if (is_absurd && waits_out_any) || throttles.are_too_many() {
            return Err(Error::Throttled {
                waits: throttles.waits(),
                reason,
            });
        }
        Ok(())
    }
}
