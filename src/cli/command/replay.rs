//! `fleetmix replay`: the fleet as it was, simulated and measured.

use super::trace::MetricFile;
use crate::cli::args::ReplayArguments;
use crate::cli::exit::Failure;
use crate::cli::interrupt;
use crate::cli::output::{check_folder, pretty_json, print_record};
use crate::cli::progress::Progress;
use crate::input::{BillSelection, Quantity, load};
use crate::report::chart::{Colours, Measure, replay};
use crate::report::replay::{
    Compared, Difference, REPLAY_SCHEMA_VERSION, ReplayRecord, Replayed, Totals, replay_csv, sentence,
};
use crate::report::view;
use crate::results::{Results, Timeline, TimelinePoint, write_study};
use crate::study::{self, NotComparable, billed_by_day};
use crate::units::{Currency, Duration};
use serde_json::Value;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Simulates one mix, and holds its time line against what was measured.
pub(in crate::cli) fn run(arguments: &ReplayArguments) -> Result<(), Failure> {
    let metrics = [
        (Compared::Cpu, &arguments.cpu, Quantity::Cpu, 1.0),
        (Compared::Latency, &arguments.latency, Quantity::Latency, arguments.latency_unit),
        (Compared::Instances, &arguments.instances, Quantity::Instances, 1.0),
    ];
    let measured = metrics.iter().any(|(_, file, ..)| file.is_some()) || arguments.bill.is_some();
    if !measured && arguments.cost.is_none() {
        return Err(Failure::new("nothing was measured", "give --cpu, --latency, --instances, --bill or --cost"));
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
    let mut figures = Vec::new();
    for (of, file, quantity, factor) in metrics {
        if let Some(file) = file {
            let measured = on_timeline(file, quantity, factor, results.scenario.start.unix_nanos() as i64, timeline)?;
            figures.push(Replayed { of, simulated: of.simulated(timeline), measured });
        }
    }
    if let Some(bill) = &arguments.bill {
        figures.push(costs(bill, arguments.region.clone(), results, timeline)?);
    }
    let mut files = vec![("replay.csv".to_string(), replay_csv(results, timeline, &figures))];
    files.extend(figures.iter().map(|figure| {
        let chart = replay(results, timeline, figure, measure(figure.of, results.currency));
        (format!("replay-{}.svg", figure.of.name()), chart.svg(Colours::Fixed))
    }));
    let bytes: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    write_study(&folder, &bytes).map_err(|error| Failure::new(error.to_string(), "nothing was written"))?;
    let record = ReplayRecord {
        schema_version: REPLAY_SCHEMA_VERSION,
        fleetmix_version: results.fleetmix_version.clone(),
        scenario: results.scenario.name.clone(),
        mix: timeline.mix.clone(),
        replication: timeline.replication,
        currency: results.currency,
        figures: figures.iter().filter_map(Replayed::difference).collect(),
        instance_hours: figures.iter().find(|figure| figure.of == Compared::Instances).map(|it| hours(it, timeline)),
        cost: arguments.cost.map(|paid| Totals { simulated: results.mixes[0].cost.total.mean, measured: paid }),
    };
    print_record(arguments.study.format, &pretty_json(&record), |output| {
        words(output, &record, &figures)?;
        if !arguments.study.quiet {
            let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.join(name)).collect();
            let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            writeln!(output, "Files: {}", names.join(", "))?;
        }
        Ok(())
    })
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

/// Simulated and billed cost of each whole day.
fn costs(bill: &Path, region: Option<String>, results: &Results, timeline: &Timeline) -> Result<Replayed, Failure> {
    let selection = BillSelection { mix: Some(timeline.mix.clone()), region };
    let whole = (results.scenario.horizon().nanos() / Duration::DAY.nanos()) as usize;
    if whole == 0 {
        let help = "bills are compared by day: simulate one or more, with --set /clock/horizon='\"7d\"'";
        return Err(Failure::new("less than a day is simulated", help));
    }
    let simulated = Compared::Cost.simulated(timeline);
    let read = billed_by_day(bill, &selection, results.currency, results.scenario.start, whole);
    let mut measured = read.map_err(|error| match error {
        NotComparable::Input(diagnostic) => diagnostic.into(),
        NotComparable::Apart(message) => Failure::new(message, "give a bill of the simulated time"),
    })?;
    measured.resize(simulated.len(), f64::NAN);
    Ok(Replayed { of: Compared::Cost, simulated, measured })
}

fn measure(of: Compared, currency: Currency) -> Measure {
    match of {
        Compared::Cpu => Measure::Share,
        Compared::Latency => Measure::Seconds,
        Compared::Instances => Measure::Count,
        Compared::Cost => Measure::Money(currency),
    }
}

/// Instance-hours, where both are known.
fn hours(figure: &Replayed, timeline: &Timeline) -> Totals {
    let length = |point: &TimelinePoint| (point.end - point.start).as_hours_f64();
    let values = figure.simulated.iter().zip(&figure.measured);
    let known = timeline.points.iter().zip(values).filter(|(_, (_, measured))| measured.is_finite());
    known.fold(Totals { simulated: 0.0, measured: 0.0 }, |sum, (point, (simulated, measured))| Totals {
        simulated: sum.simulated + simulated * length(point),
        measured: sum.measured + measured * length(point),
    })
}

/// The record in sentences.
fn words(output: &mut dyn Write, record: &ReplayRecord, figures: &[Replayed]) -> io::Result<()> {
    writeln!(output, "{}, replication {} of {}", record.mix, record.replication, record.scenario)?;
    let money = |amount: f64| view::money(amount, record.currency);
    for figure in figures {
        let say = |value: f64| match figure.of {
            Compared::Cpu => view::share(value),
            Compared::Latency => view::duration(value),
            Compared::Instances => view::decimal(value),
            Compared::Cost => money(value),
        };
        let found: Option<&Difference> = record.figures.iter().find(|found| found.figure == figure.of);
        match found {
            Some(found) => writeln!(output, "{}", sentence(found, say))?,
            None => writeln!(output, "{}: nothing was measured in the simulated time", figure.of.words())?,
        }
    }
    let mut total = |what: &str, totals: Option<Totals>, say: &dyn Fn(f64) -> String, measured: &str| {
        totals.map_or(Ok(()), |Totals { simulated, measured: other }| {
            let change = view::percent_change(simulated, other);
            writeln!(output, "{what}: {} simulated, {} {measured} ({change})", say(simulated), say(other))
        })
    };
    total("instance-hours", record.instance_hours, &view::decimal, "measured")?;
    total("cost", record.cost, &money, "paid")
}
