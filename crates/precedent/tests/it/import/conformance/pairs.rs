//! A hundred pairs of quirks, which a seed chooses.

use servicedesk_sim::Quirk;

use super::case::{Case, is_refused};
use crate::support::Random;

const PAIRS: usize = 100;
const SEED: u64 = 20_260_311;

/// Pairs of each test.
const GROUP: usize = 5;

async fn a_hundred_pairs(group: usize) {
    for case in &pairs(SEED, PAIRS)[group * GROUP..][..GROUP] {
        case.assert_holds().await;
    }
}

/// Makes a test for each group of pairs, and counts them.
macro_rules! groups {
    ($($name:ident => $group:expr),* $(,)?) => {
        const GROUPS: &[usize] = &[$($group),*];

        cases!(a_hundred_pairs: $($name => ($group)),*);
    };
}

groups!(
    group_0 => 0,
    group_1 => 1,
    group_2 => 2,
    group_3 => 3,
    group_4 => 4,
    group_5 => 5,
    group_6 => 6,
    group_7 => 7,
    group_8 => 8,
    group_9 => 9,
    group_10 => 10,
    group_11 => 11,
    group_12 => 12,
    group_13 => 13,
    group_14 => 14,
    group_15 => 15,
    group_16 => 16,
    group_17 => 17,
    group_18 => 18,
    group_19 => 19,
);

#[test]
fn no_pair_is_left_out() {
    let all: Vec<_> = (0..PAIRS / GROUP).collect();
    assert_eq!(GROUPS, all);
}

/// Returns different pairs, each on an edition where both quirks can occur.
fn pairs(seed: u64, count: usize) -> Vec<Case> {
    let combinable: Vec<_> = Quirk::ALL
        .iter()
        .copied()
        .filter(|quirk| !is_refused(*quirk))
        .collect();
    let mut random = Random(seed);
    let mut choose = |bound: usize| random.below(bound as u64) as usize;
    let mut cases: Vec<Case> = Vec::new();
    while cases.len() < count {
        let mut quirks = vec![
            combinable[choose(combinable.len())],
            combinable[choose(combinable.len())],
        ];
        quirks.sort();
        let editions: Vec<_> = quirks[0]
            .editions()
            .iter()
            .filter(|edition| quirks[1].editions().contains(edition))
            .collect();
        // Statuses with unknown names and a list of statuses that the key may not read: no client can know the final ones.
        let is_undecidable = quirks == [Quirk::Q38, Quirk::Q44];
        let is_known = cases.iter().any(|case| case.quirks == quirks);
        if quirks[0] == quirks[1] || editions.is_empty() || is_undecidable || is_known {
            continue;
        }
        let edition = *editions[choose(editions.len())];
        cases.push(Case { quirks, edition });
    }
    cases
}
