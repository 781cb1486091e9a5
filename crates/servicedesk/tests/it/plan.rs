//! Plans for servers that each understand criteria in their own way.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Json, Router, routing::get};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use servicedesk::{Edition, Filter, Window};

use crate::client::client_of;

const NOW_MS: i64 = 1_770_000_000_000;
const DAY_MS: i64 = 86_400_000;
const DAYS: i64 = 30;
/// Later than every range.
const FAR_MS: i64 = NOW_MS + 400 * DAY_MS;
/// More than three windows hold.
const TICKETS: i64 = 36_000;

/// What a server makes of a test for null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NullTest {
    Honoured,
    Ignored,
    MatchesNothing,
    Refused,
}

struct Ticket {
    resolved_ms: Option<i64>,
    completed_ms: i64,
}

struct Desk {
    null_test: NullTest,
    /// Criteria after the first are ignored.
    first_criterion_only: bool,
    tickets: Vec<Ticket>,
}

impl Desk {
    /// Resolved a day before they were completed, but for every tenth, which was never resolved.
    fn new(null_test: NullTest) -> Self {
        Self::with(null_test, TICKETS)
    }

    /// So many of them.
    fn with(null_test: NullTest, tickets: i64) -> Self {
        let ticket = |number: i64| {
            let completed_ms = NOW_MS - DAYS * DAY_MS * number / tickets;
            Ticket {
                resolved_ms: (number % 10 > 0).then_some(completed_ms - DAY_MS),
                completed_ms,
            }
        };
        Self {
            null_test,
            first_criterion_only: false,
            tickets: (0..tickets).map(ticket).collect(),
        }
    }

    fn matches(&self, criterion: &Value, ticket: &Ticket) -> bool {
        let time = match criterion["field"].as_str() {
            Some("resolved_time") => ticket.resolved_ms,
            Some("completed_time") => Some(ticket.completed_ms),
            other => panic!("criteria on {other:?}"),
        };
        let bound = |at: usize| {
            criterion["values"][at]
                .as_str()
                .and_then(|text| text.parse::<i64>().ok())
        };
        match (criterion["condition"].as_str(), bound(0), bound(1)) {
            (Some("between"), Some(from), Some(to)) => time.is_some_and(|time| (from..=to).contains(&time)),
            (Some("is"), None, None) => match self.null_test {
                NullTest::Honoured => time.is_none(),
                NullTest::Ignored => true,
                NullTest::MatchesNothing | NullTest::Refused => false,
            },
            other => panic!("{other:?}"),
        }
    }
}

async fn count(
    State(desk): State<Arc<Desk>>,
    Query(query): Query<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let input_data: Value = serde_json::from_str(&query["input_data"]).expect("strict JSON");
    let criteria = &input_data["list_info"]["search_criteria"];
    let criteria = criteria
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![criteria.clone()]);
    let tests_null = criteria.iter().any(|one| one["condition"] == "is");
    if tests_null && desk.null_test == NullTest::Refused {
        let refused = json!({"response_status": {"status_code": 4000, "status": "failed"}});
        return (StatusCode::BAD_REQUEST, Json(refused));
    }
    let holds = |ticket: &&Ticket| {
        let (first, mut others) = criteria.split_first().expect("criteria");
        if desk.first_criterion_only {
            others = &[];
        }
        others.iter().fold(
            desk.matches(first, ticket),
            |matched, other| match other["logical_operator"].as_str() {
                Some("OR") => matched || desk.matches(other, ticket),
                _ => matched && desk.matches(other, ticket),
            },
        )
    };
    let total = desk.tickets.iter().filter(holds).count();
    let answer = json!({
        "response_status": [{"status_code": 2000}],
        "list_info": {"total_count": total, "has_more_rows": total > 1},
        "requests": [],
    });
    (StatusCode::OK, Json(answer))
}

/// Whether a ticket stands in a window, as a server reads it.
fn is_in(desk: &Desk, window: &Window, ticket: &Ticket) -> bool {
    let within = |time: i64| (window.from_ms..=window.to_ms).contains(&time);
    let resolved = ticket.resolved_ms.is_some_and(within);
    let completed = within(ticket.completed_ms);
    match window.filter {
        Filter::Resolved => resolved,
        Filter::Completed => completed,
        Filter::CompletedOnly => completed && ticket.resolved_ms.is_none(),
        Filter::ResolvedOrCompleted if desk.first_criterion_only => resolved,
        Filter::CompletedOrResolved if desk.first_criterion_only => completed,
        Filter::ResolvedOrCompleted | Filter::CompletedOrResolved => resolved || completed,
        other => panic!("a plan over {other:?}"),
    }
}

