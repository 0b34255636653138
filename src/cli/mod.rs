//! The command line: arguments in, calls below, words out.
//!
//! Diagnostics, progress and exit codes live only here.

mod args;
mod command;
mod diagnostics;
mod exit;
mod interrupt;
mod output;
mod progress;

use args::{Arguments, Command};
use clap::Parser;
use clap::error::ErrorKind;
use std::process::ExitCode;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing can be done when even the help cannot be printed.
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if asked { exit::DONE.into() } else { exit::BAD_INPUT.into() };
        }
    };
    let outcome = match &arguments.command {
        Command::Compare(compare) => command::compare::run(compare).map(|()| exit::DONE),
        Command::Commit(commit) => command::commit::run(commit).map(|()| exit::DONE),
        Command::Reconcile(reconcile) => command::reconcile::run(reconcile).map(|()| exit::DONE),
        Command::Bound(bound) => command::bound::run(bound).map(|()| exit::DONE),
        Command::Plan(plan) => command::plan::run(plan),
        Command::Schema(schema) => command::schema::run(schema).map(|()| exit::DONE),
        Command::Selfcheck(selfcheck) => command::selfcheck::run(selfcheck),
        Command::Trace(trace) => command::trace::run(trace).map(|()| exit::DONE),
    };
    match outcome {
        Ok(code) => code.into(),
        Err(failure) => {
            diagnostics::report(&failure);
            failure.code().into()
        }
    }
}
