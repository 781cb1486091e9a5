//! Walks over lists with different ends, short pages and refusals.

use std::collections::BTreeSet;

use serde_json::json;
use servicedesk::Error;

use crate::scripted_list::{Script, page, read, walk};

#[tokio::test]
async fn any_sign_of_the_end_saves_further_calls() {
    let signs: [Script; 3] = [
        |start, _, _| (page(start, 100, 150), json!({"has_more_rows": start + 99 < 150})),
        |start, _, _| (page(start, 100, 150), json!({"total_count": 150})),
        |start, _, _| {
            (
                page(start, 100, 150),
                json!({"total_count": "150", "has_more_rows": start + 99 < 150}),
            )
        },
    ];
    for sign in signs {
        let (ids, asked) = read(sign).await;
        assert_eq!(ids, (1..=150).collect::<Vec<_>>());
        assert_eq!(asked, [1, 101]);
    }
}

#[tokio::test]
async fn without_a_sign_an_empty_page_is_the_end() {
    let (ids, asked) = read(|start, _, _| (page(start, 100, 200), json!({}))).await;
    assert_eq!(ids, (1..=200).collect::<Vec<_>>());
    assert_eq!(asked, [1, 101, 201]);
    let (ids, asked) = read(|start, _, _| (page(start, 100, 0), json!({}))).await;
    assert!(ids.is_empty());
    assert_eq!(asked, [1]);
}

#[tokio::test]
async fn a_known_total_costs_exactly_its_pages() {
    let (ids, asked) = read(|start, _, _| {
        (
            page(start, 100, 2_345),
            json!({"total_count": 2_345, "has_more_rows": start + 99 < 2_345}),
        )
    })
    .await;
    assert_eq!(ids, (1..=2_345).collect::<Vec<_>>());
    assert_eq!(asked, (0..24).map(|page| page * 100 + 1).collect::<Vec<_>>());
}

#[tokio::test]
async fn short_pages_lose_no_row() {
    let scripts: [Script; 2] = [
        |start, _, _| {
            (
                page(start, 40, 333),
                json!({"has_more_rows": start + 39 < 333, "total_count": 333}),
            )
        },
        |start, call, _| {
            let rows = if call == 2 { 97 } else { 100 };
            (
                page(start, rows, 333),
                json!({"has_more_rows": start + rows - 1 < 333, "total_count": 333}),
            )
        },
    ];
    for script in scripts {
        let (ids, _) = read(script).await;
        assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), (1..=333).collect());
    }
}

#[tokio::test]
async fn an_empty_page_before_the_end_is_skipped() {
    let (ids, _) = read(|start, _, _| {
        let hidden = start == 101;
        (
            if hidden { 0..0 } else { page(start, 100, 350) },
            json!({"has_more_rows": start + 99 < 350}),
        )
    })
    .await;
    assert_eq!(ids, (1..=100).chain(201..=350).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_server_that_repeats_a_page_is_an_error() {
    let (result, _) = walk(|_, _, _| (1..101, json!({"has_more_rows": true})), None).await;
    assert!(
        matches!(result, Err(Error::RepeatedPage { start_index: 101 })),
        "{result:?}"
    );
}

#[tokio::test]
async fn refused_deep_pages_split_the_window() {
    let (ids, asked) = read(|start, _, (from, to)| {
        let (first, last) = (from.div_ceil(10_000).max(1), to / 10_000);
        if start > 300 {
            return (0..0, json!({"refuse": true}));
        }
        let at = first + start - 1;
        (
            page(at, 100, last),
            json!({"total_count": last + 1 - first, "has_more_rows": at + 100 <= last}),
        )
    })
    .await;
    assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), (1..=999).collect());
    assert_eq!(ids.len(), 999, "each once");
    assert!(asked.len() < 40, "{asked:?}");
}
