//! The truth about the tickets, with which tests compare what a client found.

use serde_json::json;

use super::Desk;
use crate::edition::Edition;
use crate::population::status::status;
use crate::population::ticket::{Life, Ticket, display_id_of};
use crate::population::truth::Truth;

impl Desk {
    /// Returns the number of tickets ever made.
    pub fn ticket_count(&self) -> usize {
        self.tickets.read().all.len()
    }

    /// Returns the truth about every ticket in a final status that lists show, in the order of creation.
    pub fn truth(&self) -> Vec<Truth> {
        self.truth_of_numbers(0, usize::MAX)
    }

    /// Returns the truth about `count` tickets from a number on.
    pub(crate) fn truth_of_numbers(&self, from: usize, count: usize) -> Vec<Truth> {
        let rows = self.tickets.read();
        let listed = |life| matches!(life, Life::Present | Life::Hidden | Life::Archived);
        let tickets = rows.all.iter().skip(from).take(count);
        let tickets = tickets.filter(|ticket| ticket.is_final() && listed(ticket.life));
        let hooks = self.hooks();
        let truths = tickets.map(|ticket| {
            let mut truth = self.truth_of(ticket);
            hooks.iter().for_each(|hook| hook.on_truth(ticket, &mut truth));
            truth
        });
        truths.collect()
    }

    fn truth_of(&self, ticket: &Ticket) -> Truth {
        let (renderer, number) = (&self.renderer, ticket.number);
        let id = self.tickets.id(number);
        let priority = &renderer.directory.priorities[usize::from(ticket.priority)];
        Truth {
            display_id: match self.options.edition {
                Edition::Cloud => display_id_of(number).to_string(),
                Edition::OnPremises | Edition::Msp => id.clone(),
            },
            id,
            subject: renderer.texts.subject(number).unwrap_or_default(),
            words: renderer.texts.description(number).unwrap_or_default().words(),
            resolution_words: renderer.resolution(ticket).words(),
            resolved_ms: ticket.final_ms(),
            updated_ms: ticket.updated_ms,
            tags: renderer.tags(ticket).iter().copied().map(str::to_owned).collect(),
            status: status(ticket.status).name.to_owned(),
            priority: priority.name.clone(),
            category: renderer.category_name(ticket).to_owned(),
            valid: ticket.defect.is_none(),
            reason: ticket
                .defect
                .and_then(|defect| json!(defect).as_str().map(str::to_owned)),
        }
    }

    /// Returns the ids of the open tickets.
    pub fn open_tickets(&self) -> Vec<String> {
        let rows = self.tickets.read();
        let tickets = rows.all.iter();
        let open = tickets.filter(|ticket| !ticket.is_final() && ticket.life == Life::Present);
        open.map(|ticket| self.tickets.id(ticket.number)).collect()
    }

    /// Returns the tickets that quirks changed while a client read: either state of them is right.
    pub fn unsettled(&self) -> Vec<String> {
        self.tickets.unsettled()
    }
}
