//! `fleetmix replay`: the fleet as it was, simulated and measured.

use super::trace::MetricFile;
use crate::cli::args::ReplayArguments;
use crate::cli::exit::Failure;
use crate::cli::interrupt;
use crate::cli::output::check_folder;
use crate::cli::progress::Progress;
use crate::input::{Quantity, load};
use crate::report::chart::{Colours, Measure, replay};
use crate::report::replay::{Compared, difference, replay_csv, sentence};
use crate::report::view;
use crate::results::{Timeline, write_study};
use crate::study;
use crate::units::Duration;
use serde_json::Value;
use std::io::{Write, stdout};

/// Simulates one mix, and holds its time line against what was measured.
pub(in crate::cli) fn run(arguments: &ReplayArguments) -> Result<(), Failure> {
    let given = [
        (Compared::Cpu, &arguments.cpu, Quantity::Cpu, 1.0),
        (Compared::Latency, &arguments.latency, Quantity::Latency, arguments.latency_unit),
        (Compared::Instances, &arguments.instances, Quantity::Instances, 1.0),
    ];
    if given.iter().all(|(_, file, ..)| file.is_none()) {
        return Err(Failure::new("nothing was measured", "give --cpu, --latency or --instances"));
    }
    let mut options = arguments.study.load_options(arguments.mix.iter().cloned().collect());
    options.replications = options.replications.or(Some(2));
    // The days as they were, in their order.
    options.set.insert(0, ("/run/between_replications".to_string(), Value::from("fixed_traces")));
    let mut input = load(&arguments.scenario, &options)?;
    let folder = arguments.study.output_folder(&input.scenario.name);
    check_folder(&folder)?;
    let baseline = input.scenario.baseline.clone();
    let wanted = input.candidates.iter().position(|candidate| Some(&candidate.name) == baseline.as_ref()).unwrap_or(0);
    input.candidates = vec![input.candidates.swap_remove(wanted)];
    let progress =
        Progress::new(u64::from(input.scenario.run.replications), arguments.study.quiet, interrupt::watch()?);
    let done = arguments.study.thread_pool()?.install(|| study::run(&input, false, &progress));
    drop(progress);
    let found = done.map_err(|_| Failure::Interrupted("stopped: nothing was replayed".to_string()))?;
    let results = &found.results;
    let timeline =
        found.timelines.first().ok_or_else(|| Failure::Interrupted("stopped: there is no time line".to_string()))?;
    let mut columns = Vec::new();
    for (compared, file, quantity, factor) in given {
        if let Some(file) = file {
            columns.push((
                compared,
                on_timeline(file, quantity, factor, results.scenario.start.unix_nanos() as i64, timeline)?,
            ));
        }
    }
    let mut files = vec![("replay.csv".to_string(), replay_csv(results, timeline, &columns))];
    let mut output = stdout().lock();
    writeln!(output, "{}, replication {} of {}", timeline.mix, timeline.replication, results.scenario.name)?;
    for (compared, measured) in &columns {
        let simulated: Vec<f64> = timeline.points.iter().map(|point| compared.simulated(point)).collect();
        let (measure, say): (Measure, fn(f64) -> String) = match compared {
            Compared::Cpu => (Measure::Share, view::share),
            Compared::Latency => (Measure::Seconds, view::duration),
            Compared::Instances => (Measure::Count, view::decimal),
        };
        match difference(&simulated, measured) {
            Some(found) => writeln!(output, "{}", sentence(*compared, &found, say))?,
            None => writeln!(output, "{}: nothing was measured in the simulated time", compared.words())?,
        }
        if *compared == Compared::Instances {
            hours(&mut output, &simulated, measured, timeline)?;
        }
        let chart = replay(results, timeline, compared.words(), measure, [&simulated, measured]);
        files.push((format!("replay-{}.svg", compared.name()), chart.svg(Colours::Fixed)));
    }
    if let Some(paid) = arguments.cost {
        let simulated = results.mixes[0].cost.total.mean;
        let change = view::percent_change(simulated, paid);
        let [simulated, paid] = [simulated, paid].map(|amount| view::money(amount, results.currency));
        writeln!(output, "cost: {simulated} simulated, {paid} paid ({change})")?;
    }
    let bytes: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    write_study(&folder, &bytes).map_err(|error| Failure::new(error.to_string(), "nothing was written"))?;
    if !arguments.study.quiet {
        let names: Vec<String> = files.iter().map(|(name, _)| folder.join(name).display().to_string()).collect();
        writeln!(output, "Files: {}", names.join(", "))?;
    }
    output.flush()?;
    Ok(())
}

/// A measured metric in the intervals of a time line; NaN where nothing was measured.
fn on_timeline(
    file: &MetricFile,
    quantity: Quantity,
    factor: f64,
    start: i64,
    timeline: &Timeline,
) -> Result<Vec<f64>, Failure> {
    let every = timeline.points.first().map_or(Duration::from_secs(60), |point| point.end - point.start);
    let values = file.series(quantity, every)?.on_grid(start, every, timeline.points.len());
    Ok(values.into_iter().map(|value| value.map_or(f64::NAN, |value| value * factor)).collect())
}

/// Instance-hours, where both are known.
fn hours(output: &mut impl Write, simulated: &[f64], measured: &[f64], timeline: &Timeline) -> Result<(), Failure> {
    let known =
        || timeline.points.iter().zip(simulated.iter().zip(measured)).filter(|(_, (_, measured))| measured.is_finite());
    let length = |point: &crate::results::TimelinePoint| (point.end - point.start).as_hours_f64();
    let [a, b] = [
        known().map(|(point, (simulated, _))| simulated * length(point)).sum::<f64>(),
        known().map(|(point, (_, measured))| measured * length(point)).sum::<f64>(),
    ];
    writeln!(
        output,
        "instance-hours: {} simulated, {} measured ({})",
        view::decimal(a),
        view::decimal(b),
        view::percent_change(a, b)
    )?;
    Ok(())
}
