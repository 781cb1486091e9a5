//! Converts completed rows into outcomes.

use super::completed::Completed;
use super::digest::FingerprintDigest;
use super::fingerprint::SourceFingerprint;
use super::hydrated::Hydrated;
use super::normalise::{Normalised, Normaliser};
use super::outcome::Outcome;
use super::stored::StoredTickets;
use crate::Row;

/// Converts completed rows into outcomes. Rows with the digest of a stored ticket are unchanged.
pub(crate) fn convert_all(
    normaliser: &Normaliser,
    completed: Vec<Completed>,
    stored: &StoredTickets,
) -> Hydrated {
    let mut hydrated = Hydrated::default();
    let digests = FingerprintDigest::new(normaliser);
    for completed in completed {
        match completed {
            Completed::Row(row) => convert(normaliser, &digests, *row, stored, &mut hydrated),
            Completed::Decided(outcome) => hydrated.outcomes.push(outcome),
            Completed::Large(row) => hydrated.large.push(*row),
            Completed::Outside(not_final) => hydrated.add_outside(not_final),
            Completed::Gone(..) => hydrated.add_outside(None),
        }
    }
    hydrated
}

fn convert(
    normaliser: &Normaliser,
    digests: &FingerprintDigest,
    row: Row,
    stored: &StoredTickets,
    hydrated: &mut Hydrated,
) {
    let request = row.request.as_ref();
    let digest = request.map_or_else(|_| Vec::new(), |request| digests.of(request));
    let before = row.id().and_then(|id| stored.get(&id)?.digest.as_ref());
    let outcome = match normaliser.normalise(&row, before == Some(&digest)) {
        Normalised::Ticket(ticket) => {
            let raw = row.raw;
            Outcome::Ticket(ticket, SourceFingerprint { raw, digest })
        }
        Normalised::Unchanged => Outcome::Unchanged,
        Normalised::Rejected(reason) => Outcome::rejected(&row, reason),
        Normalised::Outside => return hydrated.add_outside(normaliser.not_final(&row)),
    };
    hydrated.outcomes.push(outcome);
}
