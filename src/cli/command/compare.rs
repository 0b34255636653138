//! `fleetmix compare`: mixes side by side.

use crate::cli::args::{CompareArguments, FidelityChoice, OutputFormat};
use crate::cli::exit::Failure;
use crate::cli::interrupt;
use crate::cli::output::{check_file, check_folder, pretty_json, table_options, write_file};
use crate::cli::progress::Progress;
use crate::engine::Event;
use crate::input::{LoadedScenario, load};
use crate::report::chart::{self, Colours, Size};
use crate::report::{ReportContext, html, table};
use crate::results::{mixes_csv, timeline_csv, write_study};
use crate::study::{self, Interrupted, Study};
use crate::units::Instant;
use rayon::prelude::*;
use serde::Serialize;
use std::io::{Write, stderr, stdout};
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
    let steps = input.candidates.len() as u64 * u64::from(input.scenario.run.replications);
    let progress = Progress::new(steps, study.quiet, interrupt::watch()?);
    simulate_and_write(&input, arguments, &folder, progress)
}

/// Files of the report, in its folder.
const REPORT_FILES: [&str; 6] =
    ["results.json", "mixes.csv", "timeline.csv", "charges.csv", "frontier.svg", "report.html"];

/// The events must replace neither the scenario nor a file of the report.
fn check_events_apart(events: &Path, scenario: &Path, folder: &Path) -> Result<(), Failure> {
    let place = |file: &Path| {
        let parent = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(parent.canonicalize().ok()?.join(file.file_name()?))
    };
    let same = |other: &Path| place(other).is_some() && place(other) == place(events);
    if same(scenario) || REPORT_FILES.iter().any(|name| same(&folder.join(name))) {
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
    let study = pool.install(|| study::run(input, arguments.events.is_some(), &progress)).map_err(nothing_kept)?;
    drop(progress);
    let json = pretty_json(&study.results);
    let finished = study.results.scenario.replications;
    let replications = if study.complete { arguments.study.replications } else { Some(finished) };
    let context = ReportContext { command: command_line(arguments, replications) };
    let makers: [&(dyn Fn() -> String + Sync); 6] = [
        &|| json.clone(),
        &|| mixes_csv(&study.results),
        &|| timeline_csv(&study.results, &study.timelines),
        &|| study.charges.clone(),
        &|| chart::frontier(&study.results, Size::PICTURE).svg(Colours::Fixed),
        &|| html(&study.results, &study.timelines, &context),
    ];
    let texts: Vec<String> = pool.install(|| makers.par_iter().with_max_len(1).map(|make| make()).collect());
    let bytes: Vec<(&str, &[u8])> = REPORT_FILES.into_iter().zip(texts.iter().map(|text| text.as_bytes())).collect();
    write_study(folder, &bytes).map_err(cannot_write)?;
    if let Some(file) = &arguments.events {
        write_events(file, &study)?;
    }
    print(&study, &json, arguments, folder)?;
    if study.complete {
        return Ok(());
    }
    let wanted = input.scenario.run.replications;
    Err(Failure::Interrupted(format!("stopped after {finished} of {wanted} replications; the report holds these")))
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

fn print(study: &Study, json: &str, arguments: &CompareArguments, folder: &Path) -> Result<(), Failure> {
    let mut output = stdout().lock();
    match arguments.study.format {
        OutputFormat::Json => output.write_all(json.as_bytes())?,
        OutputFormat::Table => {
            writeln!(output, "{}", table(&study.results, table_options()).trim_end())?;
            if !arguments.study.quiet {
                for warning in &study.results.warnings {
                    writeln!(output, "Note: {warning}")?;
                }
                writeln!(output, "Report: {}", folder.join("report.html").display())?;
            }
        }
    }
    output.flush()?;
    Ok(())
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
    if let Some(fidelity) = arguments.fidelity {
        add("--fidelity", fidelity.word().to_string());
    }
    study.set.iter().for_each(|(pointer, value)| add("--set", format!("{pointer}={value}")));
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
