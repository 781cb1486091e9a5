//! Tickets that are open or in the trash.

use chrono::{DateTime, Utc};
use ticket::TicketId;

/// A ticket that is open or in the trash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFinal {
    /// Id of the ticket.
    pub id: TicketId,
    /// Time of its last update, if its row has one.
    pub changed_at: Option<DateTime<Utc>>,
}
