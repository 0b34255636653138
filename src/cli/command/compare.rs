//! `fleetmix compare`: mixes side by side.

use crate::cli::args::CompareArguments;
use crate::cli::exit::Failure;
use crate::cli::output::{check_file, check_folder};
use crate::cli::progress::Progress;
use crate::input::{LoadOptions, LoadedScenario, load};
use std::path::{Path, PathBuf};

/// Reads the scenario, makes sure that the report can be written, simulates and writes.
pub(in crate::cli) fn run(arguments: &CompareArguments) -> Result<(), Failure> {
    let options = LoadOptions {
        mixes: arguments.mixes.clone(),
        set: arguments.set.clone(),
        seed: arguments.seed,
        replications: arguments.replications,
    };
    let input = load(&arguments.scenario, &options)?;
    let folder = output_folder(arguments, &input);
    check_folder(&folder)?;
    if let Some(events) = &arguments.events {
        check_file(events)?;
    }
    let steps = input.candidates.len() as u64 * u64::from(input.scenario.run.replications);
    let progress = Progress::new(steps, arguments.quiet);
    simulate_and_write(&input, arguments, &folder, &progress)
}

fn output_folder(arguments: &CompareArguments, input: &LoadedScenario) -> PathBuf {
    arguments.output.clone().unwrap_or_else(|| Path::new("reports").join(&input.scenario.name))
}

/// The seam to the simulation: `study::run` on `input`, the files of the report into `folder`, the table or the
/// JSON on the standard output.
fn simulate_and_write(
    _input: &LoadedScenario,
    arguments: &CompareArguments,
    _folder: &Path,
    _progress: &Progress,
) -> Result<(), Failure> {
    let (_format, _threads) = (arguments.format, arguments.threads);
    Err(Failure::new("the simulation is not available in this build", "the scenario itself is in order"))
}
