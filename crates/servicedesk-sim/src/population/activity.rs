//! Spontaneous changes: tickets are edited, closed, reopened, added, trashed and restored at a steady rate of the
//! desk's clock. The n-th change follows from the seed and the changes before it, not from the time.

use crate::calendar::DAY_MS;
use crate::population::change::{Change, ChangeKind};
use crate::population::table::{TicketEdit, TicketTable};
use crate::population::ticket::{Life, Ticket};
use crate::random::SplitMix64;

/// Purpose of the random stream.
const PURPOSE: u64 = 11;

/// Maximum number of changes made at once after the clock skipped time.
const MAX_AT_ONCE: u64 = 1_000;

#[derive(Default)]
pub(crate) struct Activity {
    rate: Option<Rate>,
    pub(crate) changes: Vec<Change>,
}

struct Rate {
    per_day: f64,
    since_ms: i64,
    done: u64,
}

impl Activity {
    /// Makes this many changes per day from now on; 0 stops them.
    pub(crate) fn set_rate(&mut self, per_day: f64, now_ms: i64) {
        self.rate = (per_day.is_finite() && per_day > 0.0).then_some(Rate {
            per_day,
            since_ms: now_ms,
            done: 0,
        });
    }

    /// Makes the changes that are due, and returns them.
    pub(crate) fn catch_up(&mut self, tickets: &TicketTable, seed: u64) -> Vec<Change> {
        let Some(rate) = &mut self.rate else {
            return Vec::new();
        };
        let days = (tickets.clock.now_ms() - rate.since_ms) as f64 / DAY_MS as f64;
        let due = (days * rate.per_day) as u64;
        let count = due.saturating_sub(rate.done).min(MAX_AT_ONCE);
        rate.done += count;
        let first = self.changes.len();
        for _ in 0..count {
            let number = self.changes.len() as u32;
            self.changes.extend(change(tickets, seed, number));
        }
        self.changes[first..].to_vec()
    }
}

/// Makes the n-th change; without a ticket that it fits, adds one.
fn change(tickets: &TicketTable, seed: u64, number: u32) -> Option<Change> {
    let mut random = SplitMix64::for_ticket(seed, number, PURPOSE);
    let kind = match random.below(100) {
        0..35 => ChangeKind::Edited,
        35..50 => ChangeKind::Closed,
        50..65 => ChangeKind::Reopened,
        65..90 => ChangeKind::Added,
        90..96 => ChangeKind::Trashed,
        _ => ChangeKind::Restored,
    };
    let (kind, id) = match choose(tickets, &mut random, kind) {
        Some(id) => (kind, id),
        None => (ChangeKind::Added, tickets.add(1, tickets.clock.now_ms()).pop()?),
    };
    let text = format!("cause {number} was found, and cure {number} applied");
    let edit = match kind {
        ChangeKind::Edited => Some(TicketEdit::Resolution(&text)),
        ChangeKind::Closed => Some(TicketEdit::Close),
        ChangeKind::Reopened => Some(TicketEdit::Reopen),
        ChangeKind::Added => None,
        ChangeKind::Trashed => Some(TicketEdit::Trash),
        ChangeKind::Restored => Some(TicketEdit::Restore),
    };
    if let Some(edit) = edit {
        tickets.edit(&id, edit).ok()?;
    }
    Some(Change {
        at_ms: tickets.clock.now_ms(),
        elapsed_ms: tickets.clock.elapsed_ms(),
        kind,
        id,
    })
}

/// Chooses a ticket that fits the change.
fn choose(tickets: &TicketTable, random: &mut SplitMix64, kind: ChangeKind) -> Option<String> {
    let fits = |ticket: &&Ticket| {
        let present = ticket.life == Life::Present && ticket.defect.is_none();
        match kind {
            ChangeKind::Edited | ChangeKind::Reopened | ChangeKind::Trashed => present && ticket.is_final(),
            ChangeKind::Closed => present && !ticket.is_final(),
            ChangeKind::Added => false,
            ChangeKind::Restored => matches!(ticket.life, Life::Trashed { .. }),
        }
    };
    let rows = tickets.read();
    let start = random.below(rows.all.len() as u64) as usize;
    let (before, after) = rows.all.split_at(start);
    let found = after.iter().chain(before).find(fits)?;
    Some(tickets.id(found.number))
}