/// The windows for all tickets, in how many of them each stands, and whether null tells them apart.
async fn planned(desk: Desk) -> (Vec<Window>, Vec<usize>, bool) {
    planned_from(desk, NOW_MS - (DAYS + 2) * DAY_MS).await
}

/// The same for tickets since a time.
async fn planned_from(desk: Desk, from_ms: i64) -> (Vec<Window>, Vec<usize>, bool) {
    let desk = Arc::new(desk);
    let router = Router::new()
        .route("/api/v3/requests", get(count))
        .with_state(desk.clone());
    let (client, _serving) = client_of(Edition::Cloud, router).await;
    let at = |ms: i64| DateTime::<Utc>::from_timestamp_millis(ms).expect("in range");
    let windows = client
        .plan(at(from_ms), at(NOW_MS), at(NOW_MS))
        .await
        .expect("planned");
    let times = desk
        .tickets
        .iter()
        .map(|ticket| {
            windows
                .iter()
                .filter(|window| is_in(&desk, window, ticket))
                .count()
        })
        .collect();
    let apart = windows
        .iter()
        .any(|window| window.filter == Filter::CompletedOnly);
    (windows, times, apart)
}

#[tokio::test]
async fn a_long_history_is_divided_without_an_overlap() {
    let (windows, times, apart) = planned(Desk::new(NullTest::Honoured)).await;
    assert!(apart);
    assert!(times.iter().all(|times| *times == 1));
    assert!(
        windows.iter().all(|window| window.total <= Some(10_000)),
        "{windows:?}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_tell_null_costs_an_overlap_and_no_ticket() {
    for null_test in [NullTest::Ignored, NullTest::MatchesNothing, NullTest::Refused] {
        let (windows, times, apart) = planned(Desk::new(null_test)).await;
        assert!(!apart, "{null_test:?}");
        assert!(
            times.iter().all(|times| *times >= 1),
            "{null_test:?}: {windows:?}"
        );
        assert!(
            times.iter().any(|times| *times > 1),
            "{null_test:?}: the overlap is the reason for all this"
        );
    }
}

/// Neither null nor within any range: only one list over both times shows it.
#[tokio::test]
async fn one_impossible_resolved_time_is_enough_to_read_both_times_together() {
    let mut desk = Desk::new(NullTest::Honoured);
    desk.tickets[100].resolved_ms = Some(1_000);
    let (_, times, apart) = planned(desk).await;
    assert!(!apart);
    assert!(times.iter().all(|times| *times >= 1));
}

/// The criterion on fewer tickets goes first: if the count is that of it alone, the other one was ignored.
#[tokio::test]
async fn a_server_that_honours_one_criterion_only_loses_no_ticket() {
    for resolved_only in [false, true] {
        let mut desk = Desk::with(NullTest::Refused, 5_000);
        desk.first_criterion_only = true;
        if resolved_only {
            // More were resolved than completed, instead of the other way round.
            for ticket in &mut desk.tickets {
                ticket.resolved_ms = ticket.resolved_ms.or(Some(ticket.completed_ms));
            }
            desk.tickets.iter_mut().step_by(7).for_each(|ticket| {
                ticket.completed_ms = FAR_MS;
            });
        }
        let (windows, times, _) = planned(desk).await;
        assert!(times.iter().all(|times| *times >= 1), "{windows:?}");
        assert_eq!(windows.len(), 2, "one window over both times would hold one set");
    }
}

/// Tickets that were resolved before the range and completed in it are none that was never resolved.
#[tokio::test]
async fn a_range_that_begins_within_the_history_is_divided_without_an_overlap() {
    let from_ms = NOW_MS - (DAYS - 2) * DAY_MS;
    let (windows, _, apart) = planned_from(Desk::new(NullTest::Honoured), from_ms).await;
    assert!(apart, "{windows:?}");
}

#[tokio::test]
async fn no_window_holds_too_many_and_hardly_any_is_small() {
    for tickets in [10_000, 10_001, 12_000, 15_999, 16_001, 30_000] {
        let desk = Desk::with(NullTest::Honoured, tickets);
        let (windows, times, _) = planned(desk).await;
        assert!(times.iter().all(|times| *times >= 1));
        let totals: Vec<_> = windows.iter().map(|window| window.total).collect();
        assert!(
            totals.iter().all(|total| *total <= Some(10_000)),
            "{tickets}: {totals:?}"
        );
        assert!(
            tickets > 10_000 || windows.len() == 1,
            "what fits into one window is not divided"
        );
        assert!(
            windows.len() as i64 <= 2 + tickets / 4_000,
            "{tickets}: {totals:?}"
        );
    }
}
