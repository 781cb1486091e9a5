//! Finds stored tickets that the helpdesk has deleted.
//!
//! Lists no longer show a deleted ticket, but a ticket counts as deleted only after a request for it. The answers are
//! stored, so that a run requests each ticket once, and archived tickets are not requested in every run. A key with
//! fewer permissions (a technician moved to another site) looks like a mass deletion: if more than a few tickets
//! disappear at once, none is withdrawn.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Batch, RemoteAnswer, Run, Withdrawal};
use ticket::TicketId;
use tracing::warn;

use crate::error::AtStep as _;
use crate::import::{Difference, Purpose, RunContext};
use crate::source::{RemoteState, Window};
use crate::{Error, Result, clock};

/// Number of unseen tickets per page.
const PAGE: u32 = 100;

/// Share of the stored tickets that may disappear at once, in percent.
const PERCENT: u64 = 2;

/// Number of tickets that may disappear at once in any history.
const IN_ANY_CASE: u64 = 10;

/// Time for which an archived ticket is not requested again.
const ARCHIVED: TimeDelta = TimeDelta::days(30);

/// Requests every served ticket of a range that the run has not seen, and withdraws the deleted ones, unless the run
/// only compares. Returns the number of deleted tickets.
///
/// # Errors
/// `ImplausibleDeletions`, with no ticket withdrawn, and those of the helpdesk and the store.
pub(crate) async fn find_deleted(
    context: &RunContext<'_>,
    run: &Run,
    range: (DateTime<Utc>, DateTime<Utc>),
) -> Result<u64> {
    let (store, tenant) = (context.store, context.tenant);
    let window = Window::anything(clock::now());
    let stored = store.count_tickets(tenant, range).await?;
    let archived_since = match context.purpose {
        Purpose::Verify { .. } => run.started_at,
        _ => run.started_at - ARCHIVED,
    };
    let mut lost = store.missing_tickets(tenant, run.started_at).await?.len() as u64;
    loop {
        refuse_if_implausible(lost, stored)?;
        let unseen = store
            .unseen_tickets(tenant, range, (run.started_at, archived_since), PAGE)
            .await?;
        if unseen.is_empty() {
            break;
        }
        for id in unseen {
            let answer = request(context, &window, &id).await?;
            store.record_answer(tenant, &id, answer, clock::now()).await?;
            context.progress.record_answer();
            lost += u64::from(matches!(answer, RemoteAnswer::Gone | RemoteAnswer::Hidden));
            // Checked after each ticket, because each of the rest would cost a request.
            refuse_if_implausible(lost, stored)?;
        }
    }
    withdraw(context, run).await
}

/// Requests a ticket that no list shows.
async fn request(context: &RunContext<'_>, window: &Window, id: &TicketId) -> Result<RemoteAnswer> {
    let found = context.client.look_up(window, id).await;
    let reason = match found.at_step("request a ticket that no list shows")? {
        RemoteState::Final(_) => return Ok(RemoteAnswer::There),
        RemoteState::Archived => return Ok(RemoteAnswer::Archived),
        RemoteState::Hidden => return Ok(RemoteAnswer::Hidden),
        RemoteState::NotFinal(_) => "open again, or in the trash".to_owned(),
        RemoteState::Gone(reason) => reason,
    };
    if let Purpose::Verify { on_difference, .. } = context.purpose {
        on_difference(Difference::Gone, id, &reason);
    }
    Ok(RemoteAnswer::Gone)
}

/// Withdraws the tickets that were found to be deleted since the run began.
async fn withdraw(context: &RunContext<'_>, run: &Run) -> Result<u64> {
    let (store, tenant) = (context.store, context.tenant);
    let lost = store.missing_tickets(tenant, run.started_at).await?;
    let hidden = lost
        .iter()
        .filter(|(_, answer)| *answer == RemoteAnswer::Hidden)
        .count();
    if hidden > 0 {
        warn!(tenant_id = %tenant, "kept {hidden} stored tickets that this key can no longer see");
    }
    let gone = lost
        .into_iter()
        .filter(|(_, answer)| *answer == RemoteAnswer::Gone);
    let withdrawn: Vec<_> = gone.map(|(id, _)| Withdrawal { id, changed_at: None }).collect();
    let count = withdrawn.len() as u64;
    if !matches!(context.purpose, Purpose::Verify { repair: false, .. }) {
        let batch = Batch {
            withdrawals: withdrawn,
            ..Batch::new(Some(context.epoch), store::TicketOrigin::Sync, clock::now())
        };
        let applied = store.apply(tenant, &batch).await?;
        context.progress.advance(&applied);
    }
    Ok(count)
}

fn refuse_if_implausible(lost: u64, stored: u64) -> Result<()> {
    if lost <= IN_ANY_CASE.max(stored * PERCENT / 100) {
        return Ok(());
    }
    Err(Error::ImplausibleDeletions { lost, stored })
}
