//! A ticket: facts only. Its texts are generated on demand.

use crate::calendar::DAY_MS;
use crate::edition::Edition;
use crate::population::defect::{Defect, without_long_prefix};
use crate::population::status::status;

/// First cloud id: 18 digits, far above 2^53.
const FIRST_CLOUD_ID: u64 = 701_100_000_000_215_007;
const CLOUD_ID_STEP: u64 = 1_000;
const FIRST_ON_PREMISES_ID: u64 = 1_001;

/// One request of the desk.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    /// Position in the order of creation, from 0; determines id and texts.
    pub(crate) number: u32,
    pub(crate) created_ms: i64,
    pub(crate) resolved_ms: Option<i64>,
    pub(crate) completed_ms: Option<i64>,
    /// `None` until the first edit.
    pub(crate) updated_ms: Option<i64>,
    /// Index into [`crate::population::status::STATUSES`].
    pub(crate) status: u8,
    /// Index into the directory's lists.
    pub(crate) priority: u8,
    pub(crate) requester: u8,
    pub(crate) technician: u8,
    pub(crate) group: Option<u8>,
    pub(crate) service_request: bool,
    pub(crate) reopened: bool,
    pub(crate) defect: Option<Defect>,
    pub(crate) life: Life,
    /// The resolution that an edit wrote, as plain text.
    pub(crate) edited_resolution: Option<Box<str>>,
}

/// The stage of a ticket's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// In lists and details.
    Present,
    /// Out of lists; the detail still answers.
    Trashed { at_ms: i64 },
    /// Invisible to this key: 403.
    Hidden,
    /// On premises: in the archive instead of among the requests.
    Archived,
    /// Deleted: 404.
    Deleted,
    /// Merged into another ticket: 404 that names it.
    Merged { into: u32 },
}

impl Ticket {
    /// Returns whether the status is final.
    pub(crate) fn is_final(&self) -> bool {
        !status(self.status).in_progress
    }

    /// Returns the time of resolution, else of completion.
    pub(crate) fn final_ms(&self) -> Option<i64> {
        self.resolved_ms.or(self.completed_ms)
    }

    /// Returns the due time: a day after creation.
    pub(crate) fn due_ms(&self) -> i64 {
        self.created_ms + DAY_MS
    }

    /// Returns whether the ticket has a note.
    pub(crate) fn has_note(&self) -> bool {
        self.number % 5 == 2
    }
}

/// Returns the id of a ticket.
pub(crate) fn id_of(edition: Edition, number: u32) -> u64 {
    match edition {
        Edition::Cloud => FIRST_CLOUD_ID + u64::from(number) * CLOUD_ID_STEP,
        Edition::OnPremises | Edition::Msp => FIRST_ON_PREMISES_ID + u64::from(number),
    }
}

/// Returns the number that people quote: `display_id` on cloud.
pub(crate) fn display_id_of(number: u32) -> u64 {
    u64::from(number) + 1
}

/// Returns the number of the ticket with this id, or `None` for an impossible id.
pub(crate) fn number_of(edition: Edition, id: &str) -> Option<u32> {
    let id = without_long_prefix(id);
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let id: u64 = id.parse().ok()?;
    let (first, step) = match edition {
        Edition::Cloud => (FIRST_CLOUD_ID, CLOUD_ID_STEP),
        Edition::OnPremises | Edition::Msp => (FIRST_ON_PREMISES_ID, 1),
    };
    let distance = id.checked_sub(first)?;
    (distance % step == 0)
        .then(|| u32::try_from(distance / step).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_maps_back_to_its_number() {
        for edition in [Edition::Cloud, Edition::OnPremises, Edition::Msp] {
            for number in [0, 1, 999_999] {
                assert_eq!(
                    number_of(edition, &id_of(edition, number).to_string()),
                    Some(number)
                );
            }
            for id in ["", "x", "-1", "+5", "1000", "99999999999999999999999"] {
                assert_eq!(number_of(edition, id), None, "{id}");
            }
        }
        assert_eq!(id_of(Edition::Cloud, 0).to_string().len(), 18);
    }
}
