//! What a broken or hostile helpdesk may send, fed to the code that reads it.
//!
//! `cargo run --profile fuzz -p fuzz -- list --seconds 60`. In process and on stable Rust: seeds from
//! `seeds/<target>/` are mutated at random, inputs with a new outcome are mutated further. A panic, a broken
//! law of the [`targets`] or a very slow input fails the run, and the input is written to a file.

mod engine;
mod json;
mod mutate;
mod targets;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::engine::{Limits, Offence, Report};
use crate::targets::Target;

/// Fuzz one target
#[derive(Debug, Parser)]
struct Arguments {
    /// What to feed
    target: Target,
    /// Stop after so many executions
    #[arg(long, default_value_t = u64::MAX, hide_default_value = true)]
    executions: u64,
    /// Stop after so many seconds
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the random numbers begin: the same seed gives the same inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Try this file alone, such as one that an earlier run wrote
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Where an offending input is written
    #[arg(long, value_name = "FOLDER", default_value = "target/fuzz-offences")]
    offences: PathBuf,
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

/// Whether nothing was found.
fn run(arguments: &Arguments) -> std::io::Result<bool> {
    let target = arguments.target;
    engine::silence_panics();
    if let Some(file) = &arguments.input {
        let offence = engine::attempt(target, &std::fs::read(file)?).err();
        println!("{target}: {}", offence.as_deref().unwrap_or("no offence"));
        return Ok(offence.is_none());
    }
    let limits = Limits {
        executions: arguments.executions,
        time: Duration::from_secs(arguments.seconds),
    };
    let report = engine::fuzz(target, arguments.seed, limits)?;
    print(target, arguments.seed, &report);
    let Some(Offence { input, what }) = report.offence else {
        return Ok(true);
    };
    std::fs::create_dir_all(&arguments.offences)?;
    let file = arguments
        .offences
        .join(format!("{target}-{}-{}", arguments.seed, report.executions));
    std::fs::write(&file, input)?;
    println!("{target}: {what}\n{target}: the input is in {}", file.display());
    Ok(false)
}

fn print(target: Target, seed: u64, report: &Report) {
    let seconds = report.took.as_secs_f64();
    println!(
        "{target}: seed {seed}, {} executions in {seconds:.1} s, {:.0} a second, {} outcomes, slowest {} us, {}",
        report.executions,
        report.executions as f64 / seconds,
        report.outcomes,
        report.slowest.as_micros(),
        if report.offence.is_some() {
            "FAILED"
        } else {
            "clean"
        },
    );
}
