//! `fleetmix selfcheck`: known results, recomputed.

use crate::cli::args::SelfcheckArguments;
use crate::cli::exit::{DONE, FAILED, Failure};
use crate::cli::output::{pretty_json, print_record};
use crate::selfcheck::{BUILT_IN, Case, Outcome, Status, read_cases, run as compute};
use std::io::Write;
use std::path::Path;

/// Computes the cases of all files, or the built-in ones, and prints what came out.
pub(in crate::cli) fn run(arguments: &SelfcheckArguments) -> Result<u8, Failure> {
    let mut cases = Vec::new();
    for file in &arguments.files {
        cases.extend(read(file)?);
    }
    if arguments.files.is_empty() {
        cases = read_cases(BUILT_IN).map_err(|error| Failure::new(error.to_string(), ""))?;
    }
    let outcomes = compute(&cases);
    print_record(arguments.format, &pretty_json(&outcomes), |output| print(output, &outcomes))?;
    let failed = outcomes.iter().any(|outcome| outcome.status == Status::Fail);
    Ok(if failed { FAILED } else { DONE })
}

fn read(file: &Path) -> Result<Vec<Case>, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display()), ""))?;
    read_cases(&text).map_err(|error| {
        let help = "write a JSON array of cases with `id`, `topic`, `model`, `inputs` and `expected`";
        Failure::new(format!("{}: {error}", file.display()), help)
    })
}

/// One line a case that was computed, then the cases without a model, then the counts.
fn print(output: &mut dyn Write, outcomes: &[Outcome]) -> std::io::Result<()> {
    let with = |status: Status| outcomes.iter().filter(move |outcome| outcome.status == status);
    let id_width = outcomes.iter().map(|outcome| outcome.id.chars().count()).max().unwrap_or(0);
    for outcome in outcomes.iter().filter(|outcome| outcome.status != Status::NoModel) {
        let verdict = if outcome.status == Status::Pass { "pass" } else { "FAIL" };
        let Outcome { id, expected, got, .. } = outcome;
        writeln!(output, "{verdict}  {id:id_width$}  expected {expected}  got {got}")?;
        if outcome.status == Status::Fail {
            writeln!(output, "      {:id_width$}  {}", "", outcome.remark)?;
        }
    }
    for outcome in with(Status::NoModel) {
        writeln!(output, "  --  {:id_width$}  {}", outcome.id, outcome.remark)?;
    }
    let count = |status| with(status).count();
    let (passed, failed, unknown) = (count(Status::Pass), count(Status::Fail), count(Status::NoModel));
    writeln!(output, "{passed} passed, {failed} failed, {unknown} without a model")
}
