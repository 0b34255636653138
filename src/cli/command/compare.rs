//! `fleetmix compare`: mixes side by side.

use super::report_files::{DRAWN, draw};
use crate::cli::args::{CompareArguments, FidelityChoice};
use crate::cli::exit::Failure;
use crate::cli::interrupt;
use crate::cli::output::{check_file, check_folder, pretty_json, print_record, table_options, write_file};
use crate::cli::progress::Progress;
use crate::engine::Event;
use crate::input::{LoadedScenario, load};
use crate::report::ranking::chosen;
use crate::report::{fold, sparklines, table};
use crate::results::{Results, STORED_REPORT_VERSION, StoredReport, Timeline, write_study};
use crate::scenario::suggestion;
use crate::study::{self, Interrupted, Study};
use crate::units::Instant;
use serde::Serialize;
use std::io::{Write, stderr};
use std::path::Path;

/// Reads the scenario, makes sure that the report can be written, simulates and writes.
pub(in crate::cli) fn run(arguments: &CompareArguments) -> Result<(), Failure> {
    let study = &arguments.study;
    let mut options = study.load_options(arguments.mixes.clone());
    options.set.extend(arguments.fidelity.map(FidelityChoice::setting));
    let input = load(&arguments.scenario, &options)?;
    let folder = study.output_folder(&input.scenario.name);
    check_folder(&folder)?;
    if let Some(events) = &arguments.events {
        check_file(events)?;
        check_events_apart(events, &arguments.scenario, &folder)?;
    }
    for (option, mix) in [("--causes", &arguments.causes), ("--sensitivity", &arguments.sensitivity)] {
        mix.iter().try_for_each(|mix| check_named(&input, option, mix))?;
    }
    let tasks = input.candidates.len() + usize::from(arguments.causes.is_some());
    let steps = tasks as u64 * u64::from(input.scenario.run.replications);
    let progress = Progress::new(steps, study.quiet, interrupt::watch()?);
    simulate_and_write(&input, arguments, &folder, progress)
}

/// Files of the report besides those that are drawn.
const STORED: [&str; 3] = ["results.json", "report.json", "charges.csv"];

/// The events must replace neither the scenario nor a file of the report.
fn check_events_apart(events: &Path, scenario: &Path, folder: &Path) -> Result<(), Failure> {
    let place = |file: &Path| {
        let parent = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(parent.canonicalize().ok()?.join(file.file_name()?))
    };
    let same = |other: &Path| place(other).is_some() && place(other) == place(events);
    if same(scenario) || STORED.iter().chain(&DRAWN).any(|name| same(&folder.join(name))) {
        let message = format!("--events {} would replace another file of this run", events.display());
        return Err(Failure::new(message, "give the events a file of their own"));
    }
    Ok(())
}

/// Simulates, writes the report and the events, and prints the table or the results.
fn simulate_and_write(
    input: &LoadedScenario,
    arguments: &CompareArguments,
    folder: &Path,
    progress: Progress,
) -> Result<(), Failure> {
    let pool = arguments.study.thread_pool()?;
    if !arguments.study.quiet {
        warn_of_long_run(study::expected_requests(input), pool.current_num_threads());
    }
    let mut study = pool.install(|| study::run(input, arguments.events.is_some(), &progress)).map_err(nothing_kept)?;
    if let Some(mix) = arguments.causes.as_deref().filter(|_| study.complete) {
        study.complete = pool.install(|| explain(input, mix, &mut study.results, &progress));
    }
    if let Some(mix) = arguments.sensitivity.as_deref().filter(|_| study.complete) {
        study.complete = pool.install(|| vary(input, mix, &mut study.results, &progress));
    }
    drop(progress);
    let json = pretty_json(&study.results);
    let finished = study.results.scenario.replications;
    let replications = if study.complete { arguments.study.replications } else { Some(finished) };
    let stored = StoredReport {
        schema_version: STORED_REPORT_VERSION,
        command: command_line(arguments, replications),
        timelines: std::mem::take(&mut study.timelines),
        invoices: std::mem::take(&mut study.invoices),
    };
    let drawn = pool.install(|| draw(&study.results, &stored))?;
    let stored_json = stored.json();
    let texts = [&json, &stored_json, &study.charges].map(|text| text.as_bytes());
    let bytes: Vec<(&str, &[u8])> =
        STORED.into_iter().zip(texts).chain(DRAWN.into_iter().zip(drawn.iter().map(Vec::as_slice))).collect();
    write_study(folder, &bytes).map_err(cannot_write)?;
    if let Some(file) = &arguments.events {
        write_events(file, &study)?;
    }
    print(&study, &stored.timelines, &json, arguments, folder)?;
    if study.complete {
        return Ok(());
    }
    let wanted = input.scenario.run.replications;
    Err(Failure::Interrupted(format!("stopped after {finished} of {wanted} replications; the report holds these")))
}

/// The mix that an option names must be one of the scenario's.
fn check_named(input: &LoadedScenario, option: &str, mix: &str) -> Result<(), Failure> {
    let names = || input.candidates.iter().map(|candidate| candidate.name.as_str());
    if mix.is_empty() || names().any(|name| name == mix) {
        return Ok(());
    }
    let message = format!("{option}: no mix is named `{mix}`{}", suggestion(mix, names(), "named"));
    Err(Failure::new(message, "name one of them, or none for the best"))
}

