//! Normalises a row: a ticket, a rejection with a reason, or a row outside the window.

use ticket::{Ticket, TicketId, html_to_full_text, html_to_text, join_description};

use super::not_final::NotFinal;
use super::resolution_time::resolved_at;
use crate::connection::Address;
use crate::wire::{Request, Tags, Text, Time, source_time};
use crate::{Client, Filter, Row, Statuses, Window};

/// A normalised row.
pub(crate) enum Normalised {
    Ticket(Box<Ticket>),
    /// The stored ticket, unchanged.
    Unchanged,
    /// The reason why the row cannot become a ticket.
    Rejected(String),
    /// Open, or resolved outside the window.
    Outside,
}

/// Normalises the rows of one window.
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
    /// Returns whether details exist; the story form has only lists.
    pub(crate) fn wants_details(&self) -> bool {
        self.window.filter != Filter::Story
    }

    /// Returns whether the fields of the row prove that it is outside the window.
    pub(crate) fn is_outside(&self, row: &Row) -> bool {
        let Ok(request) = &row.request else { return false };
        let at_another_time = match resolved_at(request, &self.window) {
            Ok(time) => !self.window.holds(time),
            Err(_) => false,
        };
        self.statuses.is_open(request) || at_another_time || self.belongs_to_resolved(request)
    }

    /// Returns the ticket if the row proves that it is open or in the trash.
    pub(crate) fn not_final(&self, row: &Row) -> Option<NotFinal> {
        let request = row.request.as_ref().ok()?;
        let open =
            self.statuses.is_open(request) || (!row.is_thin() && self.has_no_sign_of_being_final(request));
        let id = row.id().filter(|_| open)?;
        Some(NotFinal {
            id,
            changed_at: row.source_time().flatten(),
        })
    }

    /// Normalises a row. `is_stored` says that the stored ticket was made from the same row.
    pub(crate) fn normalise(&self, row: &Row, is_stored: bool) -> Normalised {
        if self.is_outside(row) {
            return Normalised::Outside;
        }
        let request = row.request.as_ref().map_err(Clone::clone);
        if request
            .as_ref()
            .is_ok_and(|request| self.has_no_sign_of_being_final(request))
        {
            return Normalised::Outside;
        }
        if is_stored {
            return Normalised::Unchanged;
        }
        match request.and_then(|request| self.ticket(request)) {
            Ok(ticket) => Normalised::Ticket(Box::new(ticket)),
            Err(reason) => Normalised::Rejected(reason),
        }
    }

    /// Returns whether the ticket has an unknown status and no time of resolution or completion.
    fn has_no_sign_of_being_final(&self, request: &Request) -> bool {
        let never = |time: &Time| matches!(time, Time::Absent | Time::Null);
        let timeless = never(&request.resolved_time) && never(&request.completed_time);
        timeless && request.status.name.is_some() && self.statuses.judge(&request.status).is_none()
    }

    /// Returns whether the window over resolved times covers the row, so that the one over completed times skips it.
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
        // A subject never has a quoted mail or a signature, whatever it looks like.
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

    /// Returns the HTML if the tenant keeps it and it is not blank.
    fn kept(&self, html: &Text) -> Option<String> {
        let html = html
            .read()
            .ok()
            .filter(|html| self.keep_html && !html.trim().is_empty())?;
        Some(html.to_owned())
    }
}
