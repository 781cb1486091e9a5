//! Detects that a list drifted during a walk.
//!
//! A ticket that leaves the list shifts all rows behind it by one, and the walk misses the one that slips
//! over the edge of a page. The server does not report it, but figures reveal it: a total that fell, fewer
//! distinct rows than the total, or newcomers that the total lacks. Then the walk repeats the span until a
//! pass brings no new row.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};
use ticket::TicketId;
use tracing::{debug, warn};

use crate::Row;

/// Maximum passes over a span. A later sync finds the rows of a list that still drifts.
const PASSES: u32 = 4;

/// The rows that a walk has seen, and the signs of drift in the current span.
#[derive(Debug)]
pub(super) struct Drift {
    planned_at_ms: i64,
    /// Rows of this window that the walk has handed out, by a key of their id.
    seen: HashMap<u64, Seen>,
    span: u32,
    /// Passes over the current span.
    passes: u32,
    /// Distinct rows of the span in any pass, including those of an earlier walk.
    distinct: u64,
    /// Rows that are new in this pass.
    unseen: u64,
    /// New rows that became final after the plan.
    newcomers: u64,
    first_total: Option<u64>,
    last_total: Option<u64>,
    fell: bool,
}

#[derive(Debug)]
struct Seen {
    /// Time of the last update, as of [`Row::source_time`].
    changed: Option<Option<DateTime<Utc>>>,
    /// Last span that contained it.
    span: u32,
}

impl Drift {
    /// Begins with `distinct` rows that an earlier walk has handed out, and its total.
    pub(super) fn new(planned_at_ms: i64, distinct: u64, total: Option<u64>) -> Self {
        Self {
            planned_at_ms,
            seen: HashMap::new(),
            span: 0,
            passes: 1,
            distinct,
            unseen: 0,
            newcomers: 0,
            first_total: total,
            last_total: total,
            fell: false,
        }
    }

    /// Returns the number of distinct rows of the span, in any pass.
    pub(super) fn distinct(&self) -> u64 {
        self.distinct
    }

    /// Starts over for the next span. Keeps the rows that the walk has handed out.
    pub(super) fn begin_span(&mut self) {
        *self = Self {
            seen: std::mem::take(&mut self.seen),
            span: self.span + 1,
            ..Self::new(self.planned_at_ms, 0, None)
        };
    }

    /// Records a page. Retains the rows that are new or have changed since the walk handed them out.
    pub(super) fn record(&mut self, rows: &mut Vec<Row>, total: Option<u64>) {
        self.fell |= total < self.last_total;
        self.first_total = self.first_total.or(total);
        self.last_total = total;
        rows.retain(|row| self.is_news(row));
    }

    fn is_news(&mut self, row: &Row) -> bool {
        let Some(id) = row.id() else {
            self.distinct += 1;
            return self.passes == 1;
        };
        let changed = row.source_time();
        let seen = Seen {
            changed,
            span: self.span,
        };
        match self.seen.insert(key(&id), seen) {
            None => {
                self.distinct += 1;
                self.unseen += 1;
                self.newcomers += u64::from(row.latest_ms() > Some(self.planned_at_ms));
                true
            }
            Some(before) => {
                self.distinct += u64::from(before.span != self.span);
                changed != before.changed
            }
        }
    }

    /// Returns, at the end of a pass, whether the span needs another one.
    pub(super) fn wants_another_pass(&mut self) -> bool {
        let missing = self
            .last_total
            .map_or(0, |total| total.saturating_sub(self.distinct));
        let hidden_fall = self
            .first_total
            .zip(self.last_total)
            .is_some_and(|(first, last)| first + self.newcomers > last);
        // The walk resumed behind the end, so the earlier walk saw another list.
        let too_many = self.last_total.is_some_and(|total| self.distinct > total);
        let beyond = self.seen.is_empty() && self.distinct > 0;
        let drifted = match self.passes {
            1 => self.fell || missing > 0 || hidden_fall || too_many || beyond,
            _ => self.fell || self.unseen > 0,
        };
        if drifted && self.passes < PASSES {
            debug!(missing, pass = self.passes, "the list drifted; reading it again");
            self.passes += 1;
            self.unseen = 0;
            self.fell = false;
            return true;
        }
        if drifted {
            warn!("the list keeps drifting; the next import will find the rows that this one missed");
        } else if missing > 0 {
            warn!(
                missing,
                "the server counts {missing} tickets more than it shows: this key may not see them"
            );
        }
        false
    }
}

/// Returns a key of an id: its number of up to 19 digits, or the hash of any other text.
fn key(id: &TicketId) -> u64 {
    id.as_str().parse().unwrap_or_else(|_| {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        hasher.finish()
    })
}
