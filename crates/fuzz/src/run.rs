//! Runs proptest in rounds until the time is up.

use std::cell::Cell;
use std::time::{Duration, Instant};

use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestCaseError, TestError, TestRunner};

use crate::case::{Case, cases};
use crate::targets::Target;

/// Number of inputs per round.
const INPUTS_PER_ROUND: u32 = 256;

/// Maximum time for one input. Only quadratic work on an input of this size takes longer, and could stall an import.
const MAX_INPUT_TIME: Duration = Duration::from_secs(5);

/// Maximum time to shrink a failing input, in milliseconds.
const MAX_SHRINK_TIME_MS: u32 = 10_000;

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) inputs: u64,
    pub(crate) took: Duration,
    /// Time of the slowest input.
    pub(crate) slowest: Duration,
    pub(crate) finding: Option<Finding>,
}

/// A failing input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) input: Vec<u8>,
    pub(crate) reason: String,
    /// Seed whose first round finds the input.
    pub(crate) seed: u64,
}

/// Checks recorded answers, most of them mutated.
///
/// # Errors
/// When the recorded answers cannot be read.
pub(crate) fn fuzz(target: Target, seed: u64, rounds: u64, limit: Duration) -> std::io::Result<Report> {
    let recorded = target.recorded()?;
    let render = |case: &Case| case.render(&recorded, target.words());
    Ok(run(&render, |input| target.check(input), seed, rounds, limit))
}

fn run(
    render: &dyn Fn(&Case) -> Vec<u8>,
    check: impl Fn(&[u8]) -> Result<(), String>,
    seed: u64,
    rounds: u64,
    limit: Duration,
) -> Report {
    let (began, inputs, slowest) = (Instant::now(), Cell::new(0), Cell::new(Duration::ZERO));
    let mut finding = None;
    // Shrinking repeats a panic many times; the finding has its message.
    std::panic::set_hook(Box::new(|_| {}));
    for round in 0..rounds {
        let seed = seed ^ (round << 32);
        let result = runner(seed).run(&cases(), |case| {
            let input = render(&case);
            let start = Instant::now();
            check(&input).map_err(TestCaseError::fail)?;
            let took = start.elapsed();
            inputs.set(inputs.get() + 1);
            slowest.set(slowest.get().max(took));
            match took > MAX_INPUT_TIME {
                true => Err(TestCaseError::fail(format!("took {} ms", took.as_millis()))),
                false => Ok(()),
            }
        });
        finding = match result {
            Ok(()) => None,
            Err(TestError::Fail(reason, case)) => Some((reason.to_string(), render(&case))),
            Err(TestError::Abort(reason)) => Some((reason.to_string(), Vec::new())),
        }
        .map(|(reason, input)| Finding { input, reason, seed });
        if finding.is_some() || began.elapsed() >= limit {
            break;
        }
    }
    drop(std::panic::take_hook());
    Report {
        inputs: inputs.get(),
        took: began.elapsed(),
        slowest: slowest.get(),
        finding,
    }
}

fn runner(seed: u64) -> TestRunner {
    TestRunner::new(Config {
        cases: INPUTS_PER_ROUND,
        // The default, ChaCha, takes most of the time in a debug build.
        rng_algorithm: RngAlgorithm::XorShift,
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_time: MAX_SHRINK_TIME_MS,
        failure_persistence: None,
        ..Config::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fuzzes one recorded answer against a law.
    fn broken_by(law: fn(&[u8]) -> Result<(), String>) -> Option<Finding> {
        let recorded = [br#"{"id": "7", "tags": []}"#.to_vec()];
        let render = |case: &Case| case.render(&recorded, &["planted".to_owned()]);
        run(&render, law, 1, 20, Duration::MAX).finding
    }

    #[test]
    fn a_broken_law_is_found_shrunk_and_reproduced() {
        let law = |input: &[u8]| match String::from_utf8_lossy(input).contains("planted") {
            true => Err("the law".to_owned()),
            false => Ok(()),
        };
        let finding = broken_by(law).expect("a mutation inserts the word");
        assert_eq!(finding.reason, "the law");
        let lost = finding.input.len().abs_diff(br#"{"id": "7", "tags": []}"#.len());
        assert!(lost <= "planted".len() * 2, "{finding:?}");
        assert_eq!(broken_by(law), Some(finding));
    }

    #[test]
    fn a_panic_is_a_finding() {
        let finding = broken_by(|input| match input.first() {
            Some(b'{') => Ok(()),
            _ => panic!("no object"),
        });
        assert!(finding.is_some_and(|finding| finding.reason.contains("no object")));
    }
}
