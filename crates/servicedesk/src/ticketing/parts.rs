//! The number of rows to hydrate together, at the pace of the connection.

use crate::Client;
use crate::connection::DETAILS_IN_FLIGHT;
use crate::reading::PAGE_ROWS;

/// Time in seconds that the details of one part of a page should take.
const PART_SECONDS: usize = 5;

/// Maximum rows that wait for their details. Each detail may take a mebibyte.
const MOST_AHEAD: usize = 3 * PAGE_ROWS as usize;

impl Client {
    /// Returns how many rows to hydrate together: the work of a few seconds, so that it is stored in time.
    pub fn rows_per_part(&self) -> usize {
        match self.pacer().limit() {
            0 => PAGE_ROWS as usize,
            limit => (limit * PART_SECONDS / 60).clamp(1, PAGE_ROWS as usize),
        }
    }

    /// Returns how many rows may wait for their details at a time: enough to keep the pace.
    pub fn rows_ahead(&self) -> usize {
        match self.pacer().limit() {
            0 => MOST_AHEAD,
            limit => (2 * limit * PART_SECONDS / 60).clamp(DETAILS_IN_FLIGHT, MOST_AHEAD),
        }
    }
}
