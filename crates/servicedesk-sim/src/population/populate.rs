//! Makes the facts of every ticket from the seed.

use crate::calendar::DAY_MS;
use crate::population::defect::Defect;
use crate::population::directory::{GROUPS, PRIORITIES, REQUESTERS, TECHNICIANS};
use crate::population::status::{CANCELED, CLOSED, ON_HOLD, OPEN, RESOLVED};
use crate::population::ticket::{Life, Ticket};
use crate::random::SplitMix64;

/// Purpose of the random stream.
const PURPOSE: u64 = 10;
/// Quiet time before the desk starts, so that an edit is always later than the tickets.
const QUIET_MS: i64 = 10_000;

/// The plan of a population.
pub(crate) struct PopulationPlan {
    pub(crate) seed: u64,
    pub(crate) count: u32,
    pub(crate) now_ms: i64,
    /// Days before `now_ms` over which the tickets spread.
    pub(crate) days: u32,
    /// One ticket in this many is open; 0 for none.
    pub(crate) open_every: u32,
    /// One final ticket in this many is unusable; 0 for none.
    pub(crate) bad_every: u32,
}

/// Makes the tickets, oldest first.
pub(crate) fn populate(plan: &PopulationPlan) -> Vec<Ticket> {
    let (count, end_ms) = (plan.count, plan.now_ms - QUIET_MS);
    let span_ms = i64::from(plan.days.max(1)) * DAY_MS;
    let mut final_tickets = 0;
    let spread = |number: u32, random: &mut SplitMix64| {
        let slot_ms = span_ms / i64::from(count.max(1));
        let offset_ms = (i128::from(span_ms) * i128::from(number) / i128::from(count.max(1))) as i64;
        end_ms - span_ms + offset_ms + random.below(slot_ms.max(1) as u64) as i64
    };
    let mut tickets = Vec::with_capacity(count as usize);
    for number in 0..count {
        let mut random = SplitMix64::for_ticket(plan.seed, number, PURPOSE);
        let created_ms = spread(number, &mut random);
        let is_open = plan.open_every > 0 && number % plan.open_every == plan.open_every - 1;
        let mut ticket = opened(number, created_ms, &mut random);
        if is_open {
            ticket.status = if random.once_in(2) { OPEN } else { ON_HOLD };
            if random.once_in(2) {
                ticket.updated_ms = Some(later(&mut random, created_ms, end_ms, DAY_MS));
            }
        } else {
            final_tickets += 1;
            finish(&mut ticket, &mut random, end_ms);
            if plan.bad_every > 0 && final_tickets % plan.bad_every == 0 {
                let turn = (final_tickets / plan.bad_every - 1) as usize;
                spoil(&mut ticket, Defect::ALL[turn % Defect::ALL.len()]);
            }
        }
        tickets.push(ticket);
    }
    tickets
}

/// Makes a ticket that was resolved and closed at a time, to add to a running desk.
pub(crate) fn newcomer(seed: u64, number: u32, closed_ms: i64) -> Ticket {
    let mut random = SplitMix64::for_ticket(seed, number, PURPOSE);
    let mut ticket = opened(number, closed_ms - 3_600_000, &mut random);
    ticket.status = CLOSED;
    ticket.resolved_ms = Some(closed_ms - 1);
    ticket.completed_ms = Some(closed_ms);
    ticket.updated_ms = Some(closed_ms);
    ticket
}

fn opened(number: u32, created_ms: i64, random: &mut SplitMix64) -> Ticket {
    let group = random.below(GROUPS.len() as u64 + 1) as u8;
    Ticket {
        number,
        created_ms,
        resolved_ms: None,
        completed_ms: None,
        updated_ms: None,
        status: OPEN,
        priority: random.below(PRIORITIES.len() as u64) as u8,
        requester: random.below(REQUESTERS.len() as u64) as u8,
        technician: random.below(TECHNICIANS.len() as u64) as u8,
        group: (usize::from(group) < GROUPS.len()).then_some(group),
        service_request: random.once_in(12),
        reopened: false,
        defect: None,
        life: Life::Present,
        edited_resolution: None,
    }
}

