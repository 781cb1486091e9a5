//! What happens to tickets while clients look.

use std::sync::PoisonError;

use anyhow::Context;

use super::Desk;
use crate::population::newcomer;
use crate::status::{CLOSED, OPEN};
use crate::ticket::{Life, Ticket, id_of, number_of};

impl Desk {
    /// Writes another resolution.
    ///
    /// # Errors
    /// When there is no such ticket; so for every change below.
    pub fn edit_resolution(&self, id: &str, text: &str) -> anyhow::Result<()> {
        self.change(id, |ticket, now_ms| {
            ticket.edited_resolution = Some(text.into());
            ticket.updated_ms = Some(now_ms);
        })
    }

    /// Opens a final ticket again: its final times are gone.
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn reopen(&self, id: &str) -> anyhow::Result<()> {
        self.change(id, |ticket, now_ms| {
            ticket.status = OPEN;
            ticket.resolved_ms = None;
            ticket.completed_ms = None;
            ticket.reopened = true;
            ticket.updated_ms = Some(now_ms);
        })
    }

    /// Closes a ticket.
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn close(&self, id: &str) -> anyhow::Result<()> {
        self.change(id, |ticket, now_ms| {
            ticket.status = CLOSED;
            ticket.resolved_ms = ticket.resolved_ms.or(Some(now_ms));
            ticket.completed_ms = Some(now_ms);
            ticket.updated_ms = Some(now_ms);
        })
    }

    /// Moves a ticket to the trash: it leaves the lists, its detail still answers.
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn trash(&self, id: &str) -> anyhow::Result<()> {
        self.change(id, |ticket, now_ms| ticket.life = Life::Trashed { at_ms: now_ms })
    }

    /// Moves a ticket to the archive, as a desk on premises does with what was closed long ago.
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn archive(&self, id: &str) -> anyhow::Result<()> {
        self.change(id, |ticket, _| ticket.life = Life::Archived)
    }

    /// Hides a ticket from the key, as where its technician moved to another site.
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn hide(&self, id: &str) -> anyhow::Result<()> {
        self.change(id, |ticket, _| ticket.life = Life::Hidden)
    }

    /// Takes a ticket out of the trash.
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn restore(&self, id: &str) -> anyhow::Result<()> {
        self.change(id, |ticket, _| ticket.life = Life::Present)
    }

    /// Deletes a ticket for good.
    ///
    /// # Errors
    /// When there is no such ticket.
    pub fn delete(&self, id: &str) -> anyhow::Result<()> {
        self.change(id, |ticket, _| ticket.life = Life::Deleted)
    }

    /// Merges a ticket into another, whose last update moves.
    ///
    /// # Errors
    /// When either does not exist.
    pub fn merge(&self, id: &str, into: &str) -> anyhow::Result<()> {
        let parent = number_of(self.options.edition, into).with_context(|| format!("no ticket {into}"))?;
        self.change(into, |ticket, now_ms| ticket.updated_ms = Some(now_ms))?;
        self.change(id, |ticket, _| ticket.life = Life::Merged { into: parent })
    }

    /// Adds tickets that were closed just now, and gives their ids.
    pub fn add_tickets(&self, count: u32) -> Vec<String> {
        self.add_tickets_closed_at(count, self.now_ms())
    }

    /// Adds tickets that were closed then, and gives their ids.
    pub(crate) fn add_tickets_closed_at(&self, count: u32, now_ms: i64) -> Vec<String> {
        let mut tickets = self.tickets.write().unwrap_or_else(PoisonError::into_inner);
        tickets.revision += 1;
        let mut ids = Vec::new();
        for _ in 0..count {
            let number = tickets.all.len() as u32;
            tickets
                .all
                .push(newcomer(&self.options, &self.renderer.directory, number, now_ms));
            ids.push(id_of(self.options.edition, number).to_string());
        }
        ids
    }

    pub(crate) fn change_all(&self, change: impl FnMut(&mut Ticket)) {
        let mut tickets = self.tickets.write().unwrap_or_else(PoisonError::into_inner);
        tickets.all.iter_mut().for_each(change);
        tickets.revision += 1;
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Ticket, i64)) -> anyhow::Result<()> {
        let now_ms = self.now_ms();
        let number = number_of(self.options.edition, id);
        let mut tickets = self.tickets.write().unwrap_or_else(PoisonError::into_inner);
        let ticket = number.and_then(|number| tickets.all.get_mut(number as usize));
        change(ticket.with_context(|| format!("no ticket {id}"))?, now_ms);
        tickets.revision += 1;
        Ok(())
    }
}
