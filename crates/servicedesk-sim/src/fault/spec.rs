//! A fault strikes chosen calls: `KIND[:key=value,...]`.
//!
//! `status` (code=, body=, retry_after=), `hang`, `reset`, `truncate`, `html`, `empty`, `failed` and `slow` (ms=) are
//! answers that fail. `short-page` and `no-has-more-rows` are pages that are right and awkward. Two lists lie: `total`
//! claims value= tickets (parts= for lists over less than days=), and `endless` always announces more rows: rows=new
//! ones each time, the same few `again`, or `none`. The description of a `huge` ticket has mib=. Four bodies are too long:
//! `flood` has rows= tiny rows, `endless-body` has no end, `drip` sends a byte now and then without an end, and `bomb`
//! unpacks to mib= of=blanks or rows.
//!
//! These keys choose the calls: `on=list|detail|statuses|token|other|any` and `id=` of one ticket; of these, `at=N` the
//! N-th (alone, unless `times` or `every` is given), `after=N` all later ones, `times=M` M in a row, `every=K` each K-th,
//! and `share=0.2` that part by chance, the same calls in each run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::exchange::call::{Call, CallKind};
use crate::exchange::plan::OversizedBody;
use crate::fault::list_lie::ListLie;
use crate::random::mix;

/// A fault and the calls that it strikes, parsed from text. Clones share the count of calls.
#[derive(Clone, Debug)]
pub struct Fault {
    pub(super) kind: FaultKind,
    pub(super) on: Option<CallKind>,
    pub(super) id: Option<String>,
    pub(super) strikes: Strikes,
    pub(super) seen: Arc<AtomicU64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum FaultKind {
    Status {
        code: u16,
        body: Option<String>,
        retry_after: Option<String>,
    },
    Hang,
    Reset,
    Truncate,
    LoginPage,
    Empty,
    Failed,
    Slow(Duration),
    ShortPage,
    NoHasMoreRows,
    Lie(ListLie),
    HugeTicket {
        mebibytes: u64,
    },
    Oversized(OversizedBody),
}

/// The struck calls among those of a kind and ticket, counted from 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Strikes {
    pub(super) first: u64,
    pub(super) times: Option<u64>,
    pub(super) every: Option<u64>,
    pub(super) share: Option<f64>,
    pub(super) seed: u64,
}

impl Strikes {
    fn hit(&self, call: u64) -> bool {
        let Some(since) = call.checked_sub(self.first) else {
            return false;
        };
        if let Some(share) = self.share {
            let chance = (mix(self.seed ^ mix(call)) >> 11) as f64 / (1u64 << 53) as f64;
            return chance < share;
        }
        match (self.every, self.times) {
            (Some(every), times) => since % every < times.unwrap_or(1),
            (None, Some(times)) => since < times,
            (None, None) => true,
        }
    }
}

impl Fault {
    /// Counts a call, and returns whether the fault strikes it.
    pub(super) fn strikes(&self, call: &Call) -> bool {
        let kind = self.on.is_none_or(|on| on == call.kind());
        let id = self.id.as_deref().is_none_or(|id| call.id() == Some(id));
        kind && id && self.strikes.hit(self.seen.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the calls that a spec strikes.
    fn struck(spec: &str, calls: u64) -> Vec<u64> {
        let fault: Fault = spec.parse().expect(spec);
        (1..=calls).filter(|&call| fault.strikes.hit(call)).collect()
    }

    #[test]
    fn settings_choose_the_calls() {
        assert_eq!(struck("hang", 3), [1, 2, 3]);
        assert_eq!(struck("hang:at=3", 9), [3]);
        assert_eq!(struck("status:code=503,on=list,after=3,times=2", 9), [4, 5]);
        assert_eq!(struck("empty:after=7", 9), [8, 9]);
        assert_eq!(struck("empty:every=4", 12), [4, 8, 12]);
        assert_eq!(struck("empty:at=2,every=5,times=2", 12), [2, 3, 7, 8, 12]);
        assert_eq!(struck("empty:after=4,every=3", 12), [7, 10]);
    }

    #[test]
    fn chance_is_repeatable_and_about_right() {
        let calls = struck("reset:share=0.2,seed=9", 10_000);
        assert_eq!(calls, struck("reset:share=0.2,seed=9", 10_000));
        assert!((1_800..2_200).contains(&calls.len()), "{}", calls.len());
    }

    #[test]
    fn mistakes_are_named() {
        for (spec, complaint) in [
            ("boom", "no kind of fault is called boom"),
            ("status", "needs code="),
            ("status:code=99", "no HTTP status"),
            ("hang:on=lists", "no kind of call is called lists"),
            ("hang:at=x", "at=x is no number"),
            ("hang:often=1", "it has no setting often"),
            ("reset:share=2", "not between 0 and 1"),
            ("total", "needs value="),
            ("endless:rows=many", "rows= is new, again or none"),
            ("flood", "needs rows="),
            ("bomb", "needs mib="),
            ("bomb:mib=1,of=air", "of= is blanks or rows"),
            ("huge", "needs mib="),
        ] {
            let error = format!("{:#}", spec.parse::<Fault>().expect_err(spec));
            assert!(error.contains(complaint), "{spec}: {error}");
        }
    }
}
