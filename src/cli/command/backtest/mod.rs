//! `fleetmix backtest`: planned on the past, lived through the future.

mod words;

use crate::cli::args::BacktestArguments;
use crate::cli::command::plan::FOR_JOBS;
use crate::cli::exit::{DONE, FAILED, Failure};
use crate::cli::interrupt;
use crate::cli::output::{check_folder, pretty_json, print_record};
use crate::cli::progress::Stages;
use crate::input::load;
use crate::results::{Rule, write_study};
use crate::study::{Backtest, BacktestError, PlanError, PlanSettings};

/// The record.
const FILE: &str = "backtest.json";

/// Splits the traces, plans, lives, writes the record and says what was found.
pub(in crate::cli) fn run(arguments: &BacktestArguments) -> Result<u8, Failure> {
    let study = &arguments.study;
    let mut search = study.load_options(Vec::new());
    search.search = true;
    let searched = load(&arguments.scenario, &search)?;
    let on_demand = load(&arguments.scenario, &study.load_options(vec!["on-demand".to_string()]))?;
    let folder = study.output_folder(&searched.scenario.name);
    check_folder(&folder)?;
    let pool = study.thread_pool()?;
    let settings = PlanSettings { raced: usize::from(arguments.race), distribution_free: false, segments: false };
    let backtest = Backtest { searched: &searched, on_demand: &on_demand, split: arguments.split, settings };
    let watcher = Stages::new(study.quiet, interrupt::watch()?, &|_| {});
    let found = pool.install(|| backtest.run(&watcher));
    drop(watcher);
    let record = found.map_err(|error| match error {
        BacktestError::Stopped | BacktestError::Plan(PlanError::Stopped) => {
            Failure::Interrupted("stopped before the backtest was complete, so nothing was written".to_string())
        }
        BacktestError::Split(_) => {
            Failure::new(error.to_string(), "give --split an instant within the traces, such as 2016-04-04T00:00:00Z")
        }
        BacktestError::Plan(PlanError::OnlyJobs) => Failure::new(error.to_string(), FOR_JOBS),
        BacktestError::Plan(PlanError::Search(_)) => Failure::new(error.to_string(), "set `/search` in the scenario"),
        BacktestError::Plan(PlanError::Outside(_)) => Failure::new(
            error.to_string(),
            "such a scenario cannot be planned, so no plan can be held against the future",
        ),
    })?;
    let json = pretty_json(&record);
    write_study(&folder, &[(FILE, json.as_bytes())])
        .map_err(|error| Failure::new(error.to_string(), "the backtest was not written"))?;
    print_record(study.format, &json, |output| {
        write!(output, "{}", words::text(&record, study.quiet))?;
        writeln!(output, "\nFile: {}", folder.join(FILE).display())
    })?;
    let planned = record.contenders.iter().any(|contender| contender.rule == Rule::Plan);
    Ok(if planned { DONE } else { FAILED })
}
