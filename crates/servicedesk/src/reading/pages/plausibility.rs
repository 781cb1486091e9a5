//! Lists that cannot be true: without an end, or counted and never shown.
//!
//! A walk ends by signs of the server. One that always announces more rows would be followed for ever, whether it gives
//! new ones each time, the same few in turn, or none.

use crate::wire::MOST_TICKETS;
use crate::{Error, Result};

/// Rows that a list may hold beyond any other bound.
const SLACK: u64 = 10_000;

/// Rows read for each different one. Rows that the key may not see are left out of pages on some servers: then pages
/// overlap, the more the less it may see.
const ROWS_FOR_ONE: u64 = 200;

/// Tickets that are counted and not shown, from which on that is an error: a few may be closed to this key.
const MOST_HIDDEN: u64 = 1_000;

/// How far a span was read.
pub(super) struct Progress {
    /// Rows up to the end of the page at hand, in this reading.
    pub(super) position: u64,
    /// Different rows met in the span, in any reading.
    pub(super) met: u64,
    /// As the server counts.
    pub(super) total: Option<u64>,
    /// Whether the server announces more rows.
    pub(super) announced: bool,
    /// Whether the span ends here.
    pub(super) ended: bool,
}

/// Refuses a list that cannot be true.
///
/// # Errors
/// `Implausible`, with the figures.
pub(super) fn check(progress: &Progress) -> Result<()> {
    let Progress {
        position,
        met,
        total,
        announced,
        ended,
    } = *progress;
    if ended && announced && met == 0 {
        return Err(Error::Implausible(
            "a list announces more rows on each page and gives none".to_owned(),
        ));
    }
    if ended {
        return match total {
            Some(total) if met == 0 && total >= MOST_HIDDEN => Err(Error::Implausible(format!(
                "it counts {total} tickets and lists none of them"
            ))),
            _ => Ok(()),
        };
    }
    let by_count = total.map_or(MOST_TICKETS, |total| 2 * total + SLACK);
    let by_rows = ROWS_FOR_ONE * met + SLACK;
    if position <= by_count.min(by_rows).min(MOST_TICKETS) {
        return Ok(());
    }
    let counted = total.map_or_else(|| "none".to_owned(), |total| total.to_string());
    Err(Error::Implausible(format!(
        "a list does not end: {position} rows read, {met} of them different, {counted} counted, and more announced"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(position: u64, met: u64, total: Option<u64>, ended: bool) -> bool {
        check(&Progress {
            position,
            met,
            total,
            announced: !ended,
            ended,
        })
        .is_err()
    }

    #[test]
    fn a_list_has_an_end() {
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
    fn what_is_counted_is_shown() {
        assert!(is_refused(0, 0, Some(20_000), true));
        assert!(!is_refused(0, 0, Some(3), true), "closed to this key");
        assert!(!is_refused(0, 0, None, true));
        assert!(!is_refused(100, 100, Some(20_000), true));
    }
}
