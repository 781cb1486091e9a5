//! Any split of tickets into batches gives the same table.

use std::collections::BTreeMap;

use proptest::prelude::*;
use store::Incoming;
use ticket::{Ticket, TicketId};

use crate::sample::{Stored, each, ticket};

/// The table that batches of `cuts` copies give: within a batch the last copy wins, even if the database refuses it.
/// Also returns the number of copies in these batches.
fn expected(copies: &[Incoming], cuts: &[usize]) -> (BTreeMap<TicketId, Ticket>, u64) {
    let mut table = BTreeMap::new();
    let mut rest = copies;
    for cut in cuts {
        let (batch, after) = rest.split_at((*cut).min(rest.len()));
        let last: BTreeMap<_, _> = batch
            .iter()
            .map(|copy| (copy.ticket.id.clone(), copy.ticket.clone()))
            .collect();
        table.extend(
            last.into_iter()
                .filter(|(_, ticket)| !ticket.subject.contains('\0')),
        );
        rest = after;
    }
    (table, (copies.len() - rest.len()) as u64)
}

async fn apply_in_batches(stored: &Stored, copies: &[Incoming], cuts: &[usize]) -> u64 {
    let mut rest = copies;
    let mut total = 0;
    for cut in cuts {
        let (batch, after) = rest.split_at((*cut).min(rest.len()));
        total += stored.apply(batch.to_vec()).await.counts.total();
        rest = after;
    }
    total
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Copies of a ticket come in the order of their change.
    #[test]
    fn any_split_into_batches_gives_the_same_table(
        changes in prop::collection::vec((0..6_u32, 0..3_u32), 1..30),
        cuts in prop::collection::vec(1..7_usize, 30),
    ) {
        let text = |text| if text == 2 { "nul \0" } else { "text" };
        let copies: Vec<_> = changes.iter().map(|(id, of)| ticket(&id.to_string(), text(*of))).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(each(async |stored| {
            let (table, applied) = expected(&copies, &cuts);
            assert_eq!(apply_in_batches(&stored, &copies, &cuts).await, applied);
            assert_eq!(stored.tickets().await, table.into_values().collect::<Vec<_>>());
        }));
    }
}
