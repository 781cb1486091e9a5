//! Plans for servers that interpret criteria differently.

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
/// Time after every range.
const FAR_MS: i64 = NOW_MS + 400 * DAY_MS;
/// Number of tickets; more than three windows hold.
const TICKETS: i64 = 36_000;

/// A server's interpretation of a test for null.
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

struct Server {
    null_test: NullTest,
    /// Whether the server ignores all criteria after the first.
    first_criterion_only: bool,
    tickets: Vec<Ticket>,
}

impl Server {
    /// Each ticket was resolved a day before its completion, except every tenth, which was never resolved.
    fn new(null_test: NullTest) -> Self {
        Self::with(null_test, TICKETS)
    }

    /// The same with this number of tickets.
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
    State(server): State<Arc<Server>>,
    Query(query): Query<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let input_data: Value = serde_json::from_str(&query["input_data"]).expect("strict JSON");
    let criteria = &input_data["list_info"]["search_criteria"];
    let criteria = criteria
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![criteria.clone()]);
    let tests_null = criteria.iter().any(|one| one["condition"] == "is");
    if tests_null && server.null_test == NullTest::Refused {
        let refused = json!({"response_status": {"status_code": 4000, "status": "failed"}});
        return (StatusCode::BAD_REQUEST, Json(refused));
    }
    let holds = |ticket: &&Ticket| {
        let (first, mut others) = criteria.split_first().expect("criteria");
        if server.first_criterion_only {
            others = &[];
        }
        others.iter().fold(
            server.matches(first, ticket),
            |matched, other| match other["logical_operator"].as_str() {
                Some("OR") => matched || server.matches(other, ticket),
                _ => matched && server.matches(other, ticket),
            },
        )
    };
    let total = server.tickets.iter().filter(holds).count();
    let answer = json!({
        "response_status": [{"status_code": 2000}],
        "list_info": {"total_count": total, "has_more_rows": total > 1},
        "requests": [],
    });
    (StatusCode::OK, Json(answer))
}

/// Returns whether the server lists a ticket in a window.
fn is_in(server: &Server, window: &Window, ticket: &Ticket) -> bool {
    let within = |time: i64| (window.from_ms..=window.to_ms).contains(&time);
    let resolved = ticket.resolved_ms.is_some_and(within);
    let completed = within(ticket.completed_ms);
    match window.filter {
        Filter::Resolved => resolved,
        Filter::Completed => completed,
        Filter::CompletedOnly => completed && ticket.resolved_ms.is_none(),
        Filter::ResolvedOrCompleted if server.first_criterion_only => resolved,
        Filter::CompletedOrResolved if server.first_criterion_only => completed,
        Filter::ResolvedOrCompleted | Filter::CompletedOrResolved => resolved || completed,
        other => panic!("a plan over {other:?}"),
    }
}

/// Returns the windows for all tickets, the number of windows that list each ticket, and whether a window selects
/// tickets that were never resolved.
async fn planned(server: Server) -> (Vec<Window>, Vec<usize>, bool) {
    planned_from(server, NOW_MS - (DAYS + 2) * DAY_MS).await
}

/// The same for tickets since a time.
async fn planned_from(server: Server, from_ms: i64) -> (Vec<Window>, Vec<usize>, bool) {
    let server = Arc::new(server);
    let router = Router::new()
        .route("/api/v3/requests", get(count))
        .with_state(server.clone());
    let (client, _serving) = client_of(Edition::Cloud, router).await;
    let at = |ms: i64| DateTime::<Utc>::from_timestamp_millis(ms).expect("in range");
    let windows = client
        .plan(at(from_ms), at(NOW_MS), at(NOW_MS))
        .await
        .expect("planned");
    let times = server
        .tickets
        .iter()
        .map(|ticket| {
            windows
                .iter()
                .filter(|window| is_in(&server, window, ticket))
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
    let (windows, times, apart) = planned(Server::new(NullTest::Honoured)).await;
    assert!(apart);
    assert!(times.iter().all(|times| *times == 1));
    assert!(
        windows.iter().all(|window| window.total <= Some(10_000)),
        "{windows:?}"
    );
}

#[tokio::test]
async fn a_server_that_cannot_test_for_null_costs_an_overlap_and_no_ticket() {
    for null_test in [NullTest::Ignored, NullTest::MatchesNothing, NullTest::Refused] {
        let (windows, times, apart) = planned(Server::new(null_test)).await;
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

/// Only one list over both times shows a ticket whose resolved time is neither null nor within any range.
#[tokio::test]
async fn one_impossible_resolved_time_requires_a_list_over_both_times() {
    let mut server = Server::new(NullTest::Honoured);
    server.tickets[100].resolved_ms = Some(1_000);
    let (_, times, apart) = planned(server).await;
    assert!(!apart);
    assert!(times.iter().all(|times| *times >= 1));
}

/// The criterion on fewer tickets comes first. If both criteria count as many as the first alone, the server ignores
/// the second.
#[tokio::test]
async fn a_server_that_honours_only_one_criterion_loses_no_ticket() {
    for resolved_only in [false, true] {
        let mut server = Server::with(NullTest::Refused, 5_000);
        server.first_criterion_only = true;
        if resolved_only {
            // Here more tickets were resolved than completed.
            for ticket in &mut server.tickets {
                ticket.resolved_ms = ticket.resolved_ms.or(Some(ticket.completed_ms));
            }
            server.tickets.iter_mut().step_by(7).for_each(|ticket| {
                ticket.completed_ms = FAR_MS;
            });
        }
        let (windows, times, _) = planned(server).await;
        assert!(times.iter().all(|times| *times >= 1), "{windows:?}");
        assert_eq!(windows.len(), 2, "one window over both times would hold one set");
    }
}

/// A ticket that was resolved before the range and completed in it was resolved all the same.
#[tokio::test]
async fn a_range_that_begins_within_the_history_is_divided_without_an_overlap() {
    let from_ms = NOW_MS - (DAYS - 2) * DAY_MS;
    let (windows, _, apart) = planned_from(Server::new(NullTest::Honoured), from_ms).await;
    assert!(apart, "{windows:?}");
}

#[tokio::test]
async fn windows_are_full_but_not_too_full() {
    for tickets in [10_000, 10_001, 12_000, 15_999, 16_001, 30_000] {
        let server = Server::with(NullTest::Honoured, tickets);
        let (windows, times, _) = planned(server).await;
        assert!(times.iter().all(|times| *times >= 1));
        let totals: Vec<_> = windows.iter().map(|window| window.total).collect();
        assert!(
            totals.iter().all(|total| *total <= Some(10_000)),
            "{tickets}: {totals:?}"
        );
        assert!(
            tickets > 10_000 || windows.len() == 1,
            "one window that fits is not divided"
        );
        assert!(
            windows.len() as i64 <= 2 + tickets / 4_000,
            "{tickets}: {totals:?}"
        );
    }
}
