//! Which statuses are final: names are the tenant's own words, in its own language.
//!
//! Cloud says with each ticket whether its status is in progress. Elsewhere the names that the product comes
//! with are known; when a ticket has another one, the list of statuses is asked for, once. Where that does
//! not tell either, the ticket's times decide.

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::wire::{Request, Status};
use crate::{Client, Error, Result};

/// Names that the product comes with, of open and of final statuses, in lower case.
const OPEN: [&str; 7] = [
    "open",
    "onhold",
    "on hold",
    "in progress",
    "assigned",
    "new",
    "pending",
];
const LAST: [&str; 5] = ["closed", "resolved", "canceled", "cancelled", "rejected"];

/// What `/statuses` told; empty where it told nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statuses {
    /// Names of final statuses, in the server's order.
    pub last: Vec<String>,
    /// Names of statuses of tickets that are still open.
    pub open: Vec<String>,
}

impl Statuses {
    fn of(rows: &[Status]) -> Self {
        let named = |in_progress: bool| {
            rows.iter()
                .filter(|status| status.in_progress == Some(in_progress))
                .filter_map(|status| status.name.clone())
                .collect()
        };
        Self {
            last: named(false),
            open: named(true),
        }
    }

    /// Whether the ticket is still open, or in the trash; not where nobody knows.
    pub(crate) fn is_open(&self, request: &Request) -> bool {
        request.is_trashed == Some(true) || self.judge(&request.status).unwrap_or(false)
    }

    /// Whether a status is open, `None` where nobody knows.
    pub(crate) fn judge(&self, status: &Status) -> Option<bool> {
        self.told(status).or(known(status))
    }

    /// Whether a status is open, as the server tells.
    fn told(&self, status: &Status) -> Option<bool> {
        let name = status.name.as_ref()?;
        let listed = || {
            let open = self.open.contains(name);
            (open || self.last.contains(name)).then_some(open)
        };
        status.in_progress.or_else(listed)
    }
}

/// Whether a status is open, by the names that the product comes with.
fn known(status: &Status) -> Option<bool> {
    let name = status.internal_name.as_ref().or(status.name.as_ref())?;
    let name = name.to_lowercase();
    let open = OPEN.contains(&name.as_str());
    (open || LAST.contains(&name.as_str())).then_some(open)
}

impl Client {
    /// Which statuses are final, as far as these tickets need it: the server is asked once, and only if a
    /// ticket has a status that does not speak for itself.
    pub(crate) async fn statuses_for(&self, requests: impl Iterator<Item = &Request>) -> Result<Statuses> {
        let none = Statuses::default();
        let known_so_far = self.learned_statuses().get().unwrap_or(&none);
        let mut unknown = requests
            .map(|request| &request.status)
            .filter(|status| status.name.is_some());
        let all_known = unknown.all(|status| known_so_far.judge(status).is_some());
        if all_known || self.settings().api == crate::Api::Story {
            return Ok(known_so_far.clone());
        }
        let ask = async || match self.statuses().await? {
            Ok(statuses) => Ok::<_, Error>(statuses),
            Err(error) => {
                warn!(
                    "the statuses cannot be read ({error}): the times of a ticket decide whether it is final"
                );
                Ok(Statuses::default())
            }
        };
        let learned = self.learned_statuses().get_or_try_init(ask).await?;
        Ok(learned.clone())
    }

    /// Asks for the statuses; `Err` inside where this key may not read them, which no import needs.
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
            Err(error @ (Error::Throttled { .. } | Error::Reauthorise(_))) => Err(error),
            told => Ok(told),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(status: &str) -> Request {
        serde_json::from_str(&format!(r#"{{"status": {status}}}"#)).expect("a request")
    }

    #[test]
    fn the_tenants_own_words_are_learned() {
        let rows = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/fixtures/statuses_localised.json"
        ))
        .expect("a fixture");
        let answer: crate::wire::Answer<crate::wire::Whole> = serde_json::from_str(&rows).expect("JSON");
        let statuses = Statuses::of(&answer.statuses.expect("statuses"));
        assert_eq!(statuses.last, ["Resuelta", "Cerrada", "Cancelada"]);
        for (status, open) in [
            (r#"{"name": "Abierta", "id": "1"}"#, true),
            (r#"{"name": "Esperando proveedor"}"#, true),
            (r#"{"name": "Cerrada"}"#, false),
            (r#"{"name": "Cerrada", "in_progress": true}"#, true),
            (r#"{"name": "Nadie sabe"}"#, false),
            (r#"{"name": "On Hold"}"#, true),
            (r#"{"name": "Nadie sabe", "internal_name": "Onhold"}"#, true),
            (r#"{"name": "Abierta", "internal_name": "Closed"}"#, true),
            ("null", false),
        ] {
            assert_eq!(statuses.is_open(&request(status)), open, "{status}");
        }
    }
}
