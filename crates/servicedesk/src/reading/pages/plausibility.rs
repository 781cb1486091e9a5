//! Refuses implausible lists: endless ones, and those whose rows the server counts but never lists.
//!
//! The server's own signs end a walk. Without these bounds, a server that always announces more rows would
//! keep a walk busy for ever, whether it sends new rows, the same few in turn, or none.

use crate::wire::MOST_TICKETS;
use crate::{Error, Result};

/// Rows that a list may hold in addition to each bound.
const SLACK: u64 = 10_000;

/// Maximum rows read per distinct row. Some servers omit the rows that the key may not see; then pages
/// overlap, the more the less it may see.
const ROWS_PER_DISTINCT: u64 = 200;

/// Minimum total of a list without rows that is an error; a smaller list may be hidden from this key.
const LEAST_MISSING: u64 = 1_000;

/// Progress of a walk within a span.
pub(super) struct Progress {
    /// Rows up to the end of the current page, in this pass.
    pub(super) position: u64,
    /// Distinct rows of the span, in any pass.
    pub(super) distinct: u64,
    /// The server's total.
    pub(super) total: Option<u64>,
    /// Whether the server announces more rows.
    pub(super) announced: bool,
    /// Whether the span ends here.
    pub(super) ended: bool,
}

/// Checks that a list can be true.
///
/// # Errors
/// `Implausible`, with the figures.
pub(super) fn check(progress: &Progress) -> Result<()> {
    let Progress {
        position,
        distinct,
        total,
        announced,
        ended,
    } = *progress;
    if ended && announced && distinct == 0 {
        return Err(Error::Implausible(
            "a list announces more rows on each page and gives none".to_owned(),
        ));
    }
    if ended {
        return match total {
            Some(total) if distinct == 0 && total >= LEAST_MISSING => Err(Error::Implausible(format!(
                "it counts {total} tickets and lists none of them"
            ))),
            _ => Ok(()),
        };
    }
    let by_count = total.map_or(MOST_TICKETS, |total| 2 * total + SLACK);
    let by_rows = ROWS_PER_DISTINCT * distinct + SLACK;
    if position <= by_count.min(by_rows).min(MOST_TICKETS) {
        return Ok(());
    }
    let counted = total.map_or_else(|| "none".to_owned(), |total| total.to_string());
    Err(Error::Implausible(format!(
        "a list does not end: {position} rows read, {distinct} of them different, {counted} counted, and more announced"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(position: u64, distinct: u64, total: Option<u64>, ended: bool) -> bool {
        check(&Progress {
            position,
            distinct,
            total,
            announced: !ended,
            ended,
        })
        .is_err()
    }

    #[test]
    fn an_endless_list_is_refused() {
        assert!(!is_refused(9_000_000, 9_000_000, None, false));
        assert!(is_refused(10_000_001, 10_000_001, None, false), "ever new rows");
        assert!(is_refused(12_000, 12_000, Some(900), false), "ever new rows");
        assert!(!is_refused(12_000, 12_000, Some(1_001), false));
        assert!(is_refused(60_000, 200, None, false), "the same in turn");
        assert!(
            is_refused(60_000, 200, Some(9_000_000), false),
            "the same in turn"
        );
        assert!(!is_refused(60_000, 1_200, Some(60_000), false), "2 % may be seen");
        assert!(is_refused(10_100, 0, None, false), "no rows");
    }

    #[test]
    fn a_counted_list_without_rows_is_refused() {
        assert!(is_refused(0, 0, Some(20_000), true));
        assert!(!is_refused(0, 0, Some(3), true), "hidden from this key");
        assert!(!is_refused(0, 0, None, true));
        assert!(!is_refused(100, 100, Some(20_000), true));
    }
}
