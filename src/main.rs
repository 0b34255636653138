//! The `fleetmix` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    fleetmix::cli::main()
}
