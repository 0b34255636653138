//! `fleetmix plan`: the cheapest mix that meets the objective, and how sure that is.

mod words;

use crate::cli::args::{Certify, PlanArguments, PlanFidelity};
use crate::cli::exit::{DONE, FAILED, Failure, INTERRUPTED};
use crate::cli::interrupt;
use crate::cli::output::{check_folder, pretty_json, print_record};
use crate::cli::progress::Stages;
use crate::input::load;
use crate::results::write_study;
use crate::study::{Checkpoint, PlanError, PlanSettings, plan};
use std::fs;
use std::path::Path;

/// The record.
const FILE: &str = "plan.json";
/// What a run that was stopped or killed leaves for the next.
const CHECKPOINT: &str = "plan.checkpoint.json";
/// Where jobs are decided on.
pub(in crate::cli) const FOR_JOBS: &str = "`fleetmix batch SCENARIO --reserved 0..20` tries every number of reserved instances for jobs and names the cheapest for each policy";

/// Most candidates of a first look that are raced.
const QUICK_RACE: u16 = 4;

/// Plans, writes the record and says what was found.
pub(in crate::cli) fn run(arguments: &PlanArguments) -> Result<u8, Failure> {
    let mut options = arguments.study.load_options(Vec::new());
    options.search = true;
    let input = load(&arguments.scenario, &options)?;
    let folder = arguments.study.output_folder(&input.scenario.name);
    check_folder(&folder)?;
    let pool = arguments.study.thread_pool()?;
    let settings = PlanSettings {
        raced: usize::from(if arguments.study.quick { arguments.race.min(QUICK_RACE) } else { arguments.race }),
        distribution_free: arguments.certify == Certify::DistributionFree,
        segments: arguments.fidelity == PlanFidelity::Segments,
    };
    let kept = folder.join(CHECKPOINT);
    let keep = |checkpoint: &Checkpoint| {
        let Ok(text) = serde_json::to_string(checkpoint) else { return };
        // Without a checkpoint a killed run begins anew, which is no reason to stop this one.
        let _ = write_study(&folder, &[(CHECKPOINT, text.as_bytes())]);
    };
    let watcher = Stages::new(arguments.study.quiet, interrupt::watch()?, &keep);
    let found = pool.install(|| plan(&input, settings, read(&kept), &watcher));
    drop(watcher);
    let record = found.map_err(|error| match error {
        PlanError::Stopped => Failure::Interrupted(format!("{error}: nothing is known yet")),
        PlanError::Outside(_) => Failure::new(error.to_string(), "leave out --fidelity segments"),
        PlanError::OnlyJobs => Failure::new(error.to_string(), FOR_JOBS),
        PlanError::Search(_) => Failure::new(error.to_string(), "set `/search` in the scenario"),
    })?;
    let json = pretty_json(&record);
    write_study(&folder, &[(FILE, json.as_bytes())])
        .map_err(|error| Failure::new(error.to_string(), "the plan was not written"))?;
    if record.complete {
        // It may not exist, and a stale one is not used for another plan.
        let _ = fs::remove_file(&kept);
    }
    print_record(arguments.study.format, &json, |output| {
        write!(output, "{}", words::text(&record))?;
        writeln!(output, "\nFile: {}", folder.join(FILE).display())
    })?;
    Ok(match (record.complete, &record.plan) {
        (false, _) => INTERRUPTED,
        (true, Some(_)) => DONE,
        (true, None) => FAILED,
    })
}

/// What an earlier run has kept, if it can be read.
fn read(path: &Path) -> Option<Checkpoint> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}
