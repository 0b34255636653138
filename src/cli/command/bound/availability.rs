//! `fleetmix bound --availability`: the clairvoyant optimum on availability traces.

use crate::cli::args::{AvailabilityArguments, OutputFormat};
use crate::cli::exit::Failure;
use crate::cli::output::{check_file, pretty_json, print_record, write_file};
use crate::input::{Counts, TraceContent, read_any};
use crate::plan::bound::clairvoyant::{Demand, Optimum, Zone, optimum};
use crate::units::{Duration, Rate};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Most ticks of a window and of a trace: beyond a year of half minutes.
const MOST_TICKS: usize = 4_000_000;

/// What is printed as JSON.
#[derive(Serialize)]
struct Record {
    ticks: usize,
    tick_seconds: f64,
    target: u32,
    maximum: u32,
    cold_start_ticks: usize,
    offset_ticks: usize,
    places: Vec<Place>,
    /// The least cost, in the unit of the prices for a unit and tick.
    cost: f64,
    /// What the target costs on-demand once the first cold start is over.
    reference: f64,
    ratio: f64,
}

/// A zone, or on-demand.
#[derive(Serialize)]
struct Place {
    name: String,
    /// Share of ticks in which the target could be held here alone.
    available: f64,
    /// Price for a unit and tick.
    price: f64,
    /// Units times ticks that are held.
    held: u64,
    cost: f64,
}

/// Reads the traces, finds the optimum and prints it.
pub(super) fn run(files: &[PathBuf], arguments: &AvailabilityArguments, format: OutputFormat) -> Result<(), Failure> {
    let demand = check(files.len(), arguments)?;
    if let Some(file) = &arguments.schedule {
        check_file(file)?;
    }
    let mut zones = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let TraceContent::Counts(counts) = read_any(file)? else {
            let message = format!("{} holds prices, not numbers of instances", file.display());
            return Err(Failure::new(message, "give a trace of how many instances a zone has"));
        };
        let price = arguments.spot_price.get(index).or(arguments.spot_price.last());
        let price = units(price.copied(), 1, "--spot-price")?;
        zones.push(Zone { available: ticks(&counts, arguments, file)?, price });
    }
    let best = optimum(&zones, arguments.window, &demand).ok_or_else(|| {
        Failure::new(
            "the prices are too high for so many ticks",
            "give prices in a larger unit: only their ratio matters",
        )
    })?;
    let record = record(files, arguments, &demand, &zones, &best);
    if let Some(file) = &arguments.schedule {
        write_schedule(file, &record, &best)?;
    }
    print_record(format, &pretty_json(&record), |output| output.write_all(words(&record).as_bytes()))
}

fn check(files: usize, arguments: &AvailabilityArguments) -> Result<Demand, Failure> {
    let wrong = |message: String, help: &str| Err(Failure::new(message, help));
    if arguments.tick <= Duration::ZERO {
        return wrong("--tick 0 is no time".to_string(), "give the length of a tick, as in --tick 30s");
    }
    if arguments.target > arguments.maximum {
        let message = format!("--target {} is more than --maximum {}", arguments.target, arguments.maximum);
        return wrong(message, "a policy may not have fewer active units at most than at least");
    }
    if arguments.window > MOST_TICKS || arguments.window <= arguments.cold_start {
        let message = format!("--window {} is no number of ticks to look at", arguments.window);
        return wrong(
            message,
            &format!("give more than the cold start's {} and at most {MOST_TICKS}", arguments.cold_start),
        );
    }
    let prices = arguments.spot_price.len();
    if prices > 1 && prices != files {
        let message = format!("--spot-price is given {prices} times for {files} traces");
        return wrong(message, "give it once for all of them, or once for each in their order");
    }
    Ok(Demand {
        target: arguments.target,
        maximum: arguments.maximum,
        cold_start: arguments.cold_start,
        on_demand: units(arguments.on_demand_price, 3, "--on-demand-price")?,
    })
}

/// A price in billionths, or a whole number where none is given.
fn units(price: Option<Rate>, default: u64, option: &str) -> Result<u64, Failure> {
    match price {
        None => Ok(default * NANO),
        Some(price) => u64::try_from(price.nano_per_hour())
            .map_err(|_| Failure::new(format!("{option} {price} is negative"), "give a price of at least 0")),
    }
}

const NANO: u64 = 1_000_000_000;

