//! When the list of statuses is asked for.
//!
//! A list that an earlier process learned may be out of date, and a server may invent names. So the list is asked for
//! once for each name that it lacks, and [`MOST_QUESTIONS`] times an hour at the most. A refusal is an answer, if the key
//! is good for lists. A call that failed is none: the run ends with its error, and the next one asks again.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use chrono::DateTime;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::warn;

use super::{MOST_NAMES, NAME_BYTES, Statuses};
use crate::wire::{Request, Status};
use crate::{Client, Dialect, Error, Result, Sort, Window, list};

/// Time after which the list is asked for again, for the same names too: an operator may have added the scope.
const ASK_AGAIN: Duration = Duration::from_hours(1);

/// Maximum requests for the list within that time.
const MOST_QUESTIONS: u32 = 20;

/// What a client knows of the statuses, and what it asked for.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    known: RwLock<Statuses>,
    questions: Mutex<Questions>,
}

impl Learned {
    /// `told` is what an earlier process learned; it may be out of date.
    pub(crate) fn new(told: Option<Statuses>) -> Self {
        Self {
            known: RwLock::new(told.unwrap_or_default()),
            questions: Mutex::default(),
        }
    }

    fn known(&self) -> Statuses {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A status that is no longer listed was deleted: tickets may still have it.
    fn learn(&self, mut told: Statuses) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *known);
        let listed: HashSet<String> = told.last.iter().chain(&told.open).cloned().collect();
        let deleted = |name: &String| !listed.contains(name);
        told.last.extend(before.last.into_iter().filter(deleted));
        told.open.extend(before.open.into_iter().filter(deleted));
        told.last.truncate(MOST_NAMES);
        told.open.truncate(MOST_NAMES);
        *known = told;
    }
}

/// Names that the list was asked for, and how often: a server that invents names must not cause a call for each ticket.
#[derive(Debug, Default)]
struct Questions {
    since: Option<Instant>,
    asked: u32,
    /// Names that were unknown when the list was asked for.
    names: HashSet<String>,
}

impl Questions {
    /// Whether the list should be asked for these statuses. `asked` notes that it was.
    fn are_worth_asking(&mut self, unknown: &[&Status], now: Instant) -> bool {
        if self.since.is_none_or(|since| now >= since + ASK_AGAIN) {
            *self = Self {
                since: Some(now),
                ..Self::default()
            };
        }
        let mut names = unknown.iter().filter_map(|status| status.name.as_ref());
        self.asked < MOST_QUESTIONS && names.any(|name| !self.names.contains(name))
    }

    /// The server answered, whether it told them or not.
    fn asked(&mut self, unknown: &[&Status]) {
        self.asked += 1;
        let names = unknown.iter().filter_map(|status| status.name.as_ref());
        let names = names.filter(|name| name.len() <= NAME_BYTES).take(MOST_NAMES);
        self.names.extend(names.cloned());
    }
}

impl Client {
    /// Which statuses are final, as far as these tickets need it: the server is asked only if a ticket has a status
    /// that does not speak for itself.
    ///
    /// # Errors
    /// Those of the call, unless the server says that this key may not read the statuses: without the list an open
    /// ticket may pass for a final one, so an answer that failed is not replaced by a guess.
    pub(crate) async fn statuses_for(&self, requests: impl Iterator<Item = &Request>) -> Result<Statuses> {
        let known = self.learned_statuses().known();
        if self.settings().api == crate::Api::Story {
            return Ok(known);
        }
        let mut unknown: Vec<&Status> = requests
            .map(|request| &request.status)
            .filter(|status| status.name.is_some() && known.judge(status).is_none())
            .collect();
        if unknown.is_empty() {
            return Ok(known);
        }
        let learned = self.learned_statuses();
        let mut questions = learned.questions.lock().await;
        // Another page may have asked meanwhile.
        let known = learned.known();
        unknown.retain(|status| known.judge(status).is_none());
        if !questions.are_worth_asking(&unknown, Instant::now()) {
            return Ok(known);
        }
        match self.statuses().await? {
            Ok(told) => learned.learn(told),
            Err(error) => {
                warn!(
                    "the statuses cannot be read ({error}): the times of a ticket decide whether it is final"
                );
            }
        }
        questions.asked(&unknown);
        Ok(learned.known())
    }

    /// Asks for the statuses; `Err` inside where the server says that this key may not read them, which no import
    /// needs.
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
            Ok(told) => Ok(Ok(told)),
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

    /// A refusal of the statuses alone is about them; one of everything is about the key or the way to the server.
    async fn confirm_that_lists_are_allowed(&self) -> Result<()> {
        let mut any = Window::anything(DateTime::UNIX_EPOCH);
        any.dialect = Dialect {
            fields_required: false,
            sort: Sort::Unsorted,
        };
        let what = "a list, to tell refused statuses from a refused key";
        self.call(what, list::url(self, &any, 1, 1), |_| Ok(())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Status {
        Status {
            name: Some(name.to_owned()),
            ..Status::default()
        }
    }

    #[test]
    fn each_name_is_a_question_once_an_hour_and_all_names_are_twenty() {
        let (mut questions, start) = (Questions::default(), Instant::now());
        let (first, second) = (named("Esperando"), named("Anulada"));
        assert!(!questions.are_worth_asking(&[], start));
        assert!(questions.are_worth_asking(&[&first], start));
        assert!(questions.are_worth_asking(&[&first], start), "the call failed");
        questions.asked(&[&first]);
        assert!(!questions.are_worth_asking(&[&first], start));
        assert!(questions.are_worth_asking(&[&first, &second], start));
        for number in 0..MOST_QUESTIONS {
            questions.asked(&[&named(&number.to_string())]);
        }
        assert!(!questions.are_worth_asking(&[&second], start));
        assert!(questions.are_worth_asking(&[&first], start + ASK_AGAIN));
    }

    #[test]
    fn a_status_that_is_no_longer_listed_is_remembered() {
        let statuses = |last: &[&str], open: &[&str]| {
            let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            Statuses {
                last: names(last),
                open: names(open),
            }
        };
        let learned = Learned::new(Some(statuses(&["Cerrada", "Anulada"], &["Abierta"])));
        learned.learn(statuses(&["Cerrada"], &["Esperando", "Anulada"]));
        assert_eq!(
            learned.known(),
            statuses(&["Cerrada"], &["Esperando", "Anulada", "Abierta"])
        );
    }
}
