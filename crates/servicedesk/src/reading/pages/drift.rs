//! Did the list move while it was read page by page?
//!
//! A ticket that leaves the list shifts all behind it by one, and the reader misses the one that slips over
//! the edge of a page. Nothing says so, but figures do: a total that fell, fewer rows met than counted, or
//! newcomers that the total should show. Then the list is read again, until a reading brings nothing new.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};
use ticket::TicketId;
use tracing::{debug, warn};

use super::Cursor;
use crate::Row;

/// Times a span is read again. A list that moves on is left to a later sync.
const PASSES: u32 = 4;

#[derive(Debug)]
pub(super) struct Movement {
    planned_at_ms: i64,
    /// Rows handed out in this window, by their ids.
    seen: HashMap<u64, Seen>,
    span: u32,
    /// Readings of the span at hand.
    passes: u32,
    /// Different rows met in the span, in any reading; also those that an earlier walk met.
    met: u64,
    /// Rows met for the first time in this reading.
    unseen: u64,
    /// Of these, the ones that became final after the plan was made.
    newcomers: u64,
    first_total: Option<u64>,
    last_total: Option<u64>,
    fell: bool,
}

#[derive(Debug)]
struct Seen {
    /// When it had last changed, as [`Row::source_time`] tells it.
    changed: Option<Option<DateTime<Utc>>>,
    /// That met it last.
    span: u32,
}

impl Movement {
    pub(super) fn new(planned_at_ms: i64, cursor: &Cursor) -> Self {
        Self {
            planned_at_ms,
            seen: HashMap::new(),
            span: 0,
            passes: 1,
            met: cursor.start_index - 1,
            unseen: 0,
            newcomers: 0,
            first_total: cursor.total,
            last_total: cursor.total,
            fell: false,
        }
    }

    /// Different rows met in the span, in any reading.
    pub(super) fn met(&self) -> u64 {
        self.met
    }

    pub(super) fn begin_span(&mut self) {
        let none = Cursor {
            spans: Default::default(),
            start_index: 1,
            total: None,
            left: Vec::new(),
        };
        *self = Self {
            seen: std::mem::take(&mut self.seen),
            span: self.span + 1,
            ..Self::new(self.planned_at_ms, &none)
        };
    }

    /// Looks at a page; leaves those rows that are new or have changed since they were handed out.
    pub(super) fn note(&mut self, rows: &mut Vec<Row>, total: Option<u64>) {
        self.fell |= total < self.last_total;
        self.first_total = self.first_total.or(total);
        self.last_total = total;
        rows.retain(|row| self.is_news(row));
    }

    fn is_news(&mut self, row: &Row) -> bool {
        let Some(id) = row.id() else {
            self.met += 1;
            return self.passes == 1;
        };
        let changed = row.source_time();
        let seen = Seen {
            changed,
            span: self.span,
        };
        match self.seen.insert(key(&id), seen) {
            None => {
                self.met += 1;
                self.unseen += 1;
                self.newcomers += u64::from(row.latest_ms() > Some(self.planned_at_ms));
                true
            }
            Some(before) => {
                self.met += u64::from(before.span != self.span);
                changed != before.changed
            }
        }
    }

    /// At the end of a reading: whether the span has to be read again.
    pub(super) fn wants_another_pass(&mut self) -> bool {
        let missing = self.last_total.map_or(0, |total| total.saturating_sub(self.met));
        let hidden_fall = self
            .first_total
            .zip(self.last_total)
            .is_some_and(|(first, last)| first + self.newcomers > last);
        // A walk went on behind the end: what an earlier one was shown there was not this list.
        let too_many = self.last_total.is_some_and(|total| self.met > total);
        let beyond = self.seen.is_empty() && self.met > 0;
        let moved = match self.passes {
            1 => self.fell || missing > 0 || hidden_fall || too_many || beyond,
            _ => self.fell || self.unseen > 0,
        };
        if moved && self.passes < PASSES {
            debug!(missing, reading = self.passes, "the list moved; reading it again");
            self.passes += 1;
            self.unseen = 0;
            self.fell = false;
            return true;
        }
        if moved {
            warn!("the list keeps moving; what it hid meanwhile is left to the next import");
        } else if missing > 0 {
            warn!(
                missing,
                "the server counts {missing} tickets more than it shows: this key may not see them"
            );
        }
        false
    }
}

/// Ids are whole numbers of up to 19 digits; any other text is as good as one by its hash.
fn key(id: &TicketId) -> u64 {
    id.as_str().parse().unwrap_or_else(|_| {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        hasher.finish()
    })
}
