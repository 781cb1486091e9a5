//! A row becomes a ticket, is set aside with a reason, or does not belong to the window.

use chrono::{DateTime, Utc};
use ticket::{Ticket, TicketId, html_to_full_text, html_to_text, join_description};

use crate::address::Address;
use crate::finish::NotFinal;
use crate::row::source_time;
use crate::statuses::Statuses;
use crate::wire::{Request, Tags, Text, Time};
use crate::{Client, Filter, Row, Window};

/// Before this nobody resolved a ticket: a time in seconds, or no time at all. 1990-01-01.
pub(crate) const EARLIEST_MS: i64 = 631_152_000_000;

pub(crate) enum Verdict {
    Ticket(Box<Ticket>),
    /// The same as before.
    Unchanged,
    /// Why it is none.
    Rejected(String),
    /// Open, or of another time.
    Outside,
}

/// What it takes to judge a row.
pub(crate) struct Normaliser {
    pub(crate) window: Window,
    pub(crate) statuses: Statuses,
    pub(crate) address: Address,
    pub(crate) keep_html: bool,
    pub(crate) resolution_from_notes: bool,
}

impl Client {
    pub(crate) fn normaliser(&self, window: Window) -> Normaliser {
        Normaliser {
            window,
            statuses: Statuses::default(),
            address: self.address().clone(),
            keep_html: self.settings().keep_html,
            resolution_from_notes: self.settings().resolution_from_notes,
        }
    }
}

impl Normaliser {
    /// The story form has lists only.
    pub(crate) fn wants_details(&self) -> bool {
        self.window.filter != Filter::Story
    }

    /// Whether what the row tells is enough to know that it does not belong to the window.
    pub(crate) fn is_outside(&self, row: &Row) -> bool {
        let Ok(request) = &row.request else { return false };
        let elsewhere = match resolved_at(request, &self.window) {
            Ok(time) => !self.window.holds(time),
            Err(_) => false,
        };
        self.statuses.is_open(request) || elsewhere || self.belongs_to_resolved(request)
    }

    /// Which ticket the row shows to be open or in the trash.
    pub(crate) fn not_final(&self, row: &Row) -> Option<NotFinal> {
        let request = row.request.as_ref().ok()?;
        let open = self.statuses.is_open(request) || (!row.is_thin() && self.nobody_calls_it_final(request));
        let id = row.id().filter(|_| open)?;
        Some(NotFinal {
            id,
            changed_at: row.source_time().flatten(),
        })
    }

    /// `is_known` is whether the row came just so before, and became the ticket that is stored.
    pub(crate) fn normalise(&self, row: &Row, is_known: bool) -> Verdict {
        if self.is_outside(row) {
            return Verdict::Outside;
        }
        let request = row.request.as_ref().map_err(Clone::clone);
        if request
            .as_ref()
            .is_ok_and(|request| self.nobody_calls_it_final(request))
        {
            return Verdict::Outside;
        }
        if is_known {
            return Verdict::Unchanged;
        }
        match request.and_then(|request| self.ticket(request)) {
            Ok(ticket) => Verdict::Ticket(Box::new(ticket)),
            Err(reason) => Verdict::Rejected(reason),
        }
    }

    /// Neither its status, which nobody knows, nor a time.
    fn nobody_calls_it_final(&self, request: &Request) -> bool {
        let never = |time: &Time| matches!(time, Time::Absent | Time::Null);
        let timeless = never(&request.resolved_time) && never(&request.completed_time);
        timeless && request.status.name.is_some() && self.statuses.judge(&request.status).is_none()
    }

    /// In a window over completed times, tickets with a resolved time are met a second time.
    fn belongs_to_resolved(&self, request: &Request) -> bool {
        self.window.filter == Filter::Completed && request.resolved_time.milliseconds().is_some()
    }

    fn ticket(&self, request: &Request) -> Result<Ticket, String> {
        let id = request.id.0.as_deref().unwrap_or_default();
        let id = TicketId::new(id).ok_or(match id.contains('\0') {
            true => "its id holds the character U+0000",
            false => "it has no id",
        })?;
        let wrong = |name: &str| {
            let name = name.to_owned();
            move |kind: &str| format!("its {name} is {kind}, not text")
        };
        let subject = request.subject.read().map_err(wrong("subject"))?;
        // A subject has neither history nor signature, whatever it looks like.
        let subject = html_to_full_text(subject).replace('\n', " ");
        let body = html_to_text(request.description.read().map_err(wrong("description"))?);
        let resolution = html_to_text(request.resolution.read().map_err(wrong("resolution"))?);
        let description = join_description(&subject, &body);
        if description.trim().is_empty() {
            return Err("it has no subject and no description".to_owned());
        }
        let tags = match &request.tags {
            Tags::Names(names) => names.clone(),
            Tags::Wrong(kind) => return Err(format!("its tags are {kind}, not a list")),
        };
        Ok(Ticket {
            url: Some(self.address.ticket(id.as_str())),
            id,
            display_id: request.display_id.0.clone(),
            subject,
            description,
            resolution,
            resolved_at: resolved_at(request, &self.window)?,
            source_updated_at: source_time(request).flatten(),
            status: request.status.name.clone(),
            category: request.category.clone(),
            priority: request.priority.clone(),
            tags,
            description_html: self.kept(&request.description),
            resolution_html: self.kept(&request.resolution),
        })
    }

    /// The original, if it is to be kept and there is any.
    fn kept(&self, html: &Text) -> Option<String> {
        let html = html
            .read()
            .ok()
            .filter(|html| self.keep_html && !html.trim().is_empty())?;
        Some(html.to_owned())
    }
}

/// When it was resolved, or else completed.
pub(crate) fn resolved_at(request: &Request, window: &Window) -> Result<DateTime<Utc>, String> {
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
