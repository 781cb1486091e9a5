//! Criteria against a population of tickets.

use serde_json::json;

use super::*;
use crate::population::populate::{PopulationPlan, SAMPLE, populate};
use crate::population::status::{CLOSED, RESOLVED};
use crate::population::ticket::Ticket;
use crate::query::comparison::TimeRange;
use crate::render::renderer::Renderer;

struct Population {
    renderer: Renderer,
    tickets: Vec<Ticket>,
}

fn desk(edition: Edition) -> Population {
    let renderer = Renderer::sample(edition);
    let tickets = populate(&PopulationPlan { count: 500, ..SAMPLE });
    Population { renderer, tickets }
}

impl Population {
    /// Asserts that criteria select the tickets that the closure selects, and at least one.
    fn assert_selects(&self, criteria: &Value, expected: impl Fn(&Ticket) -> bool) {
        let filter = compile(criteria, self.renderer.edition).expect("valid criteria");
        for ticket in &self.tickets {
            assert_eq!(
                filter.matches(&self.renderer, ticket),
                expected(ticket),
                "{criteria} on {ticket:?}"
            );
        }
        assert!(self.tickets.iter().any(expected), "{criteria} selects nothing");
    }
}

fn bounds(desk: &Population) -> (i64, i64) {
    (desk.tickets[100].created_ms, desk.tickets[300].created_ms)
}

#[test]
fn conditions_compare_dates_as_numbers() {
    let desk = desk(Edition::Cloud);
    let (from, to) = bounds(&desk);
    let on =
        |condition: &str| json!({"field": "created_time", "condition": condition, "value": from.to_string()});
    desk.assert_selects(&on("greater than"), |ticket| ticket.created_ms > from);
    desk.assert_selects(&on("gte"), |ticket| ticket.created_ms >= from);
    desk.assert_selects(&on("lesser than"), |ticket| ticket.created_ms < from);
    desk.assert_selects(&on("lesser or equal"), |ticket| ticket.created_ms <= from);
    desk.assert_selects(&on("is"), |ticket| ticket.created_ms == from);
    desk.assert_selects(&on("is not"), |ticket| ticket.created_ms != from);
    let between =
        json!([{"field": "created_time", "condition": "between", "values": [from.to_string(), to]}]);
    desk.assert_selects(&between, |ticket| (from..=to).contains(&ticket.created_ms));
}

#[test]
fn seconds_instead_of_milliseconds_match_everything() {
    let desk = desk(Edition::Cloud);
    let seconds =
        json!({"field": "created_time", "condition": "gt", "value": (SAMPLE.now_ms / 1_000).to_string()});
    desk.assert_selects(&seconds, |_| true);
}

#[test]
fn a_time_never_set_matches_only_the_null_test() {
    let desk = desk(Edition::OnPremises);
    let since_ever = json!({"field": "last_updated_time", "condition": "greater than", "value": "0"});
    desk.assert_selects(&since_ever, |ticket| ticket.updated_ms.is_some());
    for criteria in [
        json!({"field": "last_updated_time", "condition": "is"}),
        json!({"field": "last_updated_time", "condition": "is", "values": []}),
    ] {
        desk.assert_selects(&criteria, |ticket| ticket.updated_ms.is_none());
    }
    desk.assert_selects(&json!({"field": "group", "condition": "is"}), |ticket| {
        ticket.group.is_none()
    });
}

#[test]
fn statuses_match_by_name_id_and_progress() {
    let cloud = desk(Edition::Cloud);
    cloud.assert_selects(
        &json!({"field": "status.in_progress", "condition": "is", "value": false}),
        Ticket::is_final,
    );
    let names = json!({"field": "status.name", "condition": "is", "values": ["Closed", "Nonsense"]});
    cloud.assert_selects(&names, |ticket| ticket.status == CLOSED);
    let object = json!({"field": "status", "condition": "is", "value": {"name": "Resolved"}});
    cloud.assert_selects(&object, |ticket| ticket.status == RESOLVED);
    for id in [
        json!({"field": "status.id", "condition": "is", "value": "3"}),
        json!({"field": "status", "condition": "is", "values": [{"id": "3"}]}),
    ] {
        desk(Edition::OnPremises).assert_selects(&id, |ticket| ticket.status == CLOSED);
    }
}

#[test]
fn unknown_conditions_and_status_names_have_no_effect() {
    let desk = desk(Edition::Cloud);
    desk.assert_selects(
        &json!({"field": "created_time", "condition": "after", "value": "9"}),
        |_| true,
    );
    desk.assert_selects(
        &json!({"field": "created_time", "condition": "less than", "value": "9"}),
        |_| true,
    );
    desk.assert_selects(
        &json!({"field": "status.name", "condition": "is", "values": ["closed"]}),
        |_| true,
    );
}

#[test]
fn two_bounds_on_one_date_are_dropped_on_cloud_only() {
    let criteria = |from: i64, to: i64| {
        json!([{"field": "created_time", "condition": "greater or equal", "value": from.to_string()},
            {"field": "created_time", "condition": "lesser or equal", "value": to.to_string(),
                "logical_operator": "AND"}])
    };
    let cloud = desk(Edition::Cloud);
    let (from, to) = bounds(&cloud);
    cloud.assert_selects(&criteria(from, to), |_| true);
    desk(Edition::OnPremises).assert_selects(&criteria(from, to), |ticket| {
        (from..=to).contains(&ticket.created_ms)
    });
}

#[test]
fn children_and_operators_join_from_left_to_right() {
    let desk = desk(Edition::Cloud);
    let (from, _) = bounds(&desk);
    let criteria = json!([{"field": "last_updated_time", "condition": "gte", "value": from.to_string(),
        "children": [
            {"field": "created_time", "condition": "gte", "value": from.to_string(), "logical_operator": "OR"}]},
        {"field": "status.in_progress", "condition": "is", "value": "true", "logical_operator": "AND"}]);
    desk.assert_selects(&criteria, |ticket| {
        let recent = ticket.updated_ms.is_some_and(|updated| updated >= from) || ticket.created_ms >= from;
        recent && !ticket.is_final()
    });
}

#[test]
fn unknown_fields_and_garbage_dates_are_refused() {
    let refused = |criteria: Value, edition| compile(&criteria, edition).map_err(|bad| bad.field);
    let unknown = json!({"field": "colour", "condition": "is", "value": "red"});
    assert_eq!(refused(unknown, Edition::Cloud), Err("colour".into()));
    let progress = json!({"field": "status.in_progress", "condition": "is", "value": false});
    assert_eq!(
        refused(progress, Edition::OnPremises),
        Err("status.in_progress".into())
    );
    let date = json!({"field": "created_time", "condition": "gt", "value": "2024-01-01"});
    assert_eq!(refused(date, Edition::Cloud), Err("created_time".into()));
}

#[test]
fn a_range_holds_every_match() {
    let range = |criteria: Value| compile(&criteria, Edition::Cloud).expect("valid").range();
    let between = json!({"field": "created_time", "condition": "between", "values": ["5", "9"]});
    let expected = Some(TimeRange {
        field: TimeField::Created,
        from_ms: 5,
        to_ms: 9,
    });
    assert_eq!(range(between.clone()), expected);
    let other = |operator| {
        json!({"field": "status", "condition": "is", "value": "Closed",
        "logical_operator": operator})
    };
    assert_eq!(range(json!([between, other("AND")])), expected);
    assert_eq!(range(json!([between, other("OR")])), None);
}
