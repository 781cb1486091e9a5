//! The statuses that a connection has learned so far.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use tokio::sync::Mutex;

use super::status_queries::StatusQueries;
use super::statuses::{MOST_NAMES, Statuses};

/// The statuses that a connection has learned, and the record of its queries for them.
#[derive(Debug, Default)]
pub(crate) struct StatusMemory {
    known: RwLock<Statuses>,
    /// Locked during a query, so that one query serves all pages.
    pub(crate) queries: Mutex<StatusQueries>,
}

impl StatusMemory {
    /// `remembered` are the statuses of an earlier process; they may be out of date.
    pub(crate) fn new(remembered: Option<Statuses>) -> Self {
        Self {
            known: RwLock::new(remembered.unwrap_or_default()),
            queries: Mutex::default(),
        }
    }

    pub(crate) fn known(&self) -> Statuses {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the statuses by a newer list. Keeps deleted statuses: tickets may still have them.
    pub(crate) fn learn(&self, mut listed: Statuses) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *known);
        let names: HashSet<String> = listed.last.iter().chain(&listed.open).cloned().collect();
        let deleted = |name: &String| !names.contains(name);
        listed.last.extend(before.last.into_iter().filter(deleted));
        listed.open.extend(before.open.into_iter().filter(deleted));
        listed.last.truncate(MOST_NAMES);
        listed.open.truncate(MOST_NAMES);
        *known = listed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_status_is_remembered() {
        let statuses = |last: &[&str], open: &[&str]| {
            let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            Statuses {
                last: names(last),
                open: names(open),
            }
        };
        let memory = StatusMemory::new(Some(statuses(&["Cerrada", "Anulada"], &["Abierta"])));
        memory.learn(statuses(&["Cerrada"], &["Esperando", "Anulada"]));
        assert_eq!(
            memory.known(),
            statuses(&["Cerrada"], &["Esperando", "Anulada", "Abierta"])
        );
    }
}
