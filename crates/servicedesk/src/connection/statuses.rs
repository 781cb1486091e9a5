//! The statuses of a helpdesk, open and final. Names are the tenant's own words, in its own language.
//!
//! Three sources decide, in this order: `in_progress` of the ticket's status (cloud only), the server's list
//! of statuses, and the names that the product ships with. If none of them knows a status, the ticket's
//! times decide.

use serde::{Deserialize, Serialize};

use crate::wire::{Request, Status};

/// Maximum names of a kind; a helpdesk has a few dozen.
pub(super) const MOST_NAMES: usize = 1_000;

/// Maximum bytes of a name.
pub(super) const NAME_BYTES: usize = 500;

/// Names of open statuses that the product ships with, in lower case.
const OPEN: [&str; 7] = [
    "open",
    "onhold",
    "on hold",
    "in progress",
    "assigned",
    "new",
    "pending",
];

/// Names of final statuses that the product ships with, in lower case.
const LAST: [&str; 5] = ["closed", "resolved", "canceled", "cancelled", "rejected"];

/// The server's list of statuses; empty if the server gave none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statuses {
    /// Names of final statuses, in the server's order.
    pub last: Vec<String>,
    /// Names of statuses of tickets that are still open.
    pub open: Vec<String>,
}

impl Statuses {
    /// Sorts the rows of `/statuses` by `in_progress`.
    pub(crate) fn of(rows: &[Status]) -> Self {
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

    /// Returns whether a ticket is open or in the trash; false for an unknown status.
    pub(crate) fn is_open(&self, request: &Request) -> bool {
        request.is_trashed == Some(true) || self.judge(&request.status).unwrap_or(false)
    }

    /// Returns whether a status is open; `None` for an unknown status.
    pub(crate) fn judge(&self, status: &Status) -> Option<bool> {
        self.listed(status).or(shipped(status))
    }

    /// Returns whether a status is open, by the server's own word.
    fn listed(&self, status: &Status) -> Option<bool> {
        let name = status.name.as_ref()?;
        let by_name = || {
            let open = self.open.contains(name);
            (open || self.last.contains(name)).then_some(open)
        };
        status.in_progress.or_else(by_name)
    }
}

/// Returns whether a status is open, by the names that the product ships with.
fn shipped(status: &Status) -> Option<bool> {
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
    fn the_servers_list_decides_before_the_shipped_names() {
        let rows = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/fixtures/statuses_localised.json"
        ))
        .expect("a fixture");
        let answer: crate::wire::Answer<crate::Row> =
            crate::Row::all_of(&std::sync::Arc::new(rows.into())).expect("JSON");
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