/// Adds why requests of a mix are late, of the one that the report speaks of first if none is named; false if that was cancelled.
fn explain(input: &LoadedScenario, mix: &str, results: &mut Results, progress: &Progress) -> bool {
    let Some(name) = named_or_first(mix, results) else { return true };
    let causes = study::causes(input, &name, results.scenario.replications, progress);
    let mix = results.mixes.iter_mut().find(|mix| mix.name == name);
    mix.into_iter().for_each(|mix| mix.causes = causes);
    if causes.is_none() {
        results.warnings.insert(0, "Stopped before it was known why requests are late.".to_string());
    }
    causes.is_some()
}

/// Adds what cost and late requests of a mix depend on, of the one that the report speaks of first if none is named; false if that was cancelled.
fn vary(input: &LoadedScenario, mix: &str, results: &mut Results, progress: &Progress) -> bool {
    let Some(name) = named_or_first(mix, results) else { return true };
    results.sensitivity = study::sensitivity_of(input, results, &name, progress).ok();
    if results.sensitivity.is_none() {
        results.warnings.insert(0, "Stopped before it was known what the cost depends on.".to_string());
    }
    results.sensitivity.is_some()
}

/// The mix of this name, or the one that the report speaks of first.
fn named_or_first(mix: &str, results: &Results) -> Option<String> {
    let first = || chosen(results).map(|mix| mix.name.clone());
    Some(mix.to_string()).filter(|name| !name.is_empty()).or_else(first)
}

/// Requests that a core simulates in a second, at most.
const FASTEST: f64 = 20e6;

/// Says so when a run will take more than an hour even at best.
fn warn_of_long_run(requests: f64, threads: usize) {
    let hours = requests / (FASTEST * threads as f64) / 3600.0;
    if hours > 1.0 {
        let cores = if threads == 1 { "one core".to_string() } else { format!("each of {threads} cores") };
        // Without a standard error there is nobody to tell.
        let _ = writeln!(
            stderr().lock(),
            "About {requests:.1e} requests of all mixes and replications are to be simulated: more than {hours:.0} hours at \
             {:.0} million a second on {cores}. Ctrl-C stops and keeps the replications that are finished.",
            FASTEST / 1e6
        );
    }
}

fn nothing_kept(interrupted: Interrupted) -> Failure {
    let Interrupted { finished, wanted } = interrupted;
    Failure::Interrupted(format!(
        "stopped after {finished} of {wanted} replications: at least two are needed for a record, so nothing was written"
    ))
}

fn cannot_write(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string(), "the results were not written")
}

/// One line a state change, with the mix and the instant that it belongs to.
fn write_events(file: &Path, study: &Study) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Line<'a> {
        mix: &'a str,
        time: Instant,
        line: String,
        #[serde(flatten)]
        event: &'a Event,
    }
    let start = study.results.scenario.start;
    let mut text = String::new();
    for mix in &study.events {
        for event in &mix.events {
            let time = start + event.time.since_start();
            let line = Line { mix: &mix.mix, time, line: event.line(start), event };
            text += &serde_json::to_string(&line).expect("an event is made of what JSON can hold");
            text.push('\n');
        }
    }
    write_file(file, text.as_bytes())
}

fn print(
    study: &Study,
    timelines: &[Timeline],
    json: &str,
    arguments: &CompareArguments,
    folder: &Path,
) -> Result<(), Failure> {
    print_record(arguments.study.format, json, |output| {
        writeln!(output, "{}", table(&study.results, table_options()).trim_end())?;
        if !arguments.study.quiet {
            write!(output, "{}", sparklines(&study.results, timelines, table_options().width))?;
            for warning in &study.results.warnings {
                writeln!(output, "{}", fold(&format!("Note: {warning}"), table_options().width.into()))?;
            }
            writeln!(output, "Report: {}", folder.join("report.html").display())?;
        }
        Ok(())
    })
}

/// The command that makes these results again, for the report.
fn command_line(arguments: &CompareArguments, replications: Option<u32>) -> String {
    let study = &arguments.study;
    let mut words = vec!["fleetmix".to_string(), "compare".to_string(), quoted(&arguments.scenario.to_string_lossy())];
    let mut add = |option: &str, value: String| words.extend([option.to_string(), quoted(&value)]);
    arguments.mixes.iter().for_each(|mix| add("--mix", mix.clone()));
    if let Some(seed) = study.seed {
        add("--seed", seed.to_string());
    }
    if let Some(replications) = replications {
        add("--replications", replications.to_string());
    }
    if study.quick {
        words.push("--quick".to_string());
    }
    let mut add = |option: &str, value: String| words.extend([option.to_string(), quoted(&value)]);
    if let Some(fidelity) = arguments.fidelity {
        add("--fidelity", fidelity.word().to_string());
    }
    study.set.iter().for_each(|(pointer, value)| add("--set", format!("{pointer}={value}")));
    for (option, mix) in [("--causes", &arguments.causes), ("--sensitivity", &arguments.sensitivity)] {
        words.extend(mix.iter().map(|mix| match mix.as_str() {
            "" => option.to_string(),
            mix => quoted(&format!("{option}={mix}")),
        }));
    }
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
