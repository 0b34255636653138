//! The command line: arguments in, calls below, words out.

pub mod command;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate traces, and fit the profiles that they are generated from
    Trace(command::trace::TraceArgs),
}

/// Reads the arguments and runs the command.
pub fn main() -> ExitCode {
    let Command::Trace(args) = Arguments::parse().command;
    match command::trace::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
