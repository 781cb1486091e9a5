//! Fuzzes the code that reads what a broken or hostile helpdesk may send.
//!
//! `cargo run --profile fuzz -p fuzz -- list --seconds 60`. The engine is proptest: in process, on stable Rust, with
//! shrinking. It mutates the recorded answers in `seeds/<target>/`. A panic, a broken law of the [`targets`] or a very
//! slow input fails the run, and the smallest failing input is written to a file.

mod case;
mod json;
mod mutation;
mod run;
mod targets;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::run::{Finding, Report};
use crate::targets::Target;

/// Fuzz one target
#[derive(Debug, Parser)]
struct Arguments {
    /// Target to fuzz
    target: Target,
    /// Maximum number of rounds, 256 inputs each
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true)]
    rounds: u64,
    /// Maximum number of seconds; the last round is completed
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seed of the random numbers: the same seed gives the same inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Check this file alone, such as one that an earlier run wrote
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Folder for failing inputs
    #[arg(long, value_name = "FOLDER", default_value = "target/fuzz-findings")]
    findings: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns whether the target passed.
fn run(arguments: &Arguments) -> std::io::Result<bool> {
    let target = arguments.target;
    if let Some(file) = &arguments.input {
        let result = target.check(&std::fs::read(file)?);
        println!("{target}: {}", result.as_ref().err().map_or("passed", |law| law));
        return Ok(result.is_ok());
    }
    let limit = Duration::from_secs(arguments.seconds);
    let report = run::fuzz(target, arguments.seed, arguments.rounds, limit)?;
    print(target, arguments.seed, &report);
    let Some(Finding { input, reason, seed }) = report.finding else {
        return Ok(true);
    };
    std::fs::create_dir_all(&arguments.findings)?;
    let file = arguments.findings.join(format!("{target}-{seed}"));
    std::fs::write(&file, input)?;
    println!("{target}: {reason}");
    println!("{target}: wrote the input to {}", file.display());
    println!("{target}: to reproduce: cargo run -p fuzz -- {target} --rounds 1 --seed {seed}");
    Ok(false)
}

fn print(target: Target, seed: u64, report: &Report) {
    let seconds = report.took.as_secs_f64();
    println!(
        "{target}: seed {seed}, {} inputs in {seconds:.1} s, {:.0} a second, slowest {} us, {}",
        report.inputs,
        report.inputs as f64 / seconds,
        report.slowest.as_micros(),
        if report.finding.is_some() {
            "FAILED"
        } else {
            "passed"
        },
    );
}
