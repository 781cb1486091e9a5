//! Parses webhook events with a whole resolved ticket, which the platform's automation sends.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use ticket::{FieldError, Ticket, TicketId, html_to_text, join_description};

/// Earliest plausible time of a resolution: 1990-01-01.
const EARLIEST: DateTime<Utc> = DateTime::from_timestamp(631_152_000, 0).expect("in range");

/// Maximum time by which a resolution may be in the future, because clocks differ.
const CLOCK_SKEW: TimeDelta = TimeDelta::days(1);

/// Maximum length of an id, in characters, as in the database.
const SHORT_CHARS: usize = 100;

/// Reads the ticket of an event.
///
/// # Errors
/// All invalid fields.
pub fn ticket_of(event: &Map<String, Value>, now: DateTime<Utc>) -> Result<Ticket, Vec<FieldError>> {
    let mut fields = Fields {
        event,
        invalid: Vec::new(),
    };
    let id = fields.id();
    let subject = fields.text("subject").replace(['\r', '\n'], " ");
    let body = html_to_text(&fields.text("description"));
    let description = join_description(&subject, &body);
    if description.trim().is_empty() && fields.invalid.is_empty() {
        fields.refuse(
            "description",
            "it and the subject are empty, so no search could find the ticket",
        );
    }
    let resolution = html_to_text(&fields.text("resolution"));
    let resolved_at = fields.resolved_date(now);
    let priority = Some(fields.text("priority")).filter(|priority| !priority.is_empty());
    let tags = fields.tags();
    match (id, resolved_at) {
        (Some(id), Some(resolved_at)) if fields.invalid.is_empty() => Ok(Ticket {
            id,
            display_id: None,
            subject,
            description,
            resolution,
            resolved_at,
            // The event is as old as its resolution, so a newer row stays.
            source_updated_at: Some(resolved_at),
            status: None,
            category: None,
            priority,
            url: None,
            tags,
            description_html: None,
            resolution_html: None,
        }),
        _ => Err(fields.invalid),
    }
}

struct Fields<'a> {
    event: &'a Map<String, Value>,
    invalid: Vec<FieldError>,
}

impl Fields<'_> {
    fn refuse(&mut self, field: &'static str, why: impl Into<String>) {
        let reason = why.into();
        self.invalid.push(FieldError { field, reason });
    }

    /// Returns the text of a field; empty if it is missing or null.
    fn text(&mut self, field: &'static str) -> String {
        match self.event.get(field) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(_) => {
                self.refuse(field, "expected a string");
                String::new()
            }
        }
    }

    fn id(&mut self) -> Option<TicketId> {
        let text = match self.event.get("ticket_id") {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let id = TicketId::new(&text).filter(|_| text.chars().count() <= SHORT_CHARS);
        if id.is_none() {
            self.refuse(
                "ticket_id",
                format!("expected a string of 1 to {SHORT_CHARS} characters, or a number"),
            );
        }
        id
    }

    fn resolved_date(&mut self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let text = self
            .event
            .get("resolved_date")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let resolved = instant(text.trim());
        let plausible = resolved.filter(|resolved| (EARLIEST..=now + CLOCK_SKEW).contains(resolved));
        match (resolved, plausible) {
            (None, _) => self.refuse(
                "resolved_date",
                "expected a time in ISO 8601, such as 2026-01-31T12:00:00Z",
            ),
            (Some(_), None) => self.refuse("resolved_date", "is before 1990 or in the future"),
            _ => {}
        }
        plausible
    }

    fn tags(&mut self) -> Vec<String> {
        let tags = match self.event.get("tags") {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(tags)) => tags.iter().map(|tag| tag.as_str().map(str::to_owned)).collect(),
            Some(_) => None,
        };
        if tags.is_none() {
            self.refuse("tags", "expected a list of strings");
        }
        tags.unwrap_or_default()
    }
}

/// Parses a time; a time without an offset is UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let with_offset = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    let instant = with_offset.map(|time| time.to_utc());
    let plain = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc());
    instant.or_else(|_| plain()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).expect("in range")
    }

    fn read(event: &Value) -> Result<Ticket, Vec<&'static str>> {
        let fields = |invalid: Vec<FieldError>| invalid.into_iter().map(|invalid| invalid.field).collect();
        ticket_of(event.as_object().expect("an object"), now()).map_err(fields)
    }

    #[test]
    fn an_event_becomes_a_ticket() {
        let event = json!({"tenant_id": "acme", "ticket_id": 7, "subject": "VPN drops", "description": "<p>Every hour</p>",
            "resolution": "New profile", "resolved_date": "2026-01-31T13:00:00+01:00", "priority": "High", "tags": ["vpn"],
            "unknown": 1});
        let ticket = read(&event).expect("a ticket");
        assert_eq!(ticket.id.as_str(), "7");
        assert_eq!(ticket.description, "VPN drops\n\nEvery hour");
        assert_eq!(ticket.resolved_at.to_rfc3339(), "2026-01-31T12:00:00+00:00");
        assert_eq!(
            (ticket.priority.as_deref(), ticket.tags.as_slice()),
            (Some("High"), ["vpn".to_owned()].as_slice())
        );
        for date in [
            "2026-01-31T12:00:00Z",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00.5+0000",
        ] {
            assert!(
                read(&json!({"ticket_id": "7", "subject": "x", "resolved_date": date})).is_ok(),
                "{date}"
            );
        }
    }

    #[test]
    fn every_invalid_field_is_named() {
        assert_eq!(
            read(&json!({})).expect_err("empty"),
            ["ticket_id", "resolved_date"]
        );
        let empty = json!({"ticket_id": "7", "resolved_date": "2026-01-31T12:00:00Z", "description": " "});
        assert_eq!(read(&empty).expect_err("no text"), ["description"]);
        let wrong = json!({"ticket_id": "", "subject": 1, "description": [], "resolution": {}, "resolved_date": "yesterday",
            "priority": true, "tags": "vpn"});
        assert_eq!(
            read(&wrong).expect_err("all wrong"),
            [
                "ticket_id",
                "subject",
                "description",
                "resolution",
                "resolved_date",
                "priority",
                "tags"
            ]
        );
        for date in [
            "1970-01-01T00:00:00Z",
            "2190-01-01T00:00:00Z",
            "2026-01-31",
            "1769860800",
        ] {
            let event = json!({"ticket_id": "7", "subject": "x", "resolved_date": date});
            assert_eq!(read(&event).expect_err(date), ["resolved_date"]);
        }
    }
}