/// Brings a ticket to a final status, in the combinations of times that real servers show.
fn finish(ticket: &mut Ticket, random: &mut SplitMix64, end_ms: i64) {
    let resolved_ms = later(random, ticket.created_ms, end_ms, 3 * DAY_MS);
    let completed_ms = later(random, resolved_ms, end_ms, 2 * DAY_MS);
    match random.below(100) {
        0..3 => {
            ticket.status = CANCELED;
            ticket.completed_ms = Some(completed_ms);
        }
        3..33 => {
            ticket.status = RESOLVED;
            ticket.resolved_ms = Some(resolved_ms);
            ticket.completed_ms = random.once_in(2).then_some(completed_ms);
        }
        _ => {
            ticket.status = CLOSED;
            ticket.resolved_ms = (!random.once_in(8)).then_some(resolved_ms);
            ticket.completed_ms = Some(completed_ms);
        }
    }
    if !random.once_in(6) {
        let last_ms = ticket
            .completed_ms
            .or(ticket.resolved_ms)
            .unwrap_or(ticket.created_ms);
        ticket.updated_ms = Some(later(random, last_ms, end_ms, 5_000));
    }
}

/// Marks a ticket as defect. A ticket with a broken time has no second time that a client could use instead.
fn spoil(ticket: &mut Ticket, defect: Defect) {
    ticket.defect = Some(defect);
    match defect {
        Defect::GarbageTime | Defect::NegativeTime => {
            ticket.status = RESOLVED;
            ticket.resolved_ms = ticket.final_ms();
            ticket.completed_ms = None;
        }
        Defect::NoFinalTime => {
            ticket.status = CLOSED;
            ticket.resolved_ms = None;
            ticket.completed_ms = None;
        }
        _ => {}
    }
}

/// Draws a time up to `reach_ms` after `start_ms`, never after `end_ms`.
fn later(random: &mut SplitMix64, start_ms: i64, end_ms: i64, reach_ms: i64) -> i64 {
    let room_ms = (end_ms - start_ms).clamp(0, reach_ms);
    start_ms + random.below(room_ms.max(1) as u64) as i64
}

/// The plan of tests.
#[cfg(test)]
pub(crate) const SAMPLE: PopulationPlan = PopulationPlan {
    seed: 1,
    count: 2_000,
    now_ms: 1_741_687_200_000,
    days: 120,
    open_every: 10,
    bad_every: 0,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_ordered_and_within_the_days() {
        let tickets = populate(&PopulationPlan { days: 30, ..SAMPLE });
        assert!(tickets.is_sorted_by_key(|ticket| ticket.created_ms));
        for ticket in &tickets {
            let steps = [
                Some(ticket.created_ms),
                ticket.resolved_ms,
                ticket.completed_ms,
                ticket.updated_ms,
            ];
            let steps: Vec<i64> = steps.into_iter().flatten().collect();
            assert!(steps.is_sorted(), "{ticket:?}");
            assert!(
                steps[0] >= SAMPLE.now_ms - 31 * DAY_MS && steps[steps.len() - 1] < SAMPLE.now_ms,
                "{ticket:?}"
            );
            assert_eq!(ticket.final_ms().is_some(), ticket.is_final());
        }
    }

    #[test]
    fn the_population_has_every_combination_of_times() {
        let tickets = populate(&SAMPLE);
        let count = |test: &dyn Fn(&Ticket) -> bool| tickets.iter().filter(|ticket| test(ticket)).count();
        assert_eq!(count(&|ticket| !ticket.is_final()), 200);
        assert!(count(&|ticket| ticket.status == CANCELED) > 20);
        assert!(count(&|ticket| ticket.status == CLOSED && ticket.resolved_ms.is_none()) > 50);
        assert!(count(&|ticket| ticket.status == RESOLVED && ticket.completed_ms.is_none()) > 50);
        assert!(count(&|ticket| ticket.is_final() && ticket.updated_ms.is_none()) > 100);
    }

    #[test]
    fn bad_tickets_take_turns_among_final_ones() {
        let tickets = populate(&PopulationPlan {
            bad_every: 100,
            ..SAMPLE
        });
        let bad: Vec<_> = tickets.iter().filter_map(|ticket| ticket.defect).collect();
        assert_eq!(bad.len(), 18);
        assert_eq!(bad[..10], Defect::ALL);
        assert!(
            tickets
                .iter()
                .filter(|ticket| ticket.defect.is_some())
                .all(Ticket::is_final)
        );
    }
}
