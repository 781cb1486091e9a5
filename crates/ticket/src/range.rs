//! A range of resolved times, as a request names it.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Clock skew: a ticket that the helpdesk resolved a minute from now belongs to the present.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(10);

/// First and last instant, both included, and the request for them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Range {
    /// Words of the request. The same request again finds the interrupted run by them.
    pub request: String,
    /// First instant.
    pub from: DateTime<Utc>,
    /// Last instant.
    pub to: DateTime<Utc>,
}

/// A day or an instant, as a request names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// A whole UTC day.
    Day(NaiveDate),
    /// To the millisecond.
    Instant(DateTime<Utc>),
}

impl std::str::FromStr for Edge {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self::Day);
        let instant = || {
            let instant = DateTime::parse_from_rfc3339(text).ok()?;
            Some(Self::Instant(instant.to_utc()))
        };
        // Arithmetic at the calendar's ends would fail.
        let sensible = |edge: &Self| (1..=9999).contains(&edge.first().year());
        day.or_else(instant).filter(sensible).ok_or_else(|| {
            "expected a day such as 2026-03-31 or an instant such as 2026-03-31T12:00:00Z".to_owned()
        })
    }
}

impl Edge {
    /// Returns the first instant.
    pub fn first(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
            Self::Instant(instant) => instant,
        }
    }

    /// Returns the last instant.
    pub fn last(self) -> DateTime<Utc> {
        match self {
            Self::Day(_) => self.first() + TimeDelta::days(1) - TimeDelta::milliseconds(1),
            Self::Instant(instant) => instant,
        }
    }
}

impl std::fmt::Display for Edge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => write!(formatter, "{day}"),
            Self::Instant(instant) => write!(formatter, "{}", instant.to_rfc3339()),
        }
    }
}

impl Range {
    /// Makes the range from `start`, or else `days` before the end, to the end of `end`, or else the present.
    ///
    /// # Errors
    /// A range that ends before it starts, or starts in the future.
    pub fn new(
        days: u32,
        start: Option<Edge>,
        end: Option<Edge>,
        now: DateTime<Utc>,
    ) -> Result<Self, String> {
        let to = end.map_or(now + CLOCK_SKEW, Edge::last);
        let before = || {
            let end = end.map_or(now, Edge::last);
            end.checked_sub_signed(TimeDelta::days(days.into()))
                .ok_or("--days reaches beyond the calendar")
        };
        let from = match start {
            Some(start) => start.first(),
            None => before()?,
        };
        if from > to {
            return Err(format!("the range ends ({to}) before it starts ({from})"));
        }
        if from > now {
            return Err(format!("the range starts in the future ({from})"));
        }
        let start = start.map_or_else(|| format!("{days} days before"), |start| start.to_string());
        let end = end.map_or_else(|| "now".to_owned(), |end| end.to_string());
        Ok(Self {
            request: format!("{start}..{end}"),
            from,
            to,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("an instant").to_utc()
    }

    fn range(days: u32, start: Option<&str>, end: Option<&str>) -> Result<Range, String> {
        let edge = |text: &str| text.parse().expect("an edge");
        Range::new(days, start.map(edge), end.map(edge), at("2026-04-01T10:30:00Z"))
    }

    #[test]
    fn days_reach_back_from_now() {
        let range = range(90, None, None).expect("a range");
        assert_eq!(range.from, at("2026-01-01T10:30:00Z"));
        assert_eq!(range.to, at("2026-04-01T10:40:00Z"));
        assert_eq!(range.request, "90 days before..now");
    }

    #[test]
    fn days_of_a_range_are_whole_and_the_end_is_included() {
        let range = range(90, Some("2026-01-01"), Some("2026-01-31")).expect("a range");
        assert_eq!(range.from, at("2026-01-01T00:00:00Z"));
        assert_eq!(range.to, at("2026-01-31T23:59:59.999Z"));
    }

    #[test]
    fn instants_are_taken_to_the_millisecond_in_any_zone() {
        let range = range(1, None, Some("2026-03-01T12:00:00.5+02:00")).expect("a range");
        assert_eq!(range.to, at("2026-03-01T10:00:00.5Z"));
        assert_eq!(range.from, at("2026-02-28T10:00:00.5Z"));
    }

    #[test]
    fn impossible_ranges_are_refused() {
        assert!(
            range(90, Some("2026-02-02"), Some("2026-02-01"))
                .expect_err("reversed")
                .contains("before it starts")
        );
        assert!(
            range(90, Some("2026-05-01"), None)
                .expect_err("future")
                .contains("before it starts")
        );
        assert!(
            range(90, Some("2026-05-01"), Some("2026-06-01"))
                .expect_err("future")
                .contains("in the future")
        );
        assert!(range(u32::MAX, None, None).is_err());
        assert!("31.03.2026".parse::<Edge>().is_err());
        assert!("2026-02-30".parse::<Edge>().is_err());
        assert!("+262142-12-31".parse::<Edge>().is_err());
    }
}
