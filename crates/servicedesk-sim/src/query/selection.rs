//! The tickets that a list call selects, in its order. Sorted orders and selections are kept until a ticket changes, so
//! a client that pages through a million tickets makes the desk sort them once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use crate::population::table::TicketRows;
use crate::population::ticket::Life;
use crate::query::field::Field;
use crate::query::filter::Filter;
use crate::query::list_info::ListQuery;
use crate::query::sort::{Order, SortKey};
use crate::random::mix;
use crate::render::renderer::Renderer;
use crate::synchronized::lock;

/// Maximum number of selections kept; one of a million tickets takes 4 MB.
const KEPT_SELECTIONS: usize = 32;
/// Distance in rows between a row and its repetition, so that some repetitions fall on the next page.
const REPEAT_DISTANCE: usize = 3;

/// The tickets of a list, all pages.
#[derive(Debug)]
pub(crate) struct Selection {
    /// Ticket numbers in order, repeated rows included.
    pub(crate) numbers: Vec<u32>,
    /// Number of distinct tickets.
    pub(crate) total: usize,
}

/// The selections since the last change.
#[derive(Default)]
pub(crate) struct SelectionCache {
    kept: Mutex<KeptSelections>,
}

#[derive(Default)]
struct KeptSelections {
    revision: u64,
    orders: HashMap<SortKey, Arc<Vec<u32>>>,
    selections: HashMap<String, Arc<Selection>>,
}

/// The tickets from which a selection chooses.
pub(crate) struct SelectionSource<'a> {
    pub(crate) tickets: &'a TicketRows,
    pub(crate) renderer: &'a Renderer,
    pub(crate) seed: u64,
    pub(crate) duplicate_every: u32,
}

impl SelectionCache {
    /// Returns the selection of a query.
    pub(crate) fn select(&self, source: &SelectionSource<'_>, query: &ListQuery) -> Arc<Selection> {
        let mut kept = lock(&self.kept);
        if kept.revision != source.tickets.revision {
            *kept = KeptSelections {
                revision: source.tickets.revision,
                ..KeptSelections::default()
            };
        }
        if let Some(selection) = kept.selections.get(&query.cache_key) {
            return Arc::clone(selection);
        }
        let selection = Arc::new(kept.make(source, &query.filter, query.order));
        if kept.selections.len() >= KEPT_SELECTIONS {
            kept.selections.clear();
        }
        kept.selections
            .insert(query.cache_key.clone(), Arc::clone(&selection));
        selection
    }
}

impl KeptSelections {
    fn make(&mut self, source: &SelectionSource<'_>, filter: &Filter, order: Order) -> Selection {
        let ticket = |number: u32| &source.tickets.all[number as usize];
        let matching = |numbers: &[u32]| -> Vec<u32> {
            let matches = |&&number: &&u32| filter.matches(source.renderer, ticket(number));
            numbers.iter().filter(matches).copied().collect()
        };
        let mut numbers = match filter.range() {
            Some(range) => {
                let by_time = self.order(source, SortKey::Time(range.field));
                let time = |number: &u32| range.field.of(ticket(*number));
                let from = by_time.partition_point(|number| time(number) < Some(range.from_ms));
                let to = by_time.partition_point(|number| time(number) <= Some(range.to_ms));
                let candidates = by_time.get(from..to).unwrap_or_default();
                let mut numbers = matching(candidates);
                if order.key != SortKey::Time(range.field) {
                    sort(source, order.key, &mut numbers);
                }
                numbers
            }
            None => matching(&self.order(source, order.key)),
        };
        if order.descending {
            numbers.reverse();
        }
        let total = numbers.len();
        Selection {
            numbers: with_repeats(numbers, source.duplicate_every),
            total,
        }
    }

    /// Returns every present ticket in ascending order of a key.
    fn order(&mut self, source: &SelectionSource<'_>, key: SortKey) -> Arc<Vec<u32>> {
        let sorted = || {
            let tickets = source.tickets.all.iter();
            let present = tickets.filter(|ticket| ticket.life == Life::Present);
            let mut numbers: Vec<u32> = present.map(|ticket| ticket.number).collect();
            sort(source, key, &mut numbers);
            Arc::new(numbers)
        };
        Arc::clone(self.orders.entry(key).or_insert_with(sorted))
    }
}

