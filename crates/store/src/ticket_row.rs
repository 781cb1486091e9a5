//! A row of `ticket_history`.

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use ticket::{Ticket, TicketId};

use crate::{Error, Result};

/// Columns of a [`TicketRow`].
pub(crate) const TICKET_COLUMNS: &str = "ticket_id, display_id, subject, description, resolution, \
     resolved_date, source_updated_at, status, category, priority, url, tags, description_html, resolution_html";

/// Columns of a [`TicketRow`] for the search: each text is cut to a length far above that of real tickets, a longer list
/// of tags is left out, and there is no HTML. The database cuts, so a giant text never reaches this process.
pub(crate) const EXCERPT_COLUMNS: &str = "ticket_id, substr(display_id, 1, 1000) as display_id, \
     substr(subject, 1, 10000) as subject, substr(description, 1, 100000) as description, \
     substr(resolution, 1, 100000) as resolution, resolved_date, source_updated_at, \
     substr(status, 1, 1000) as status, substr(category, 1, 1000) as category, \
     substr(priority, 1, 1000) as priority, url, \
     case when length(cast(tags as text)) <= 100000 then tags end as tags, \
     null as description_html, null as resolution_html";

/// A row of `ticket_history`; columns that an adopted table may lack are optional.
#[derive(sqlx::FromRow)]
pub(crate) struct TicketRow {
    ticket_id: String,
    display_id: Option<String>,
    subject: Option<String>,
    description: String,
    resolution: Option<String>,
    resolved_date: Option<DateTime<Utc>>,
    source_updated_at: Option<DateTime<Utc>>,
    status: Option<String>,
    category: Option<String>,
    priority: Option<String>,
    url: Option<String>,
    tags: Option<Json<Vec<String>>>,
    description_html: Option<String>,
    resolution_html: Option<String>,
}

impl TicketRow {
    pub(crate) fn id(&self) -> Result<TicketId> {
        TicketId::new(&self.ticket_id).ok_or(Error::Corrupt {
            column: "ticket_history.ticket_id",
        })
    }

    pub(crate) fn into_ticket(self) -> Result<Ticket> {
        Ok(Ticket {
            id: self.id()?,
            display_id: self.display_id,
            subject: self.subject.unwrap_or_default(),
            description: self.description,
            resolution: self.resolution.unwrap_or_default(),
            resolved_at: self.resolved_date.ok_or(Error::Corrupt {
                column: "ticket_history.resolved_date",
            })?,
            source_updated_at: self.source_updated_at,
            status: self.status,
            category: self.category,
            priority: self.priority,
            url: self.url,
            tags: self.tags.map(|tags| tags.0).unwrap_or_default(),
            description_html: self.description_html,
            resolution_html: self.resolution_html,
        })
    }
}
