//! Compares ids and contents of the stored tickets in a range with those of the helpdesk.

use std::sync::atomic::{AtomicU64, Ordering};

use store::RunKind;
use ticket::Range;

use crate::deletion::find_deleted;
use crate::error::AtStep as _;
use crate::import::{Ending, Purpose, RunContext, ending_of};
use crate::{Result, clock};

/// Result of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Tickets with the same content.
    pub same: u64,
    /// Tickets that are not stored.
    pub missing: u64,
    /// Tickets whose stored content differs.
    pub stale: u64,
    /// Stored tickets that the helpdesk no longer has.
    pub gone: u64,
    /// Tickets that cannot be read and so cannot be compared.
    pub rejected: u64,
}

impl Comparison {
    /// Returns the number of tickets that differ.
    pub fn differences(&self) -> u64 {
        self.missing + self.stale + self.gone
    }
}

/// Compares a range. Resumes an interrupted comparison of the same range.
///
/// # Errors
/// `ImplausibleDeletions`, with no ticket withdrawn, and those of the helpdesk and the store.
pub async fn verify(context: &RunContext<'_>, range: &Range) -> Result<(Ending, Comparison)> {
    if range.from >= range.to {
        return Ok((Ending::Complete, Comparison::default()));
    }
    let repair = matches!(context.purpose, Purpose::Verify { repair: true, .. });
    let request = format!("verify {}{}", range.request, if repair { " repair" } else { "" });
    let start = async {
        let windows = context.client.plan(range.from, range.to, clock::now()).await;
        let windows = windows.at_step("plan the windows to read")?;
        let range = (range.from, range.to);
        context
            .start(RunKind::Verify, request.clone(), range, &windows)
            .await
    };
    let run = context.resume_or_start(&request, start).await?;
    let gone = AtomicU64::new(0);
    let conclude = async {
        let found = find_deleted(context, &run, (run.from, run.to)).await;
        ending_of(found.map(|count| {
            gone.store(count, Ordering::Relaxed);
            Ending::Complete
        }))
    };
    let ending = context.follow(&run, conclude).await?;
    let counts = context.stored(&run).await?.counts;
    let comparison = Comparison {
        same: counts.skipped,
        missing: counts.imported,
        stale: counts.updated,
        gone: gone.into_inner(),
        rejected: counts.rejected,
    };
    Ok((ending, comparison))
}
