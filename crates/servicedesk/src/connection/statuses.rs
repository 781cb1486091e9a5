//! Which statuses are final: names are the tenant's own words, in its own language.
//!
//! Cloud says with each ticket whether its status is in progress. Elsewhere the names that the product comes
//! with are known; when a ticket has another one, the list of statuses is asked for: once for each name that it
//! lacks, within the bounds of [`learned`]. Where the server says that it does not tell, the ticket's times decide.

mod learned;

use serde::{Deserialize, Serialize};

use crate::wire::{Request, Status};

pub(crate) use learned::Learned;

/// Maximum names of a kind that are kept, and bytes of one: a helpdesk has a few dozen short ones.
const MOST_NAMES: usize = 1_000;
const NAME_BYTES: usize = 500;

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
                .filter(|name| name.len() <= NAME_BYTES)
                .take(MOST_NAMES)
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