/// Sorts by a key, then by the order of creation. Times that were never set come first.
fn sort(source: &SelectionSource<'_>, key: SortKey, numbers: &mut [u32]) {
    let ticket = |number: &u32| &source.tickets.all[*number as usize];
    match key {
        SortKey::Number => numbers.sort_unstable(),
        SortKey::Time(field) => numbers.sort_unstable_by_key(|number| (field.of(ticket(number)), *number)),
        SortKey::Priority => numbers.sort_unstable_by_key(|number| (ticket(number).priority, *number)),
        SortKey::Status => numbers.sort_unstable_by_key(|number| (ticket(number).status, *number)),
        SortKey::Unsorted => numbers.sort_unstable_by_key(|number| mix(source.seed ^ u64::from(*number))),
        SortKey::Subject => numbers.sort_by_cached_key(|number| {
            let subject = Field::Subject.text_of(source.renderer, ticket(number));
            (subject.map(std::borrow::Cow::into_owned), *number)
        }),
    }
}

/// Repeats every n-th ticket a few rows later.
fn with_repeats(numbers: Vec<u32>, every: u32) -> Vec<u32> {
    if every == 0 {
        return numbers;
    }
    let mut rows = Vec::with_capacity(numbers.len() + numbers.len() / every as usize + 1);
    let mut waiting: VecDeque<(usize, u32)> = VecDeque::new();
    for number in numbers {
        while let Some((_, repeated)) = waiting.pop_front_if(|(due, _)| *due <= rows.len()) {
            rows.push(repeated);
        }
        rows.push(number);
        if number % every == every - 1 {
            waiting.push_back((rows.len() + REPEAT_DISTANCE, number));
        }
    }
    rows.extend(waiting.into_iter().map(|(_, repeated)| repeated));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edition::Edition;
    use crate::population::populate::{PopulationPlan, SAMPLE, populate};
    use crate::query::list_info::parse;

    #[test]
    fn repeated_rows_come_later_and_lose_no_row() {
        let rows = with_repeats((0..20).collect(), 10);
        assert_eq!(
            rows,
            [
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 9, 13, 14, 15, 16, 17, 18, 19, 19
            ]
        );
        assert_eq!(with_repeats(vec![1, 2], 0), [1, 2]);
    }

    #[test]
    fn an_index_range_selects_the_same_tickets_as_a_scan() {
        let renderer = Renderer::sample(Edition::Cloud);
        let tickets = TicketRows {
            all: populate(&PopulationPlan { count: 800, ..SAMPLE }),
            revision: 1,
        };
        let source = SelectionSource {
            tickets: &tickets,
            renderer: &renderer,
            seed: 1,
            duplicate_every: 0,
        };
        let selections = SelectionCache::default();
        let tickets = &tickets.all;
        let (from, to) = (tickets[200].created_ms, tickets[500].created_ms);
        for field in [
            "created_time",
            "resolved_time",
            "completed_time",
            "last_updated_time",
        ] {
            for sort in ["created_time", "id", "last_updated_time", "subject"] {
                let input = format!(
                    r#"{{"list_info":{{"sort_field":"{sort}","sort_order":"desc","search_criteria":{{"field":"{field}",
                    "condition":"between","values":["{from}","{to}"]}}}}}}"#
                );
                let query = parse(Some(&input), Edition::Cloud).expect("valid");
                let selection = selections.select(&source, &query);
                let mut found = selection.numbers.clone();
                found.sort_unstable();
                let matching = tickets
                    .iter()
                    .filter(|ticket| query.filter.matches(&renderer, ticket));
                let expected: Vec<u32> = matching.map(|ticket| ticket.number).collect();
                assert_eq!(found, expected, "{field} by {sort}");
                assert!(!found.is_empty());
                if sort == "created_time" {
                    assert!(selection.numbers.is_sorted_by_key(|number| u32::MAX - number));
                }
            }
        }
    }
}
