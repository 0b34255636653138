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
mod shard;

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
        Command::Init(init) => command::init::run(init).map(|()| exit::DONE),
        Command::Compare(compare) => command::compare::run(compare).map(|()| exit::DONE),
        Command::Check(check) => command::check::run(check),
        Command::Commit(commit) => command::commit::run(commit).map(|()| exit::DONE),
        Command::Reconcile(reconcile) => command::reconcile::run(reconcile).map(|()| exit::DONE),
        Command::Bound(bound) => command::bound::run(bound).map(|()| exit::DONE),
        Command::Diff(diff) => command::diff::run(diff).map(|()| exit::DONE),
        Command::Batch(batch) => command::batch::run(batch).map(|()| exit::DONE),
        Command::Plan(plan) => command::plan::run(plan),
        Command::Backtest(backtest) => command::backtest::run(backtest),
        Command::Sensitivity(sensitivity) => command::sensitivity::run(sensitivity).map(|()| exit::DONE),
        Command::Report(report) => command::report::run(report).map(|()| exit::DONE),
        Command::Export(export) => command::export::run(export).map(|()| exit::DONE),
        Command::Replay(replay) => command::replay::run(replay).map(|()| exit::DONE),
        Command::Sweep(sweep) => command::sweep::run(sweep),
        Command::Merge(merge) => command::sweep::run_merge(merge),
        Command::Completions(shell) => command::manual::completions(shell).map(|()| exit::DONE),
        Command::Man(man) => command::manual::pages(man).map(|()| exit::DONE),
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
