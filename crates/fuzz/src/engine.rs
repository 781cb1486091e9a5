//! The loop: choose an input, mutate it, try it, keep it if its outcome is new.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::mutate::Mutator;
use crate::targets::{Outcome, Target};

/// Inputs that are kept for further mutation. Beyond it a new one takes the place of one that was found.
const KEPT: usize = 1_000;

/// Nothing that fits into one input takes this long unless it is quadratic: a way to stall an import.
const TOO_SLOW: Duration = Duration::from_secs(5);

/// When to stop, whichever comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) executions: u64,
    pub(crate) time: Duration,
}

/// What a run did.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) executions: u64,
    pub(crate) took: Duration,
    /// Different outcomes that were met.
    pub(crate) outcomes: usize,
    /// The longest that one input took.
    pub(crate) slowest: Duration,
    /// What ended the run early.
    pub(crate) offence: Option<Offence>,
}

/// An input that must not do what it did.
#[derive(Debug)]
pub(crate) struct Offence {
    pub(crate) input: Vec<u8>,
    pub(crate) what: String,
}

/// Feeds the seeds, then what becomes of them.
///
/// # Errors
/// If the seeds cannot be read.
pub(crate) fn fuzz(target: Target, seed: u64, limits: Limits) -> std::io::Result<Report> {
    let seeds = target.seeds()?;
    let mut mutator = Mutator::new(seed, target.words());
    let mut inputs = seeds.clone();
    let mut met = HashSet::new();
    let mut report = Report {
        executions: 0,
        took: Duration::ZERO,
        outcomes: 0,
        slowest: Duration::ZERO,
        offence: None,
    };
    let began = Instant::now();
    let mut last = began;
    while report.executions < limits.executions && report.took < limits.time {
        let turn = usize::try_from(report.executions).unwrap_or(usize::MAX);
        let input = match seeds.get(turn) {
            Some(seed) => seed.clone(),
            None => mutator.mutate(&inputs),
        };
        let tried = attempt(target, &input);
        let now = Instant::now();
        let took = now - last;
        last = now;
        report.executions += 1;
        report.took = now - began;
        report.slowest = report.slowest.max(took);
        let what = match tried {
            Ok(_) if took > TOO_SLOW => format!("took {} ms", took.as_millis()),
            Ok(outcome) => {
                if met.insert(outcome) && turn >= seeds.len() {
                    mutator.keep(&mut inputs, input, seeds.len(), KEPT);
                }
                continue;
            }
            Err(what) => what,
        };
        report.offence = Some(Offence { input, what });
        break;
    }
    report.outcomes = met.len();
    Ok(report)
}

/// Feeds one input.
///
/// # Errors
/// The panic or the broken law.
pub(crate) fn attempt(target: Target, input: &[u8]) -> Result<Outcome, String> {
    // Nothing that is seen again lives on after a panic.
    catch_unwind(AssertUnwindSafe(|| target.feed(input))).unwrap_or_else(|_| {
        let panic = PANIC.lock().map(|mut panic| std::mem::take(&mut *panic));
        Err(panic.unwrap_or_default())
    })
}

/// The last panic's own words.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// Panics are kept, not printed.
pub(crate) fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut last) = PANIC.lock() {
            *last = panic.to_string();
        }
    }));
}
