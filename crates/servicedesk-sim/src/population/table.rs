//! The table of tickets, and the edits that a test or a quirk makes to it while clients read.

use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use anyhow::Context;

use crate::edition::Edition;
use crate::population::clock::Clock;
use crate::population::populate::newcomer;
use crate::population::status::{CLOSED, OPEN};
use crate::population::ticket::{Life, Ticket, id_of, number_of};
use crate::synchronized::lock;

pub(crate) struct TicketTable {
    pub(crate) clock: Clock,
    edition: Edition,
    seed: u64,
    rows: RwLock<TicketRows>,
    unsettled: Mutex<Vec<String>>,
}

/// The tickets by number.
pub(crate) struct TicketRows {
    pub(crate) all: Vec<Ticket>,
    /// Changes with every edit.
    pub(crate) revision: u64,
}

/// An edit of one ticket.
#[derive(Clone, Copy)]
pub(crate) enum TicketEdit<'a> {
    Resolution(&'a str),
    Reopen,
    Close,
    Trash,
    Archive,
    Hide,
    Restore,
    Delete,
    Merge { into: u32 },
    Touch,
}

impl TicketEdit<'_> {
    fn apply(self, ticket: &mut Ticket, now_ms: i64) {
        match self {
            Self::Resolution(text) => ticket.edited_resolution = Some(text.into()),
            Self::Reopen => {
                ticket.status = OPEN;
                ticket.resolved_ms = None;
                ticket.completed_ms = None;
                ticket.reopened = true;
            }
            Self::Close => {
                ticket.status = CLOSED;
                ticket.resolved_ms = ticket.resolved_ms.or(Some(now_ms));
                ticket.completed_ms = Some(now_ms);
            }
            Self::Touch => {}
            Self::Trash => return ticket.life = Life::Trashed { at_ms: now_ms },
            Self::Archive => return ticket.life = Life::Archived,
            Self::Hide => return ticket.life = Life::Hidden,
            Self::Restore => return ticket.life = Life::Present,
            Self::Delete => return ticket.life = Life::Deleted,
            Self::Merge { into } => return ticket.life = Life::Merged { into },
        }
        ticket.updated_ms = Some(now_ms);
    }
}

impl TicketTable {
    pub(crate) fn new(edition: Edition, seed: u64, clock: Clock, all: Vec<Ticket>) -> Self {
        Self {
            clock,
            edition,
            seed,
            rows: RwLock::new(TicketRows { all, revision: 1 }),
            unsettled: Mutex::default(),
        }
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, TicketRows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, TicketRows> {
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        rows.revision += 1;
        rows
    }

    /// Returns the id of a ticket.
    pub(crate) fn id(&self, number: u32) -> String {
        id_of(self.edition, number).to_string()
    }

    /// Edits one ticket.
    ///
    /// # Errors
    /// When the id belongs to no ticket.
    pub(crate) fn edit(&self, id: &str, edit: TicketEdit<'_>) -> anyhow::Result<()> {
        let now_ms = self.clock.now_ms();
        let number = number_of(self.edition, id);
        let mut rows = self.write();
        let ticket = number.and_then(|number| rows.all.get_mut(number as usize));
        edit.apply(ticket.with_context(|| format!("no ticket {id}"))?, now_ms);
        Ok(())
    }

    /// Merges a ticket into another, and updates the other.
    ///
    /// # Errors
    /// When either id belongs to no ticket.
    pub(crate) fn merge(&self, id: &str, into: &str) -> anyhow::Result<()> {
        let parent = number_of(self.edition, into).with_context(|| format!("no ticket {into}"))?;
        self.edit(into, TicketEdit::Touch)?;
        self.edit(id, TicketEdit::Merge { into: parent })
    }

    /// Edits every ticket.
    pub(crate) fn edit_all(&self, edit: impl FnMut(&mut Ticket)) {
        self.write().all.iter_mut().for_each(edit);
    }

    /// Adds tickets that were closed at a time, and returns their ids.
    pub(crate) fn add(&self, count: u32, closed_ms: i64) -> Vec<String> {
        let mut rows = self.write();
        let first = rows.all.len() as u32;
        let numbers = first..first + count;
        rows.all.extend(
            numbers
                .clone()
                .map(|number| newcomer(self.seed, number, closed_ms)),
        );
        numbers.map(|number| self.id(number)).collect()
    }

    /// Marks tickets that a quirk changed while a client read.
    pub(crate) fn unsettle(&self, ids: impl IntoIterator<Item = String>) {
        lock(&self.unsettled).extend(ids);
    }

    /// Returns the marked tickets.
    pub(crate) fn unsettled(&self) -> Vec<String> {
        lock(&self.unsettled).clone()
    }
}
