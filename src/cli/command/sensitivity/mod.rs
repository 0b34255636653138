//! `fleetmix sensitivity`: what matters most, and where the decision turns.

mod words;

use crate::cli::args::SensitivityArguments;
use crate::cli::exit::Failure;
use crate::cli::interrupt;
use crate::cli::output::{check_folder, pretty_json, print_record};
use crate::cli::progress::Stages;
use crate::input::{LoadedScenario, load};
use crate::report::chart::{self, Colours, Size};
use crate::results::write_study;
use crate::study::{Chosen, sensitivity};

/// The record, and its picture.
const FILES: [&str; 2] = ["sensitivity.json", "sensitivity.svg"];

/// Varies one factor at a time, writes the record and its picture, and says what was found.
pub(in crate::cli) fn run(arguments: &SensitivityArguments) -> Result<(), Failure> {
    let study = &arguments.study;
    let (input, chosen) = loaded(arguments)?;
    let folder = study.output_folder(&input.scenario.name);
    check_folder(&folder)?;
    let pool = study.thread_pool()?;
    let watcher = Stages::new(study.quiet, interrupt::watch()?, &|_| {});
    let found = pool.install(|| sensitivity(&input, chosen, &watcher));
    drop(watcher);
    let record = found.map_err(|_| {
        Failure::Interrupted("stopped before every variation was simulated, so nothing was written".to_string())
    })?;
    let json = pretty_json(&record);
    let picture = chart::tornado(&record, Size::PICTURE).svg(Colours::Fixed);
    let files: Vec<(&str, &[u8])> = FILES.into_iter().zip([json.as_bytes(), picture.as_bytes()]).collect();
    write_study(&folder, &files).map_err(|error| Failure::new(error.to_string(), "the variations were not written"))?;
    print_record(study.format, &json, |output| {
        write!(output, "{}", words::text(&record, study.quiet))?;
        writeln!(output, "\nFile: {}", folder.join(FILES[0]).display())
    })
}

/// The scenario with its own mixes and those that were asked for besides.
fn loaded(arguments: &SensitivityArguments) -> Result<(LoadedScenario, Chosen), Failure> {
    let mut input = load(&arguments.scenario, &arguments.study.load_options(Vec::new()))?;
    let mut place = |mix: &Option<String>| -> Result<Option<usize>, Failure> {
        let Some(mix) = mix else { return Ok(None) };
        let asked = load(&arguments.scenario, &arguments.study.load_options(vec![mix.clone()]))?;
        let Some(candidate) = asked.candidates.into_iter().next() else { return Ok(None) };
        let known = input.candidates.iter().position(|known| known.name == candidate.name);
        Ok(Some(known.unwrap_or_else(|| {
            input.candidates.push(candidate);
            input.candidates.len() - 1
        })))
    };
    let chosen = Chosen { mix: place(&arguments.mix)?, rival: place(&arguments.against)? };
    if chosen.mix.is_some() && chosen.mix == chosen.rival {
        let message = "--mix and --against are the same mix";
        return Err(Failure::new(message, "name another rival, or none: the cheapest other mix is taken then"));
    }
    Ok((input, chosen))
}
