//! The table compared with the helpdesk, word for word.

use std::collections::BTreeMap;

use servicedesk_sim::{Desk, Truth};

use super::bench::Bench;
use super::table::Row;

impl Bench {
    /// The table must hold exactly the helpdesk's valid final tickets of the last 90 days.
    pub(crate) async fn assert_complete(&self) {
        let differences = self.differences().await;
        assert!(differences.is_empty(), "{differences:#?}");
    }

    /// Returns every difference between acme's rows and its helpdesk. Tickets that changed while they were read
    /// may be in either state.
    pub(crate) async fn differences(&self) -> Vec<String> {
        self.differences_of("acme", self.simulator.desk()).await
    }

    pub(crate) async fn differences_of(&self, tenant: &str, desk: &Desk) -> Vec<String> {
        let now = desk.now_ms();
        let since = now - 90 * 86_400_000;
        let is_in_range = |time: i64| time >= since && time <= now;
        let unsettled = desk.unsettled();
        let mut truth: Vec<_> = desk.truth();
        truth.retain(|ticket| ticket.valid && ticket.resolved_ms.is_some_and(is_in_range));
        truth.retain(|ticket| !unsettled.contains(&ticket.id));
        let rows = self.rows_of(tenant).await;
        let mut rows: BTreeMap<_, _> = rows
            .iter()
            .filter(|row| row.withdrawn_at.is_none() && !unsettled.contains(&row.ticket_id))
            .map(|row| (row.ticket_id.as_str(), row))
            .collect();
        let mut differences = Vec::new();
        for ticket in &truth {
            match rows.remove(ticket.id.as_str()) {
                Some(row) => differences.extend(wrong_fields(tenant, row, ticket)),
                None => differences.push(format!("{} is missing", ticket.id)),
            }
        }
        differences.extend(rows.keys().map(|id| format!("{id} should not be there")));
        differences
    }
}

fn wrong_fields(tenant: &str, row: &Row, ticket: &Truth) -> Vec<String> {
    let description = format!("{} {}", ticket.subject, ticket.words);
    let resolved_ms = Some(row.resolved_date.timestamp_millis());
    let sources = ["bulk_import", "sync", "webhook_resolved"];
    let checks = [
        ("resolved date", resolved_ms == ticket.resolved_ms),
        ("tags", row.tags.0 == ticket.tags),
        ("status", row.status.as_deref() == Some(ticket.status.as_str())),
        (
            "resolution",
            words(&row.resolution) == words(&ticket.resolution_words),
        ),
        ("description", words(&row.description) == words(&description)),
        ("source", sources.contains(&row.source.as_str())),
        ("tenant", row.tenant_id == tenant),
    ];
    let wrong = checks.iter().filter(|(_, is_right)| !is_right);
    wrong
        .map(|(name, _)| format!("{name} of {row:?} is not that of {ticket:?}"))
        .collect()
}

/// Returns the letters and digits in order: layout marks and images are not the helpdesk's words.
fn words(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[image") {
        plain.push_str(before);
        rest = after.split_once(']').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let unnumbered = plain.lines().map(|line| {
        let line = line.trim_start();
        match line.split_once(". ") {
            Some((number, item)) if number.chars().all(|c| c.is_ascii_digit()) => item,
            _ => line,
        }
    });
    let joined: Vec<_> = unnumbered.collect();
    joined.join(" ").chars().filter(|c| c.is_alphanumeric()).collect()
}
