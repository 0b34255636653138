//! `fleetmix check`: whether a change has made a scenario worse than a stored result.

use crate::check::{Limits, Verdict, check, junit, markdown};
use crate::cli::args::CheckArguments;
use crate::cli::exit::{DONE, FAILED, Failure};
use crate::cli::interrupt;
use crate::cli::output::{check_folder, pretty_json, print_record};
use crate::cli::progress::Progress;
use crate::input::load;
use crate::results::{read_results, write_study};
use crate::study;
use std::fs;
use std::path::Path;

/// Files of a check.
const FILES: [&str; 4] = ["check.json", "check.md", "check.junit.xml", "check.results.json"];

/// Simulates the scenario, holds it against the baseline, writes the verdict and says it.
pub(in crate::cli) fn run(arguments: &CheckArguments) -> Result<u8, Failure> {
    let limits = arguments.limits.as_deref().map_or(Ok(Limits::default()), read_limits)?;
    let baseline = read_results(&arguments.baseline).map_err(|error| {
        Failure::new(error.to_string(), "a baseline is the results.json of an earlier `fleetmix compare`")
    })?;
    let study = &arguments.study;
    let mut options = study.load_options(Vec::new());
    // As many as the baseline has, on the same seed: only then replications can be paired.
    options.seed = options.seed.or(Some(baseline.scenario.seed));
    options.replications = options.replications.or(Some(baseline.scenario.replications));
    let input = load(&arguments.scenario, &options)?;
    let folder = study.output_folder(&input.scenario.name);
    check_folder(&folder)?;
    let steps = input.candidates.len() as u64 * u64::from(input.scenario.run.replications);
    let progress = Progress::new(steps, study.quiet, interrupt::watch()?);
    let done = study.thread_pool()?.install(|| study::run(&input, false, &progress));
    drop(progress);
    let stopped = || Failure::Interrupted("stopped before the scenario was simulated: nothing is known".to_string());
    let found = done.ok().filter(|study| study.complete).ok_or_else(stopped)?;
    let record = check(&found.results, &baseline, &limits).map_err(|error| Failure::new(error.message, error.help))?;
    let (json, summary) = (pretty_json(&record), markdown(&record));
    let texts = [json.clone(), summary.clone(), junit(&record), pretty_json(&found.results)];
    let files: Vec<(&str, &[u8])> = FILES.into_iter().zip(texts.iter().map(String::as_bytes)).collect();
    write_study(&folder, &files).map_err(|error| Failure::new(error.to_string(), "the verdict was not written"))?;
    print_record(study.format, &json, |output| {
        write!(output, "{summary}")?;
        if !study.quiet {
            writeln!(output, "\nFiles: {}", FILES.map(|name| folder.join(name).display().to_string()).join(", "))?;
        }
        Ok(())
    })?;
    let failed = record.figures.iter().any(|figure| figure.verdict == Verdict::Failed);
    Ok(if failed { FAILED } else { DONE })
}

fn read_limits(file: &Path) -> Result<Limits, Failure> {
    let wrong = |message: String| {
        let help = "write JSON such as {\"cost_rise\": 0.02, \"late_share_rise\": 0.005, \"false_alarms\": 0.05}";
        Failure::new(format!("{}: {message}", file.display()), help)
    };
    let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    Limits::parse(&text).map_err(wrong)
}
