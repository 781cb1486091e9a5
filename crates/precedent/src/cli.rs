//! The command line: parses arguments, dispatches commands, renders errors.

mod audit;
mod credentials;
mod db;
#[cfg(feature = "demo")]
mod demo;
mod eval;
mod import;
mod inbox;
mod jobs;
mod keys;
mod mcp;
mod of_tenant;
mod output;
mod pages;
mod progress;
mod rejected;
mod remediation;
mod runs;
mod search;
mod serve;
mod sync;
mod tenant;
mod timeouts;
mod token;
mod verify;
mod webhook;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use indicatif::MultiProgress;
use serde_json::json;
use ticket::OneLine;

use crate::exit::{self, ExitCode, Failure};
use crate::setup::config::Config;
use crate::setup::{Context, logs, refuse_large_files};

/// Ticket history from ServiceDesk Plus, for agents that ask: how did we solve this before?
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Arguments {
    /// Log level on stderr: error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Print results and logs as one JSON object per line
    #[arg(long, global = true)]
    json: bool,
    /// Configuration file [default: precedent/config.toml in the user's configuration directory]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Environment: DATABASE_URL (postgres://.. or sqlite:..; unset: an SQLite file in the user's data directory),
PRECEDENT_MASTER_KEY or PRECEDENT_MASTER_KEY_FILE (base64 of 32 bytes), PRECEDENT_OLD_MASTER_KEY or
PRECEDENT_OLD_MASTER_KEY_FILE (while keys are rotated), PRECEDENT_LOCK_URL (PostgreSQL itself,
if DATABASE_URL is a pooler in transaction mode), PRECEDENT_LOG, PRECEDENT_CONFIG.

Exit codes: 0 success, 1 invalid arguments or configuration, or a local file that cannot be read or written,
2 tenant not found, 3 ServiceDesk Plus refused or stayed unreachable, 4 database, 5 finished but incomplete,
130 interrupted (run the same command again to continue).";

#[derive(Debug, clap::Subcommand)]
enum Command {
    Import(import::Arguments),
    /// Add, list, show, change, check and remove tenants
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// List, show and resume import runs
    #[command(subcommand)]
    Runs(runs::Command),
    /// List, show and retry rejected tickets
    #[command(subcommand)]
    Rejected(rejected::Command),
    Sync(sync::Arguments),
    Reconcile(sync::ReconcileArguments),
    Verify(verify::Arguments),
    Search(search::Arguments),
    Serve(serve::Arguments),
    Mcp(mcp::Arguments),
    /// Create, list and revoke API tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Create, show and rotate a tenant's webhook, which receives the events of its helpdesk
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// List and retry unprocessed webhook events
    #[command(subcommand)]
    Inbox(inbox::Command),
    /// List, retry and cancel waiting and dead-lettered jobs
    #[command(subcommand)]
    Jobs(jobs::Command),
    Audit(audit::Arguments),
    Eval(eval::Arguments),
    /// Generate and rotate master keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Migrate the database schema and show its version
    #[command(subcommand)]
    Db(db::Command),
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
}

/// Runs a command and returns its exit code.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| output::remark(OneLine(panic))));
    let arguments: Vec<_> = arguments.collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    let arguments = match Arguments::try_parse_from(&arguments) {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            let words = in_words(&error, &arguments);
            if json {
                let words = words.trim_start_matches("error: ");
                report(&Failure::new(ExitCode::Usage, words).into(), json);
            } else {
                output::remark(words);
            }
            return ExitCode::Usage;
        }
        Err(help) => {
            // A closed stdout leaves no place for the help.
            let _ = help.print();
            return ExitCode::Success;
        }
    };
    match execute(arguments) {
        Ok(()) => ExitCode::Success,
        Err(error) if output::is_reader_left(&error) => ExitCode::Success,
        Err(error) => {
            report(&error, json);
            exit::code(&error)
        }
    }
}

fn execute(arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(arguments.config.as_deref(), arguments.log_level.as_deref())?;
    let screen = MultiProgress::new();
    logs::start(&config.log_level, arguments.json, &screen);
    let context = Context::new(config, arguments.json, screen);
    // The service stops its parts in order.
    let ends_by_itself = matches!(arguments.command, Command::Serve(_));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let command = async {
        match arguments.command {
            Command::Import(arguments) => import::run(&context, arguments).await,
            Command::Tenant(command) => tenant::run(&context, command).await,
            Command::Runs(command) => runs::run(&context, command).await,
            Command::Rejected(command) => rejected::run(&context, command).await,
            Command::Sync(arguments) => sync::run(&context, arguments).await,
            Command::Reconcile(arguments) => sync::run_reconcile(&context, arguments).await,
            Command::Verify(arguments) => verify::run(&context, arguments).await,
            Command::Search(arguments) => search::run(&context, arguments).await,
            Command::Serve(arguments) => serve::run(&context, arguments).await,
            Command::Mcp(arguments) => mcp::run(&context, arguments).await,
            Command::Webhook(command) => webhook::run(&context, command).await,
            Command::Jobs(command) => jobs::run(&context, command).await,
            Command::Inbox(command) => inbox::run(&context, command).await,
            Command::Token(command) => token::run(&context, command).await,
            Command::Eval(arguments) => eval::run(&context, &arguments),
            Command::Audit(arguments) => audit::run(&context, arguments).await,
            Command::Keys(command) => keys::run(&context, command).await,
            Command::Db(command) => db::run(&context, command).await,
            #[cfg(feature = "demo")]
            Command::Demo(arguments) => demo::run(&context, arguments).await,
        }
    };
    let done = runtime.block_on(async {
        refuse_large_files();
        tokio::select! {
            done = command => done,
            over = context.lifecycle().over(), if !ends_by_itself => Err(over.into()),
        }
    });
    // The process does not wait for requests in flight or for a thread that prompts.
    runtime.shutdown_background();
    done
}

/// Returns the words of a usage error. They repeat arguments; line feeds in those begin no line.
fn in_words(error: &clap::Error, arguments: &[OsString]) -> String {
    let words = error.render().to_string();
    let arguments = arguments.iter().map(|argument| argument.to_string_lossy());
    let escaped = arguments.fold(words, |words, argument| {
        let value = argument.split_once('=').map_or(&*argument, |(_, value)| value);
        match value.contains('\n') {
            true => words.replace(value, &OneLine(value).to_string()),
            false => words,
        }
    });
    escaped.trim().to_owned()
}

/// Prints the error, its causes and the hint.
fn report(error: &anyhow::Error, json: bool) {
    let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    let hint = remediation::hint(error);
    if json {
        let line = json!({
            "level": "ERROR",
            "message": error.to_string(),
            "causes": causes,
            "hint": hint,
            "exit_code": exit::code(error) as i32,
        });
        output::remark_object(&line);
        return;
    }
    output::remark(format_args!("error: {}", OneLine(error)));
    for cause in causes {
        output::remark(format_args!("  caused by: {}", OneLine(cause)));
    }
    if let Some(hint) = hint {
        output::remark(format_args!("\nhint: {hint}"));
    }
}