/// The counts of the window: each holds for as many ticks as its time does, and behind the last one the trace begins again.
fn ticks(counts: &Counts, arguments: &AvailabilityArguments, file: &Path) -> Result<Vec<u32>, Failure> {
    let first = counts.steps.first().map_or(0, |step| step.0);
    let tick = arguments.tick.nanos();
    let length = usize::try_from((counts.end - first) / tick).unwrap_or(0);
    if length == 0 || length > MOST_TICKS {
        let message = format!("{} holds {length} whole ticks of {}", file.display(), arguments.tick);
        return Err(Failure::new(message, format!("give a --tick of which it holds 1 to {MOST_TICKS}")));
    }
    let mut of_trace = Vec::with_capacity(length);
    let mut step = 0;
    for index in 0..length {
        let time = first + index as i64 * tick;
        while counts.steps.get(step + 1).is_some_and(|(from, _)| *from <= time) {
            step += 1;
        }
        of_trace.push(counts.steps[step].1);
    }
    let start = arguments.offset % length;
    Ok(of_trace.iter().cycle().skip(start).take(arguments.window).copied().collect())
}

fn record(
    files: &[PathBuf],
    arguments: &AvailabilityArguments,
    demand: &Demand,
    zones: &[Zone],
    best: &Optimum,
) -> Record {
    let price = |units: u64| units as f64 / NANO as f64;
    let paths = files.iter().map(|file| file.to_string_lossy().into_owned());
    let names = paths.chain(["on-demand".to_string()]);
    let enough = |zone: &Zone| {
        let ticks = zone.available.iter().filter(|units| **units >= demand.target).count();
        (zone.price, ticks as f64 / zone.available.len().max(1) as f64)
    };
    let places = zones.iter().map(enough).chain([(demand.on_demand, 1.0)]);
    let places: Vec<Place> = names
        .zip(places)
        .zip(&best.held)
        .map(|((name, (units, available)), held)| {
            let held: u64 = held.iter().map(|units| u64::from(*units)).sum();
            Place { name, available, price: price(units), held, cost: held as f64 * price(units) }
        })
        .collect();
    let cost = best.cost as f64 / NANO as f64;
    let active_ticks = arguments.window - arguments.cold_start;
    let reference = f64::from(demand.target) * active_ticks as f64 * price(demand.on_demand);
    Record {
        ticks: arguments.window,
        tick_seconds: arguments.tick.as_secs_f64(),
        target: demand.target,
        maximum: demand.maximum,
        cold_start_ticks: demand.cold_start,
        offset_ticks: arguments.offset,
        places,
        cost,
        reference,
        ratio: if reference > 0.0 { cost / reference } else { 0.0 },
    }
}

fn words(record: &Record) -> String {
    let Record { ticks, target, maximum, cold_start_ticks, .. } = record;
    let hours = *ticks as f64 * record.tick_seconds / 3600.0;
    let mut text = format!(
        "The least that keeping {target} to {maximum} units active costs whoever knows all {} zones in advance:\n\
         {ticks} ticks of {} s ({hours:.1} h), active after {cold_start_ticks} ticks\n\n",
        record.places.len() - 1,
        record.tick_seconds
    );
    let width = record.places.iter().map(|place| place.name.chars().count()).max().unwrap_or(0).max(9);
    let _ = writeln!(text, "{:width$}  {:>9}  {:>7}  {:>9}  {:>11}", "", "available", "price", "held", "cost");
    for place in &record.places {
        let Place { name, available, price, held, cost, .. } = place;
        let share = format!("{:.1} %", available * 100.0);
        let _ = writeln!(text, "{name:width$}  {share:>9}  {price:>7}  {held:>9}  {cost:>11}");
    }
    let _ = writeln!(
        text,
        "\ncost       {}\nreference  {}  ({target} on-demand units for {} ticks)\nratio      {:.2} %",
        record.cost,
        record.reference,
        ticks - cold_start_ticks,
        record.ratio * 100.0
    );
    text
}

/// One row a tick: units held of each zone and on-demand.
fn write_schedule(file: &Path, record: &Record, best: &Optimum) -> Result<(), Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::new(format!("cannot write {}: {error}", file.display()), "");
    let mut table = csv::Writer::from_writer(Vec::new());
    let header = ["tick"].into_iter().chain(record.places.iter().map(|place| place.name.as_str()));
    table.write_record(header).map_err(|error| wrong(&error))?;
    for tick in 0..record.ticks {
        let row = std::iter::once(tick.to_string()).chain(best.held.iter().map(|held| held[tick].to_string()));
        table.write_record(row).map_err(|error| wrong(&error))?;
    }
    let bytes = table.into_inner().map_err(|error| wrong(&error))?;
    write_file(file, &bytes)
}
