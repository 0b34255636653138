//! `fleetmix reconcile`: a simulation against a bill.

mod words;

use crate::cli::args::ReconcileArguments;
use crate::cli::exit::Failure;
use crate::cli::output::{pretty_json, print_record};
use crate::results::read_results;
use crate::study::{NotComparable, reconcile};
use std::path::{Path, PathBuf};

/// Compares, and prints what explains the difference.
pub(in crate::cli) fn run(arguments: &ReconcileArguments) -> Result<(), Failure> {
    let charges = charges(&arguments.results)?;
    let simulated = (charges.as_path(), arguments.mix.clone());
    let mut found = reconcile(simulated, (&arguments.bill, arguments.region.clone())).map_err(|error| match error {
        NotComparable::Input(diagnostic) => diagnostic.into(),
        NotComparable::Apart(message) => {
            Failure::new(message, "simulate the time of the bill: `clock`, and the demand of that time")
        }
    })?;
    found.remarks.extend(spread(&charges, arguments.mix.as_deref()));
    print_record(arguments.format, &pretty_json(&found), |output| write!(output, "{}", words::text(&found)))
}

/// The charges of a simulation: the file itself, or the one in the report's folder.
fn charges(results: &Path) -> Result<PathBuf, Failure> {
    let is_json = results.extension().is_some_and(|end| end == "json");
    let file = match (results.is_dir(), is_json) {
        (true, _) => results.join("charges.csv"),
        (false, true) => results.with_file_name("charges.csv"),
        (false, false) => results.to_path_buf(),
    };
    match file.is_file() {
        true => Ok(file),
        false => {
            let help = "give the folder that `fleetmix compare` wrote, its results.json or its charges.csv";
            Err(Failure::new(format!("there are no charges in {}", file.display()), help))
        }
    }
}

/// The charges are one run's: how far the mean of all is known.
fn spread(charges: &Path, mix: Option<&str>) -> Option<String> {
    let results = read_results(&charges.with_file_name("results.json")).ok()?;
    let named = |name: &str| mix.map_or(results.mixes.len() == 1, |mix| mix == name);
    let record = results.mixes.iter().find(|one| named(&one.name))?;
    let (total, [low, high]) = (record.cost.total, record.cost.total.ci95?);
    Some(format!(
        "The simulated charges are those of one replication of {}; over all of them the mix costs {:.2} on average (95 % interval {low:.2} to \
         {high:.2}) for the whole simulated time.",
        total.n, total.mean
    ))
}
