//! `fleetmix trace inspect` and `fleetmix trace convert`.

use super::metrics::{DemandReading, TableArgs, inspect_metrics, write_demand};
use super::{Selection, count_figures, print_statistics, print_table};
use crate::cli::exit::Failure;
use crate::input::{AdvisorEntry, Problem, TraceContent};
use crate::trace::{capacity_statistics, count_csv, price_csv, price_statistics, write_file};
use crate::units::{Currency, HourlyPrice, SimTime};
use clap::Args;
use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(in crate::cli) struct InspectArgs {
    /// The trace.
    file: PathBuf,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    table: TableArgs,
    /// On-demand price to measure prices by, e.g. "0.096 USD/h".
    #[arg(long, value_name = "PRICE")]
    on_demand: Option<HourlyPrice>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ConvertArgs {
    /// The trace.
    file: PathBuf,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    table: TableArgs,
    #[command(flatten)]
    demand: DemandReading,
    /// File to write (CSV; compressed when the name ends in .gz).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Says what a file holds.
pub(super) fn inspect(args: &InspectArgs) -> Result<(), Failure> {
    let content = args.table.content(&args.file)?;
    let mut output = stdout().lock();
    writeln!(output, "{}: {}", args.file.display(), content.words())?;
    match &content {
        TraceContent::Prices(table) => {
            writeln!(output, "{} records, {} series", table.rows, table.series.len())?;
            for (words, records) in &table.series {
                let changes = records.windows(2).filter(|pair| pair[0].1 != pair[1].1).count();
                let lowest = records.iter().map(|record| record.1).min().unwrap_or_default();
                let highest = records.iter().map(|record| record.1).max().unwrap_or_default();
                let named: Vec<String> =
                    table.keys.iter().zip(words).map(|(key, word)| format!("{key}={word}")).collect();
                writeln!(
                    output,
                    "  {}: {} records, {changes} changes, {lowest} to {highest} per hour",
                    if named.is_empty() { "prices".to_string() } else { named.join(" ") },
                    records.len()
                )?;
            }
            let Some(on_demand) = args.on_demand else { return Ok(()) };
            drop(output);
            let (series, _) = content.price_series(&args.selection.only()).map_err(|p| failure(&args.file, &p))?;
            print_statistics(&[("measured", price_statistics(&series, on_demand.rate))])
        }
        TraceContent::Counts(counts) => {
            let (series, origin) = content.count_series().map_err(|p| failure(&args.file, &p))?;
            let length = series.end - SimTime::START;
            let from = if content.has_clock() { format!(" from {origin}") } else { String::new() };
            writeln!(output, "{} rows, {} steps, {length}{from}", counts.rows, series.steps.len())?;
            for remark in &counts.remarks {
                writeln!(output, "note: {remark}")?;
            }
            drop(output);
            print_table(&["measured"], &[count_figures(&capacity_statistics(&series))])
        }
        TraceContent::Metrics(metrics) => inspect_metrics(&mut output, metrics),
        TraceContent::Advisor(entries) => {
            drop(output);
            bands(entries, &args.selection.only())
        }
    }
}

/// How many types are in each band, or the types that are asked for.
fn bands(entries: &[AdvisorEntry], only: &BTreeMap<String, String>) -> Result<(), Failure> {
    const KEYS: [&str; 3] = ["region", "os", "instance_type"];
    if let Some(unknown) = only.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let message = format!("nothing is called `{unknown}` here; there are {}", KEYS.join(", "));
        return Err(Failure::new(message, "choose with `--where NAME=VALUE`"));
    }
    let fits = |entry: &&AdvisorEntry| {
        let words = [&entry.region, &entry.os, &entry.instance_type];
        KEYS.iter().zip(words).all(|(key, word)| only.get(*key).is_none_or(|wanted| wanted == word))
    };
    let chosen: Vec<&AdvisorEntry> = entries.iter().filter(fits).collect();
    let mut output = stdout().lock();
    if only.contains_key("instance_type") {
        for entry in &chosen {
            writeln!(
                output,
                "  {} {} {}: interrupted {} a month, saving {} %",
                entry.region,
                entry.os,
                entry.instance_type,
                entry.band.name(),
                entry.saving_percent
            )?;
        }
    }
    let mut counts = BTreeMap::new();
    chosen.iter().for_each(|entry| *counts.entry(entry.band).or_insert(0u64) += 1);
    writeln!(output, "{} types", chosen.len())?;
    for (band, count) in counts {
        writeln!(output, "  {:>6} a month: {count}", band.name())?;
    }
    Ok(())
}

/// Writes a series as the CSV that a scenario reads.
pub(super) fn convert(args: &ConvertArgs) -> Result<(), Failure> {
    let content = args.table.content(&args.file)?;
    let fail = |problem: Problem| failure(&args.file, &problem);
    let text = match &content {
        TraceContent::Prices(_) | TraceContent::Advisor(_) => {
            let (series, origin) = content.price_series(&args.selection.only()).map_err(fail)?;
            price_csv(&series.with_last_record(), origin, Currency::USD)
        }
        TraceContent::Counts(_) => {
            let (series, origin) = content.count_series().map_err(fail)?;
            count_csv(&series.with_last_record(), origin)
        }
        TraceContent::Metrics(metrics) => {
            return write_demand(&args.file, metrics, &args.selection.only(), &args.demand, &args.output);
        }
    };
    write_file(&args.output, &text)?;
    writeln!(stdout().lock(), "{} rows", text.lines().count().saturating_sub(1))?;
    Ok(())
}

pub(super) fn failure(file: &Path, problem: &Problem) -> Failure {
    let help = "`fleetmix trace inspect` lists what there is; choose with `--where NAME=VALUE`";
    Failure::new(format!("{}: {}", file.display(), problem.message), help)
}
