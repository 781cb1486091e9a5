//! Tickets that are stored and that lists do not show any more: each is asked for before it is believed to be gone.
//!
//! A key that may see less (a technician moved to another site) looks just like a mass deletion. So if more than a few
//! vanish at once, none is withdrawn.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use servicedesk::{Client, Found, Window};
use store::{Store, Withdrawal};
use ticket::{TenantId, TicketId};

use crate::exit::{ExitCode, Failure};

/// Stored digests read at once.
const PAGE: u32 = 10_000;

/// Tickets that may vanish at once without a second thought, in percent of those stored, and in any case.
const PERCENT: usize = 2;
const IN_ANY_CASE: usize = 10;

/// What the helpdesk says of a ticket.
pub(crate) enum Fate {
    /// No precedent any more, and why.
    Gone(String),
    /// Still there, or archived.
    Kept,
    /// Not for this key: nothing is known.
    Hidden,
}

pub(crate) async fn fate(client: &Client, window: &Window, id: &TicketId) -> servicedesk::Result<Fate> {
    Ok(match client.look_up(window, id).await? {
        Found::Gone(reason) => Fate::Gone(reason),
        Found::NotFinal(_) => Fate::Gone("open again, or in the trash".to_owned()),
        Found::Outcome(_) | Found::Archived => Fate::Kept,
        Found::Hidden => Fate::Hidden,
    })
}

/// Digests of the served tickets that were resolved from one time to another, `None` on rows of other programs.
pub(crate) async fn stored(
    store: &dyn Store,
    tenant: &TenantId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> store::Result<HashMap<TicketId, Option<Vec<u8>>>> {
    let mut stored = HashMap::new();
    let mut after = String::new();
    loop {
        let page = store.digests(tenant, from, to, &after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(stored);
        };
        after = last.id.to_string();
        stored.extend(page.into_iter().map(|row| (row.id, row.digest)));
    }
}

/// Whether so many of those stored may have gone.
pub(crate) fn is_plausible(vanished: usize, stored: usize) -> bool {
    vanished <= IN_ANY_CASE.max(stored * PERCENT / 100)
}

pub(crate) fn implausible(vanished: impl std::fmt::Display, stored: usize) -> Failure {
    let message = format!("{vanished} of {stored} stored tickets vanished at once: none was withdrawn");
    Failure::new(ExitCode::Incomplete, message)
        .hint("a key that may see less looks the same: check the technician's sites and groups first")
}

/// Of tickets that are gone: when is not known.
pub(crate) fn withdrawals(gone: Vec<TicketId>) -> Vec<Withdrawal> {
    let withdrawal = |id| Withdrawal { id, changed_at: None };
    gone.into_iter().map(withdrawal).collect()
}
