//! Places that were taken from the store together.

use std::time::Duration;

use tokio::time::Instant;

/// Time during which the places of an allotment may be used.
const LIFETIME: Duration = Duration::from_millis(250);

/// Places that were taken from the store and are not used yet.
#[derive(Debug)]
pub(super) struct Allotment {
    /// Number of places, `None` for no limit.
    places: Option<u64>,
    until: Instant,
}

impl Allotment {
    /// Makes an allotment from now on.
    pub(super) fn new(places: Option<u64>) -> Self {
        Self {
            places,
            until: Instant::now() + LIFETIME,
        }
    }

    /// Makes an allotment without a place.
    pub(super) fn none() -> Self {
        Self {
            places: Some(0),
            until: Instant::now(),
        }
    }

    /// Uses one place, if there is one.
    pub(super) fn take_one(&mut self) -> bool {
        if Instant::now() >= self.until {
            return false;
        }
        match &mut self.places {
            None => true,
            Some(0) => false,
            Some(places) => {
                *places -= 1;
                true
            }
        }
    }
}
