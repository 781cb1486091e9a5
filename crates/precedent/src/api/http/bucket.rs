//! A leaky bucket: limits a burst and a rate per second.

use std::time::Instant;

/// Size of a bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) most: f64,
    pub(super) per_second: f64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    level: f64,
    at: Instant,
}

impl Bucket {
    pub(super) fn empty(now: Instant) -> Self {
        Self { level: 0.0, at: now }
    }

    fn level(&self, size: Size, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        (self.level - passed * size.per_second).max(0.0)
    }

    /// Adds one; a full bucket stays full.
    pub(super) fn add(&mut self, size: Size, now: Instant) {
        self.level = (self.level(size, now) + 1.0).min(size.most);
        self.at = now;
    }

    /// Adds an amount if it fits; returns whether it did.
    pub(super) fn take(&mut self, size: Size, amount: f64, now: Instant) -> bool {
        let level = self.level(size, now) + amount;
        let fits = level <= size.most;
        if fits {
            *self = Self { level, at: now };
        }
        fits
    }

    /// Returns the seconds, at least 1, until one more fits; `None` if it fits now.
    pub(super) fn wait_seconds(&self, size: Size, now: Instant) -> Option<u64> {
        let excess = self.level(size, now) + 1.0 - size.most;
        // Ignore rounding errors.
        (excess > 1e-6).then(|| (excess / size.per_second).ceil().max(1.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_fills_and_leaks() {
        let size = Size {
            most: 3.0,
            per_second: 0.5,
        };
        let start = Instant::now();
        let mut bucket = Bucket::empty(start);
        for _ in 0..9 {
            bucket.add(size, start);
        }
        assert_eq!(bucket.wait_seconds(size, start), Some(2));
        assert_eq!(bucket.wait_seconds(size, start + Duration::from_secs(1)), Some(1));
        assert_eq!(bucket.wait_seconds(size, start + Duration::from_secs(2)), None);
        bucket.add(size, start + Duration::from_secs(60));
        assert_eq!(bucket.wait_seconds(size, start + Duration::from_secs(60)), None);
    }
}
