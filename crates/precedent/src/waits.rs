//! How long to wait after failures.

use chrono::TimeDelta;

/// The first wait after one failure, twice as long after each further one, up to the longest.
pub(crate) fn doubled(first: TimeDelta, longest: TimeDelta, failures: u32) -> TimeDelta {
    // 2 to the power of 16 is longer than any wait that makes sense.
    let times = 2_i32.pow(failures.saturating_sub(1).min(16));
    (first * times).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_longest() {
        let (first, longest) = (TimeDelta::seconds(5), TimeDelta::hours(1));
        let waits: Vec<_> = (1..=12)
            .map(|failures| doubled(first, longest, failures))
            .collect();
        assert_eq!((waits[0], waits[1]), (first, first * 2));
        assert!(waits.is_sorted() && waits.last() == Some(&longest), "{waits:?}");
        assert_eq!(doubled(first, longest, u32::MAX), longest);
    }
}
