//! Walks over lists that change during the walk.

use std::collections::BTreeSet;

use serde_json::json;
use servicedesk::Cursor;

use crate::scripted_list::{LAST_MS, Script, page, read, walk};

#[tokio::test]
async fn a_list_that_shrank_is_read_again() {
    // A row of the first page disappears after it was read. Without a second pass the walk would miss 101.
    let (ids, _) = read(|start, call, _| {
        if call == 0 {
            return (page(start, 100, 250), json!({"total_count": 250}));
        }
        (page(start + 1, 100, 250), json!({"total_count": 249}))
    })
    .await;
    assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), (1..=250).collect());
}

#[tokio::test]
async fn a_total_that_keeps_changing_does_not_prevent_the_end() {
    let (ids, asked) = read(|start, call, _| {
        (
            page(start, 100, 300),
            json!({"total_count": 300 + call, "has_more_rows": start + 99 < 300}),
        )
    })
    .await;
    assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), (1..=300).collect());
    assert!(asked.len() < 40, "{asked:?}");
}

#[tokio::test]
async fn a_walk_resumes_at_its_cursor_and_starts_over_if_the_list_drifted() {
    let script: Script = |start, _, _| {
        (
            page(start, 100, 450),
            json!({"total_count": 450, "has_more_rows": start + 99 < 450}),
        )
    };
    let cursor = |total| Cursor {
        spans: [(0, LAST_MS as i64)].into(),
        start_index: 301,
        total: Some(total),
        left: Vec::new(),
    };
    let (ids, asked) = walk(script, Some(cursor(450))).await;
    assert_eq!(ids.expect("read"), (301..=450).collect::<Vec<_>>());
    assert_eq!(asked, [301, 401]);
    let (ids, _) = walk(script, Some(cursor(451))).await;
    assert_eq!(
        ids.expect("read").into_iter().collect::<BTreeSet<_>>(),
        (1..=450).collect()
    );
}

#[tokio::test]
async fn a_ticket_that_leaves_is_detected_even_if_another_joins() {
    // Five tickets leave and 10,000 joins after the first page. The total is constant, and 101 slips over the edge.
    let (ids, asked) = read(|start, call, _| {
        let total = json!({"total_count": 250});
        match (call, start) {
            (0, _) => (1..101, total),
            (_, 1) => (6..106, total),
            (_, 101) => (102..202, total),
            (_, _) => (9_951..10_001, total),
        }
    })
    .await;
    assert!(ids.contains(&101), "{asked:?}");
}

#[tokio::test]
async fn a_second_pass_hands_out_no_row_twice() {
    let (ids, _) = read(|start, call, _| {
        let total = if call == 0 { 301 } else { 300 };
        (page(start, 100, 300), json!({"total_count": total}))
    })
    .await;
    assert_eq!(ids, (1..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn counted_but_hidden_tickets_cost_one_more_pass() {
    let (ids, asked) = read(|start, _, _| {
        (
            page(start, 100, 150),
            json!({"total_count": 170, "has_more_rows": start + 99 < 150}),
        )
    })
    .await;
    assert_eq!(ids, (1..=150).collect::<Vec<_>>());
    assert!(asked.len() <= 8, "{asked:?}");
}
