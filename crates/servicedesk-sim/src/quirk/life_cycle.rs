//! Quirks that change tickets while a client reads: Q13, Q54 and Q57 to Q64.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::calendar::DAY_MS;
use crate::exchange::call::{Call, CallKind};
use crate::hook::{Hook, Page};
use crate::population::table::{TicketEdit, TicketTable};
use crate::population::ticket::Life;
use crate::quirk::catalog::Quirk;
use crate::synchronized::lock;

/// Numbers of the tickets that change.
const VICTIMS: [u32; 3] = [12, 22, 32];
/// Number of the ticket into which they are merged.
const PARENT: u32 = 5;
/// Number of list answers after which tickets change (Q13).
const UNREST: u64 = 6;
/// One ticket in this many stays visible (Q63).
const SHARE: u32 = 20;

pub(crate) struct LifeCycle {
    quirk: Quirk,
    lists: AtomicU64,
    listed: Mutex<HashSet<u32>>,
}

impl LifeCycle {
    pub(crate) fn new(quirk: Quirk) -> Self {
        Self {
            quirk,
            lists: AtomicU64::new(0),
            listed: Mutex::default(),
        }
    }

    /// Returns whether a list has shown every final ticket.
    fn all_were_listed(&self, tickets: &TicketTable) -> bool {
        let listed = lock(&self.listed);
        let rows = tickets.read();
        let mut wanted = rows.all.iter().filter(|ticket| ticket.is_final());
        wanted.all(|ticket| listed.contains(&ticket.number))
    }

    /// Edits a ticket among the first rows, trashes another and adds one (Q13).
    fn unrest(&self, tickets: &TicketTable) {
        let turn = self.lists.fetch_add(1, Ordering::Relaxed) as u32;
        if u64::from(turn) >= UNREST {
            return;
        }
        let (edited, trashed) = (tickets.id(10 * turn), tickets.id(10 * turn + 1));
        // A small desk may not have these tickets.
        let _ = tickets.edit(&edited, TicketEdit::Resolution("edited meanwhile"));
        let _ = tickets.edit(&trashed, TicketEdit::Trash);
        let added = tickets.add(1, tickets.clock.now_ms());
        tickets.unsettle([edited, trashed].into_iter().chain(added));
    }
}

impl Hook for LifeCycle {
    fn arrive(&self, tickets: &TicketTable, call: &Call) {
        let is_victim = |id: &&str| VICTIMS.iter().any(|number| tickets.id(*number) == *id);
        let Some(id) = call.id().filter(is_victim) else {
            return;
        };
        // A second change of the same victim has no effect.
        let _ = match self.quirk {
            Quirk::Q54 | Quirk::Q58 | Quirk::Q60 => tickets.edit(id, TicketEdit::Delete),
            Quirk::Q57 => tickets.edit(id, TicketEdit::Trash),
            Quirk::Q59 => tickets.merge(id, &tickets.id(PARENT)),
            Quirk::Q61 => tickets.edit(id, TicketEdit::Reopen),
            _ => Ok(()),
        };
    }

    fn on_list(&self, _call: &Call, page: &mut Page) {
        if page.numbers.len() > 1 {
            lock(&self.listed).extend(&page.numbers);
        }
    }

    fn after(&self, tickets: &TicketTable, call: &Call) {
        if call.kind() != CallKind::List {
            return;
        }
        let counts_only = call.row_count() < Some(2);
        if self.quirk == Quirk::Q13 && !counts_only {
            return self.unrest(tickets);
        }
        // A count after every ticket was listed begins another reading.
        let late = matches!(self.quirk, Quirk::Q62 | Quirk::Q63 | Quirk::Q64);
        if !late
            || !counts_only
            || !self.all_were_listed(tickets)
            || self.lists.fetch_add(1, Ordering::Relaxed) > 0
        {
            return;
        }
        match self.quirk {
            Quirk::Q62 => {
                let edit = TicketEdit::Resolution("found the real cause");
                for number in VICTIMS {
                    // A small desk may not have this ticket.
                    let _ = tickets.edit(&tickets.id(number), edit);
                }
            }
            Quirk::Q63 => tickets.edit_all(|ticket| {
                if ticket.number % SHARE != 0 && ticket.life == Life::Present {
                    ticket.life = Life::Hidden;
                }
            }),
            _ => {
                let added = tickets.add(3, tickets.clock.now_ms() - 10 * DAY_MS);
                tickets.unsettle(added);
            }
        }
    }
}
