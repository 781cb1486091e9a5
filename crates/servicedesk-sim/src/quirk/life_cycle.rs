//! Tickets that change while they are read: Q13 and Q54 to Q64.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Quirk;
use crate::calendar::DAY_MS;
use crate::call::{Call, CallKind};
use crate::desk::Desk;
use crate::hook::{Hook, Page};
use crate::population::is_final;
use crate::ticket::{Life, id_of};

/// The tickets that something happens to.
const VICTIMS: [u32; 3] = [12, 22, 32];
/// Into which they are merged.
const PARENT: u32 = 5;
/// Q13: list answers after which something happens.
const UNREST: u64 = 6;
/// Q63: one ticket of so many stays visible.
const SHARE: u32 = 20;

struct LifeCycle {
    quirk: Quirk,
    lists: AtomicU64,
    listed: Mutex<HashSet<u32>>,
}

pub(super) fn hook(quirk: Quirk) -> Arc<dyn Hook> {
    Arc::new(LifeCycle {
        quirk,
        lists: AtomicU64::new(0),
        listed: Mutex::default(),
    })
}

impl LifeCycle {
    /// Every final ticket has been shown in a list.
    fn all_were_listed(&self, desk: &Desk) -> bool {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let tickets = desk.read();
        let mut wanted = tickets.all.iter().filter(|ticket| is_final(ticket));
        wanted.all(|ticket| listed.contains(&ticket.number))
    }

    /// Q13: a ticket among the first rows is edited, another trashed, and a new one joins.
    fn unrest(&self, desk: &Desk) {
        let turn = self.lists.fetch_add(1, Ordering::Relaxed) as u32;
        if u64::from(turn) >= UNREST {
            return;
        }
        let id = |number| id_of(desk.options.edition, number).to_string();
        let (edited, trashed) = (id(10 * turn), id(10 * turn + 1));
        // The numbers are those of tickets that every desk of some size has.
        let _ = desk.edit_resolution(&edited, "edited meanwhile");
        let _ = desk.trash(&trashed);
        let added = desk.add_tickets(1);
        desk.unsettle([edited, trashed].into_iter().chain(added));
    }
}

impl Hook for LifeCycle {
    fn arrive(&self, desk: &Desk, call: &Call) {
        let victim = VICTIMS.map(|number| id_of(desk.options.edition, number).to_string());
        let Some(id) = call.id().filter(|id| victim.iter().any(|victim| victim == id)) else {
            return;
        };
        let parent = id_of(desk.options.edition, PARENT).to_string();
        // A victim is always there; what happens a second time changes nothing.
        let _ = match self.quirk {
            Quirk::Q54 | Quirk::Q58 | Quirk::Q60 => desk.delete(id),
            Quirk::Q57 => desk.trash(id),
            Quirk::Q59 => desk.merge(id, &parent),
            Quirk::Q61 => desk.reopen(id),
            _ => Ok(()),
        };
    }

    fn on_list(&self, _call: &Call, page: &mut Page) {
        if page.numbers.len() > 1 {
            let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
            listed.extend(&page.numbers);
        }
    }

    fn after(&self, desk: &Desk, call: &Call) {
        if call.kind() != CallKind::List {
            return;
        }
        let counts_only = call.row_count() < Some(2);
        if self.quirk == Quirk::Q13 && !counts_only {
            return self.unrest(desk);
        }
        // A count after everything was shown begins another reading.
        let late = matches!(self.quirk, Quirk::Q62 | Quirk::Q63 | Quirk::Q64);
        if !late
            || !counts_only
            || !self.all_were_listed(desk)
            || self.lists.fetch_add(1, Ordering::Relaxed) > 0
        {
            return;
        }
        match self.quirk {
            Quirk::Q62 => {
                let ids = VICTIMS.map(|number| id_of(desk.options.edition, number).to_string());
                // A victim is always there.
                ids.iter()
                    .for_each(|id| drop(desk.edit_resolution(id, "found the real cause")));
            }
            Quirk::Q63 => desk.change_all(|ticket| {
                if ticket.number % SHARE != 0 && ticket.life == Life::Present {
                    ticket.life = Life::Hidden;
                }
            }),
            _ => {
                let then_ms = desk.now_ms() - 10 * DAY_MS;
                let added = desk.add_tickets_closed_at(3, then_ms);
                desk.unsettle(added);
            }
        }
    }
}
