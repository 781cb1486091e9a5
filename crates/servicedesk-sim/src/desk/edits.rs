//! The edits that a test makes to tickets. Each fails when an id belongs to no ticket.

use super::Desk;
use crate::population::table::TicketEdit;

impl Desk {
    /// Writes another resolution.
    pub fn edit_resolution(&self, id: &str, text: &str) -> anyhow::Result<()> {
        self.tickets.edit(id, TicketEdit::Resolution(text))
    }

    /// Reopens a final ticket, and removes its final times.
    pub fn reopen(&self, id: &str) -> anyhow::Result<()> {
        self.tickets.edit(id, TicketEdit::Reopen)
    }

    /// Closes a ticket.
    pub fn close(&self, id: &str) -> anyhow::Result<()> {
        self.tickets.edit(id, TicketEdit::Close)
    }

    /// Moves a ticket to the trash: it leaves the lists, its detail still answers.
    pub fn trash(&self, id: &str) -> anyhow::Result<()> {
        self.tickets.edit(id, TicketEdit::Trash)
    }

    /// Moves a ticket to the archive, as a server on premises does long after the ticket was closed.
    pub fn archive(&self, id: &str) -> anyhow::Result<()> {
        self.tickets.edit(id, TicketEdit::Archive)
    }

    /// Hides a ticket from the key, as when its technician moves to another site.
    pub fn hide(&self, id: &str) -> anyhow::Result<()> {
        self.tickets.edit(id, TicketEdit::Hide)
    }

    /// Restores a ticket from the trash.
    pub fn restore(&self, id: &str) -> anyhow::Result<()> {
        self.tickets.edit(id, TicketEdit::Restore)
    }

    /// Deletes a ticket for good.
    pub fn delete(&self, id: &str) -> anyhow::Result<()> {
        self.tickets.edit(id, TicketEdit::Delete)
    }

    /// Merges a ticket into another, and updates the other.
    pub fn merge(&self, id: &str, into: &str) -> anyhow::Result<()> {
        self.tickets.merge(id, into)
    }

    /// Adds tickets that were closed just now, and returns their ids.
    pub fn add_tickets(&self, count: u32) -> Vec<String> {
        self.tickets.add(count, self.now_ms())
    }
}
