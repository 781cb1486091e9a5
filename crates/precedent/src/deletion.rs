//! Tickets that are stored and that lists do not show any more: each is asked for before it is believed to be gone.
//!
//! Answers are remembered, so that no ticket is asked for twice in a run, nor one that is in the archive with each run. A
//! key that may see less (a technician moved to another site) looks just like a mass deletion. So if more than a few are
//! lost at once, none is withdrawn.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use servicedesk::{Client, Found, Window};
use store::{Answer, Batch, Run, Withdrawal};
use ticket::TicketId;
use tracing::warn;

use crate::clock;
use crate::exit::{ExitCode, Failure};
use crate::pipeline::{Fault, Pipeline, Purpose};

/// Unseen tickets read at once.
const PAGE: u32 = 100;

/// Tickets that may be lost at once without a second thought, in percent of those stored, and in any case.
const PERCENT: u64 = 2;
const IN_ANY_CASE: u64 = 10;

/// Time for which it is believed that a ticket is still in the archive.
const ARCHIVED: TimeDelta = TimeDelta::days(30);

/// What a helpdesk says of a ticket.
enum RemoteState {
    /// No precedent any more, and why.
    Gone(String),
    There,
    Archived,
    /// Not for this key: nothing is known.
    Hidden,
}

async fn remote_state(client: &Client, window: &Window, id: &TicketId) -> servicedesk::Result<RemoteState> {
    Ok(match client.look_up(window, id).await? {
        Found::Gone(reason) => RemoteState::Gone(reason),
        Found::NotFinal(_) => RemoteState::Gone("open again, or in the trash".to_owned()),
        Found::Outcome(_) => RemoteState::There,
        Found::Archived => RemoteState::Archived,
        Found::Hidden => RemoteState::Hidden,
    })
}

/// Asks for every served ticket of a range that the run has not met; how many are gone. Withdraws these, unless the run
/// only compares.
///
/// # Errors
/// `Incomplete` if more are lost than is plausible, with none withdrawn; those of every call.
pub(crate) async fn find_deleted(
    pipeline: &Pipeline<'_>,
    run: &Run,
    range: (DateTime<Utc>, DateTime<Utc>),
) -> anyhow::Result<u64> {
    let (store, tenant) = (pipeline.store, pipeline.tenant);
    let window = Window::anything(clock::now());
    let stored = store.served(tenant, range).await?;
    let archived_since = match pipeline.purpose {
        Purpose::Verify { .. } => run.started_at,
        _ => run.started_at - ARCHIVED,
    };
    let mut lost = store.lost(tenant, run.started_at).await?.len() as u64;
    loop {
        refuse_if_implausible(lost, stored)?;
        let unseen = store
            .unseen(tenant, range, (run.started_at, archived_since), PAGE)
            .await?;
        if unseen.is_empty() {
            break;
        }
        for id in unseen {
            let state = remote_state(&pipeline.client, &window, &id).await;
            let answer = match state.context("ask for a ticket that no list shows")? {
                RemoteState::There => Answer::There,
                RemoteState::Archived => Answer::Archived,
                RemoteState::Hidden => Answer::Hidden,
                RemoteState::Gone(why) => {
                    if let Purpose::Verify { tell, .. } = pipeline.purpose {
                        tell(Fault::Gone, &id, &why);
                    }
                    Answer::Gone
                }
            };
            store.note_answer(tenant, &id, answer, clock::now()).await?;
            pipeline.progress.note_answer();
            lost += u64::from(matches!(answer, Answer::Gone | Answer::Hidden));
            // The rest would take a call each, to say the same.
            refuse_if_implausible(lost, stored)?;
        }
    }
    withdraw(pipeline, run).await
}

/// Withdraws what was found to be gone since the run began.
async fn withdraw(pipeline: &Pipeline<'_>, run: &Run) -> anyhow::Result<u64> {
    let (store, tenant) = (pipeline.store, pipeline.tenant);
    let lost = store.lost(tenant, run.started_at).await?;
    let hidden = lost
        .iter()
        .filter(|(_, answer)| *answer == Answer::Hidden)
        .count();
    if hidden > 0 {
        warn!(tenant_id = %tenant, "{hidden} stored tickets are hidden from this key now; they are kept");
    }
    let gone = lost.into_iter().filter(|(_, answer)| *answer == Answer::Gone);
    let withdrawn: Vec<_> = gone.map(|(id, _)| Withdrawal { id, changed_at: None }).collect();
    let count = withdrawn.len() as u64;
    if !matches!(pipeline.purpose, Purpose::Verify { repair: false, .. }) {
        let batch = Batch {
            withdrawn,
            ..Batch::new(Some(pipeline.epoch), store::Source::Sync, clock::now())
        };
        let applied = store.apply(tenant, &batch).await?;
        pipeline.progress.advance(&applied);
    }
    Ok(count)
}

fn refuse_if_implausible(lost: u64, stored: u64) -> Result<(), Failure> {
    if lost <= IN_ANY_CASE.max(stored * PERCENT / 100) {
        return Ok(());
    }
    let message = format!("at least {lost} of {stored} stored tickets vanished at once: none was withdrawn");
    Err(Failure::new(ExitCode::Incomplete, message)
        .hint("a key that may see less looks the same: check the technician's sites and groups first"))
}
