//! A row becomes a ticket, is set aside with a reason, or does not belong to the window.

use chrono::{DateTime, Utc};
use ticket::{Ticket, TicketId, html_to_text, join_description};

use crate::address::Address;
use crate::wire::{Request, Tags, Time};
use crate::{Row, Window};

/// Before this nobody resolved a ticket: a time in seconds, or no time at all. 1990-01-01.
const EARLIEST_MS: i64 = 631_152_000_000;

pub(crate) enum Verdict {
    Ticket(Box<Ticket>),
    /// Why it is none.
    Rejected(String),
    /// Open, or of another time.
    Outside,
}

/// Names that open tickets have as the product comes; a tenant's own names are told by `in_progress`.
const OPEN: [&str; 7] = [
    "open",
    "onhold",
    "on hold",
    "in progress",
    "assigned",
    "new",
    "pending",
];

/// Whether what the row tells is enough to know that it does not belong to the window.
pub(crate) fn is_outside(row: &Row, window: &Window) -> bool {
    let Ok(request) = &row.request else { return false };
    let elsewhere = match resolved_at(request, window) {
        Ok(time) => !window.holds(time),
        Err(_) => false,
    };
    is_open(request) || elsewhere || belongs_to_resolved(request, window)
}

pub(crate) fn normalise(row: &Row, window: &Window, address: &Address) -> Verdict {
    if is_outside(row, window) {
        return Verdict::Outside;
    }
    match row
        .request
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|request| ticket(request, window, address))
    {
        Ok(ticket) => Verdict::Ticket(Box::new(ticket)),
        Err(reason) => Verdict::Rejected(reason),
    }
}

fn ticket(request: &Request, window: &Window, address: &Address) -> Result<Ticket, String> {
    let id = request
        .id
        .0
        .as_deref()
        .and_then(TicketId::new)
        .ok_or("it has no id")?;
    let read = |name: &str, text: Result<&str, &'static str>| {
        text.map(html_to_text)
            .map_err(|kind| format!("its {name} is {kind}, not text"))
    };
    let subject = read("subject", request.subject.read())?.replace('\n', " ");
    let body = read("description", request.description.read())?;
    let resolution = read("resolution", request.resolution.read())?;
    let description = join_description(&subject, &body);
    if description.trim().is_empty() {
        return Err("it has no subject and no description".to_owned());
    }
    let tags = match &request.tags {
        Tags::Names(names) => names.clone(),
        Tags::Wrong(kind) => return Err(format!("its tags are {kind}, not a list")),
    };
    Ok(Ticket {
        url: Some(address.ticket(id.as_str())),
        id,
        display_id: request.display_id.0.clone(),
        subject,
        description,
        resolution,
        resolved_at: resolved_at(request, window)?,
        source_updated_at: match &request.last_updated_time {
            Time::Milliseconds(milliseconds) => DateTime::from_timestamp_millis(*milliseconds),
            _ => None,
        },
        status: request.status.name.clone(),
        category: request.category.clone(),
        priority: request.priority.clone(),
        tags,
    })
}

/// When it was resolved, or else completed.
fn resolved_at(request: &Request, window: &Window) -> Result<DateTime<Utc>, String> {
    let (name, time) = match (&request.resolved_time, &request.completed_time) {
        (Time::Absent | Time::Null, Time::Absent | Time::Null) => {
            return Err("it has no resolved time".to_owned());
        }
        (Time::Absent | Time::Null, completed) => ("completed time", completed),
        (resolved, _) => ("resolved time", resolved),
    };
    let milliseconds = match time {
        Time::Milliseconds(milliseconds) => *milliseconds,
        Time::Wrong(value) => return Err(format!("its {name} is {value}, not milliseconds since 1970")),
        Time::Absent | Time::Null => return Err(format!("it has no {name}")),
    };
    DateTime::from_timestamp_millis(milliseconds)
        .filter(|time| milliseconds >= EARLIEST_MS && *time <= window.latest())
        .ok_or_else(|| format!("its {name} is impossible: {milliseconds} milliseconds since 1970"))
}

/// In a window over completed times, tickets with a resolved time are met a second time.
fn belongs_to_resolved(request: &Request, window: &Window) -> bool {
    window.filter == crate::Filter::Completed && matches!(request.resolved_time, Time::Milliseconds(_))
}

/// Cloud says so; elsewhere only the names the product comes with are known, and the times decide.
fn is_open(request: &Request) -> bool {
    let name = request
        .status
        .internal_name
        .as_deref()
        .or(request.status.name.as_deref())
        .unwrap_or_default();
    let known = OPEN.contains(&name.to_lowercase().as_str());
    request.is_trashed == Some(true) || request.status.in_progress.unwrap_or(known)
}
