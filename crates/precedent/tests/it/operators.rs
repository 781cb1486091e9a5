//! The command line: exit codes, output, lists and signals.

mod environment;
mod exit_codes;
mod json_output;
mod lists;
mod pipes;
mod rejected;
mod signals;
