//! Reads the list of statuses when tickets need it.

use chrono::DateTime;
use tokio::time::Instant;
use tracing::warn;

use crate::reading::list_url;
use crate::wire::{Request, Status};
use crate::{Api, Client, Dialect, Error, Result, Sort, Statuses, Window};

impl Client {
    /// Returns the statuses that these tickets need. Calls the server only if a ticket has an unknown status.
    ///
    /// # Errors
    /// Those of the call, except a refusal of the list to this key. Without the list an open ticket may pass for a
    /// final one, so a guess cannot replace a call that failed.
    pub(crate) async fn statuses_for(&self, requests: impl Iterator<Item = &Request>) -> Result<Statuses> {
        let memory = self.status_memory();
        let known = memory.known();
        if self.settings().api == Api::Story {
            return Ok(known);
        }
        let mut unknown: Vec<&Status> = requests
            .map(|request| &request.status)
            .filter(|status| status.name.is_some() && known.judge(status).is_none())
            .collect();
        if unknown.is_empty() {
            return Ok(known);
        }
        let mut queries = memory.queries.lock().await;
        // Another page may have made the query in the meantime.
        let known = memory.known();
        unknown.retain(|status| known.judge(status).is_none());
        if !queries.may_query(&unknown, Instant::now()) {
            return Ok(known);
        }
        match self.statuses().await? {
            Ok(listed) => memory.learn(listed),
            Err(error) => {
                warn!(
                    "failed to read the statuses ({error}); the times of a ticket decide whether it is final"
                );
            }
        }
        queries.record(&unknown);
        Ok(memory.known())
    }

    /// Reads the list of statuses. The inner `Err` means that this key may not read it; an import works without it.
    ///
    /// # Errors
    /// Those of any call.
    pub(crate) async fn statuses(&self) -> Result<Result<Statuses>> {
        let url = self.address().api(&["statuses"]);
        let answer = self
            .call("statuses", url, |answer| {
                Ok(Statuses::of(
                    answer.statuses.as_deref().ok_or("no list of statuses")?,
                ))
            })
            .await;
        match answer {
            Ok(statuses) => Ok(Ok(statuses)),
            Err(
                error @ (Error::Forbidden(_)
                | Error::NotFound(_)
                | Error::Refused(_)
                | Error::Unauthorised(_)),
            ) => {
                self.confirm_that_lists_are_allowed().await?;
                Ok(Err(error))
            }
            Err(Error::Unavailable {
                tries,
                reason,
                source,
            }) => Err(Error::Unavailable {
                tries,
                reason: format!("for the list of statuses: {reason}"),
                source,
            }),
            Err(error) => Err(error),
        }
    }

    /// Makes a call that any good key may make, after the server refused the statuses.
    ///
    /// # Errors
    /// Those of the call: the trouble is the key's or the server's, not that of the statuses.
    async fn confirm_that_lists_are_allowed(&self) -> Result<()> {
        let mut any = Window::anything(DateTime::UNIX_EPOCH);
        any.dialect = Dialect {
            fields_required: false,
            sort: Sort::Unsorted,
        };
        let what = "a list, to distinguish refused statuses from a refused key";
        self.reading_alone()
            .call(what, list_url(self, &any, 1, 1), |_| Ok(()))
            .await
    }
}
