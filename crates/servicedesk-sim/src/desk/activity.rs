//! What happens at a desk by itself: tickets are edited, closed, opened again, added, trashed and restored at a steady
//! rate of the desk's clock. The n-th change follows from the seed and the changes before it, not from the time.

use std::sync::{MutexGuard, PoisonError};

use serde::Serialize;

use super::Desk;
use crate::calendar::DAY_MS;
use crate::population::is_final;
use crate::random::SplitMix64;
use crate::ticket::{Life, Ticket, id_of};

const PURPOSE: u64 = 11;

/// Changes that are caught up with at once, after the clock was moved.
const MOST_AT_ONCE: u64 = 1_000;

/// Something that happened to a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// When, by the desk's clock.
    pub at_ms: i64,
    /// When, in real milliseconds since the desk was started.
    pub elapsed_ms: u64,
    /// What.
    pub kind: ChangeKind,
    /// To which ticket.
    pub id: String,
}

/// The kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A final ticket got another resolution.
    Edited,
    /// An open ticket was closed.
    Closed,
    /// A final ticket was opened again.
    Reopened,
    /// A ticket was added, closed already.
    Added,
    /// A final ticket was moved to the trash.
    Trashed,
    /// A ticket was taken out of the trash.
    Restored,
}

/// The state of the activity.
#[derive(Default)]
pub(crate) struct Activity {
    running: Option<Running>,
    changes: Vec<Change>,
}

struct Running {
    per_day: f64,
    since_ms: i64,
    done: u64,
}

impl Desk {
    /// Has so many changes happen in each day of the desk's clock from now on; 0 ends it. They happen while a
    /// [`crate::Simulator`] runs.
    pub fn set_changes_per_day(&self, per_day: f64) {
        let running = (per_day.is_finite() && per_day > 0.0).then(|| Running {
            per_day,
            since_ms: self.now_ms(),
            done: 0,
        });
        self.activity().running = running;
    }

    /// What happened by itself so far, in order.
    pub fn changes(&self) -> Vec<Change> {
        self.activity().changes.clone()
    }

    fn activity(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the changes that are due.
    pub(crate) fn catch_up(&self) -> Vec<Change> {
        let mut activity = self.activity();
        let now_ms = self.now_ms();
        let Some(running) = &mut activity.running else {
            return Vec::new();
        };
        let days = (now_ms - running.since_ms) as f64 / DAY_MS as f64;
        let due = (days * running.per_day) as u64;
        let count = due.saturating_sub(running.done).min(MOST_AT_ONCE);
        running.done += count;
        let first = activity.changes.len();
        for _ in 0..count {
            let number = activity.changes.len() as u32;
            activity.changes.extend(self.happen(number));
        }
        activity.changes[first..].to_vec()
    }

    /// The n-th change; `None` where there is no ticket that it could happen to.
    fn happen(&self, number: u32) -> Option<Change> {
        let mut random = SplitMix64::for_ticket(self.options.seed, number, PURPOSE);
        let kind = match random.below(100) {
            0..35 => ChangeKind::Edited,
            35..50 => ChangeKind::Closed,
            50..65 => ChangeKind::Reopened,
            65..90 => ChangeKind::Added,
            90..96 => ChangeKind::Trashed,
            _ => ChangeKind::Restored,
        };
        let chosen = self.any(&mut random, kind);
        // Without a ticket that it could happen to, a new one is never amiss.
        let (kind, id) = match chosen {
            Some(id) => (kind, id),
            None => (ChangeKind::Added, self.add_tickets(1).pop()?),
        };
        let made = match kind {
            ChangeKind::Edited => self.edit_resolution(
                &id,
                &format!("cause {number} was found, and cure {number} applied"),
            ),
            ChangeKind::Closed => self.close(&id),
            ChangeKind::Reopened => self.reopen(&id),
            ChangeKind::Added => Ok(()),
            ChangeKind::Trashed => self.trash(&id),
            ChangeKind::Restored => self.restore(&id),
        };
        made.ok()?;
        Some(Change {
            at_ms: self.now_ms(),
            elapsed_ms: self.elapsed_ms(),
            kind,
            id,
        })
    }

    /// A ticket that this can happen to.
    fn any(&self, random: &mut SplitMix64, kind: ChangeKind) -> Option<String> {
        let fits = |ticket: &&Ticket| {
            let present = ticket.life == Life::Present && ticket.defect.is_none();
            match kind {
                ChangeKind::Edited | ChangeKind::Reopened | ChangeKind::Trashed => {
                    present && is_final(ticket)
                }
                ChangeKind::Closed => present && !is_final(ticket),
                ChangeKind::Added => false,
                ChangeKind::Restored => matches!(ticket.life, Life::Trashed { .. }),
            }
        };
        let tickets = self.read();
        let start = random.below(tickets.all.len() as u64) as usize;
        let (before, after) = tickets.all.split_at(start);
        let found = after.iter().chain(before).find(fits)?;
        Some(id_of(self.options.edition, found.number).to_string())
    }
}
