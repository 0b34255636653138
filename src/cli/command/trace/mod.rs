//! `fleetmix trace`: generates traces, and fits the profiles that they are generated from.

mod fit;
mod generate;
mod inspect;
mod measured;
mod metrics;
mod resample;
mod service;

use crate::cli::exit::Failure;
use crate::trace::{CapacityStatistics, PriceStatistics, RequestStatistics, WriteError};
use clap::{Args, Subcommand};
pub(in crate::cli) use measured::MetricFile;
pub(in crate::cli) use metrics::{DemandReading, TableArgs, demand_rows};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{Write, stdout};

/// What `fleetmix trace` does.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TraceCommand {
    /// Draw a synthetic trace from a profile.
    #[command(subcommand)]
    Generate(generate::GenerateCommand),
    /// Measure the profile of a real trace.
    #[command(subcommand)]
    Fit(fit::FitCommand),
    /// Say what a file of requests, other metrics, spot prices or instance counts holds, in whatever notation it is.
    Inspect(inspect::InspectArgs),
    /// Write one series of such a file as the CSV that a scenario reads.
    Convert(inspect::ConvertArgs),
    /// Make new traces of several markets out of days of old ones, the same days for all.
    Resample(resample::ResampleArgs),
}

/// Which series of a file is meant.
#[derive(Debug, Args)]
pub(in crate::cli) struct Selection {
    /// Use only records with this value, e.g. zone=us-east-1a; may be repeated.
    #[arg(long = "where", value_name = "NAME=VALUE", value_parser = condition)]
    only: Vec<(String, String)>,
}

impl Selection {
    pub(in crate::cli) fn only(&self) -> BTreeMap<String, String> {
        self.only.iter().cloned().collect()
    }
}

/// `name=value`.
fn condition(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it like availability_zone=us-east-1a")?;
    Ok((name.to_string(), value.to_string()))
}

/// Runs `fleetmix trace`.
pub(in crate::cli) fn run(command: &TraceCommand) -> Result<(), Failure> {
    match command {
        TraceCommand::Generate(generate) => generate::run(generate),
        TraceCommand::Fit(fit) => fit::run(fit),
        TraceCommand::Inspect(inspect) => inspect::inspect(inspect),
        TraceCommand::Convert(convert) => inspect::convert(convert),
        TraceCommand::Resample(arguments) => resample::resample(arguments),
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::new(error.to_string(), "")
    }
}

/// Prints figures of price series side by side; prices are ratios to the on-demand price.
fn print_statistics(series: &[(&str, PriceStatistics)]) -> Result<(), Failure> {
    let (names, figures): (Vec<&str>, Vec<_>) = series.iter().map(|(name, found)| (*name, figures(found))).unzip();
    print_table(&names, &figures)
}

/// Prints columns of figures that have the same names.
fn print_table<Name: Display>(names: &[&str], columns: &[impl AsRef<[(Name, String)]>]) -> Result<(), Failure> {
    let mut output = stdout().lock();
    let width = names.iter().map(|name| name.chars().count() + 2).max().unwrap_or(0).max(12);
    let head: String = names.iter().map(|name| format!("{name:>width$}")).collect();
    writeln!(output, "{:<20}{head}", "")?;
    for (row, (name, _)) in columns[0].as_ref().iter().enumerate() {
        let values: String = columns.iter().map(|figures| format!("{:>width$}", figures.as_ref()[row].1)).collect();
        writeln!(output, "{name:<20}{values}")?;
    }
    output.flush()?;
    Ok(())
}

fn optional(value: Option<f64>) -> String {
    value.map_or("-".to_string(), |value| format!("{value:.2}"))
}

fn request_figures(found: &RequestStatistics) -> Vec<(String, String)> {
    let fixed = [
        ("per_second", format!("{:.3}", found.per_second)),
        ("dispersion_1s", format!("{:.2}", found.dispersion_1s)),
        ("dispersion_10s", format!("{:.2}", found.dispersion_10s)),
        ("dispersion_60s", format!("{:.2}", found.dispersion_60s)),
        ("silent_seconds", format!("{:.3}", found.silent_seconds)),
    ];
    let sizes = found.mean_sizes.iter().map(|(name, mean)| (format!("mean {name}"), format!("{mean:.1}")));
    fixed.map(|(name, value)| (name.to_string(), value)).into_iter().chain(sizes).collect()
}

fn count_figures(found: &CapacityStatistics) -> [(&'static str, String); 13] {
    [
        ("days", format!("{:.2}", found.days)),
        ("changes_per_day", format!("{:.1}", found.changes_per_day)),
        ("share_up", format!("{:.3}", found.share_up)),
        ("mean_count", format!("{:.2}", found.mean_count)),
        ("median_count", format!("{:.0}", found.median_count)),
        ("p10_count", format!("{:.0}", found.p10_count)),
        ("most", found.most.to_string()),
        ("ups_per_30d", format!("{:.1}", found.ups_per_30d)),
        ("median_up_h", optional(found.median_up_h)),
        ("longest_up_h", optional(found.longest_up_h)),
        ("median_down_h", optional(found.median_down_h)),
        ("longest_down_h", optional(found.longest_down_h)),
        ("mean_fall", format!("{:.2}", found.mean_fall)),
    ]
}

fn figures(found: &PriceStatistics) -> [(&'static str, String); 11] {
    [
        ("changes_per_day", format!("{:.1}", found.changes_per_day)),
        ("median_over_od", format!("{:.3}", found.median_over_od)),
        ("p90_over_od", format!("{:.3}", found.p90_over_od)),
        ("p99_over_od", format!("{:.3}", found.p99_over_od)),
        ("max_over_od", format!("{:.2}", found.max_over_od)),
        ("frac_time_above_od", format!("{:.3}", found.frac_time_above_od)),
        ("episodes_above_od", found.episodes_above_od.to_string()),
        ("episodes_per_30d", format!("{:.1}", found.episodes_per_30d)),
        ("median_episode_min", optional(found.median_episode_min)),
        ("max_episode_h", optional(found.max_episode_h)),
        ("mean_price_over_od", format!("{:.3}", found.mean_price_over_od)),
    ]
}
