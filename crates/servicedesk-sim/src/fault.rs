//! Faults that strike chosen calls: `KIND[:key=value,...]`.
//!
//! `status` (code=, body=, retry_after=), `hang`, `reset`, `truncate`, `html`, `empty`, `failed` and `slow` (ms=) are
//! answers that fail. `short-page` and `no-has-more-rows` are pages that are right and awkward. Of lists that cannot be
//! true, `total` (value=, and parts= for lists over less than days=) counts so many tickets, and `endless` always
//! announces more rows: rows=new ones each time, the same few `again`, or `none`. Bodies are too long with `flood`
//! (rows=) that holds so many tiny rows, `endless-body`, `drip` that sends a byte now and then and never ends, and
//! `bomb` (mib=) that unpacks to so much.
//!
//! Which calls: `on=list|detail|statuses|token|other|any`, `id=` one ticket; of these `at=N` the N-th (one
//! only, unless `times` or `every` says more), `after=N` all later ones, `times=M` so many in a row,
//! `every=K` each K-th, `share=0.2` that part of them by chance, the same chance at each start.

mod lie;
mod parse;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::call::{Call, CallKind};
use crate::desk::Desk;
use crate::edition::Edition;
use crate::hook::{Hook, Monster, Outcome, Page, Plan};
use crate::random::mix;
use crate::reply::Reply;
use lie::Lie;

/// A fault and the calls it strikes. Parse one from text; clones share the count of calls.
#[derive(Clone, Debug)]
pub struct Fault {
    kind: Kind,
    on: Option<CallKind>,
    id: Option<String>,
    strikes: Strikes,
    seen: Arc<AtomicU64>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
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
    Lie(Lie),
    Flood {
        rows: u64,
    },
    EndlessBody,
    Drip,
    Bomb {
        mebibytes: u64,
    },
}

/// Which of the calls in question, counted from 1.
#[derive(Clone, Debug, Default, PartialEq)]
struct Strikes {
    first: u64,
    times: Option<u64>,
    every: Option<u64>,
    share: Option<f64>,
    seed: u64,
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
    fn strikes(&self, call: &Call) -> bool {
        let kind = self.on.is_none_or(|on| on == call.kind());
        let id = self.id.as_deref().is_none_or(|id| call.id() == Some(id));
        kind && id && self.strikes.hit(self.seen.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn changes_pages(&self) -> bool {
        matches!(self.kind, Kind::ShortPage | Kind::NoHasMoreRows)
    }
}

/// A fault on a desk: the bodies differ by edition.
pub(crate) struct Armed {
    pub(crate) fault: Fault,
    pub(crate) edition: Edition,
}

impl Hook for Armed {
    fn before(&self, _desk: &Desk, call: &Call, plan: &mut Plan) {
        let later = self.fault.changes_pages() || matches!(self.fault.kind, Kind::Lie(_));
        if later || !self.fault.strikes(call) {
            return;
        }
        plan.outcome = match &self.fault.kind {
            Kind::Slow(delay) => {
                plan.delay += *delay;
                return;
            }
            Kind::Status {
                code,
                body,
                retry_after,
            } => {
                let named = body.as_deref().and_then(Reply::named);
                let mut reply = named.unwrap_or_else(|| Reply::of_status(*code, self.edition));
                reply.status = *code;
                reply.retry_after.clone_from(retry_after);
                Outcome::Answer(reply)
            }
            Kind::Hang => Outcome::Hang,
            Kind::Reset => Outcome::Reset,
            Kind::Truncate => Outcome::Truncate,
            Kind::LoginPage => Outcome::Answer(Reply::login_page()),
            Kind::Empty => Outcome::Answer(Reply::empty(200)),
            Kind::Failed => Outcome::Answer(Reply::failed_success()),
            Kind::Flood { rows } => Outcome::Monster(Monster::Flood { rows: *rows }),
            Kind::EndlessBody => Outcome::Monster(Monster::Flood { rows: u64::MAX }),
            Kind::Drip => Outcome::Monster(Monster::Drip),
            Kind::Bomb { mebibytes } => Outcome::Monster(Monster::Bomb {
                mebibytes: *mebibytes,
            }),
            Kind::ShortPage | Kind::NoHasMoreRows | Kind::Lie(_) => return,
        };
    }

    fn on_list(&self, call: &Call, page: &mut Page) {
        if !self.fault.changes_pages() || !self.fault.strikes(call) {
            return;
        }
        match self.fault.kind {
            Kind::ShortPage if page.numbers.len() > 1 => {
                page.numbers.truncate(page.numbers.len() / 2);
                page.has_more_rows = Some(true);
            }
            Kind::NoHasMoreRows => page.has_more_rows = None,
            _ => {}
        }
    }

    fn on_reply(&self, call: &Call, reply: &mut Reply) {
        if let Kind::Lie(lie) = &self.fault.kind
            && call.kind() == CallKind::List
            && self.fault.strikes(call)
        {
            lie.tell(call, reply);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the first calls a spec strikes.
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
        let first = struck("reset:share=0.2,seed=9", 10_000);
        assert_eq!(first, struck("reset:share=0.2,seed=9", 10_000));
        assert!((1_800..2_200).contains(&first.len()), "{}", first.len());
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
        ] {
            let error = format!("{:#}", spec.parse::<Fault>().expect_err(spec));
            assert!(error.contains(complaint), "{spec}: {error}");
        }
    }
}
