//! `fleetmix trace fit`.

use super::print_statistics;
use crate::cli::exit::Failure;
use crate::input::{Window, read_demand_alone, read_price_alone};
use crate::scenario::{CsvColumns, Gaps, ValueIs};
use crate::trace::{Profile, ProfileFile, fit_demand, fit_price, profile_json, write_file};
use crate::units::{Duration, HourlyPrice, Instant};
use clap::{Args, Subcommand, ValueEnum};
use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FitCommand {
    /// Measure rhythm, noise and flash crowds of a demand trace.
    Demand(DemandArgs),
    /// Measure the calm and the spikes of a spot price trace.
    Price(PriceArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Common {
    /// Trace to measure (CSV with a header line; .gz is unpacked).
    file: PathBuf,
    /// Column of time stamps.
    #[arg(long, value_name = "COLUMN")]
    time: String,
    /// Column of values.
    #[arg(long, value_name = "COLUMN")]
    value: String,
    /// Time zone of stamps without an offset (IANA name).
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// Use only rows with this value in this column; may be repeated.
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    only: Vec<(String, String)>,
    /// Use the trace from this instant on [default: its first row].
    #[arg(long, value_name = "INSTANT")]
    from: Option<Instant>,
    /// Use the trace before this instant [default: up to its last row].
    #[arg(long, value_name = "INSTANT")]
    to: Option<Instant>,
    /// What the trace is, in words, for the profile [default: the file's name].
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Profile to write (JSON).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DemandArgs {
    #[command(flatten)]
    common: Common,
    /// Values count requests in intervals of this length that begin at the time stamp, e.g. 1m.
    #[arg(long, value_name = "DURATION", required_unless_present = "per_second_every")]
    count_per: Option<Duration>,
    /// Values are requests per second in intervals of this length.
    #[arg(long, value_name = "DURATION", conflicts_with = "count_per")]
    per_second_every: Option<Duration>,
    /// What stands where rows are missing.
    #[arg(long, default_value = "error")]
    gaps: MissingRows,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PriceArgs {
    #[command(flatten)]
    common: Common,
    /// On-demand price at the time of the trace, e.g. "0.958 USD/h".
    #[arg(long, value_name = "PRICE")]
    on_demand: HourlyPrice,
}

/// What stands where rows of a demand trace are missing.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum MissingRows {
    /// A missing row is an error.
    Error,
    /// The last value holds.
    Hold,
    /// Zero requests.
    Zero,
}

impl Common {
    fn columns(&self) -> CsvColumns {
        CsvColumns {
            time: self.time.clone(),
            value: Some(self.value.clone()),
            time_zone: self.time_zone.clone(),
            only: self.only.iter().cloned().collect::<BTreeMap<_, _>>(),
        }
    }

    fn window(&self) -> Window {
        Window { from: self.from, to: self.to }
    }

    fn source(&self) -> String {
        let name = || self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.source.clone().unwrap_or_else(name)
    }

    fn fit_error(&self, error: crate::trace::FitError) -> Failure {
        Failure::new(format!("cannot fit {}: {error}", self.file.display()), "")
    }
}

pub(super) fn run(command: &FitCommand) -> Result<(), Failure> {
    match command {
        FitCommand::Demand(args) => demand(args),
        FitCommand::Price(args) => price(args),
    }
}

fn demand(args: &DemandArgs) -> Result<(), Failure> {
    let value_is = match (args.count_per, args.per_second_every) {
        (Some(interval), _) => ValueIs::CountPer(interval),
        (None, interval) => ValueIs::PerSecondEvery(interval.unwrap_or(Duration::from_secs(60))),
    };
    let gaps = match args.gaps {
        MissingRows::Error => Gaps::Error,
        MissingRows::Hold => Gaps::Hold,
        MissingRows::Zero => Gaps::Zero,
    };
    let (series, origin) =
        read_demand_alone(&args.common.file, args.common.columns(), value_is, gaps, args.common.window())?;
    let profile = fit_demand(&series, origin, &args.common.source()).map_err(|error| args.common.fit_error(error))?;
    let (noise, crowds) = (profile.noise, profile.flash_crowds);
    write_file(&args.common.output, &profile_json(&ProfileFile::new(Profile::Demand(Box::new(profile.clone())))))?;
    let hours = profile.hour_of_week.as_flattened();
    let (low, high) = hours.iter().fold((f64::INFINITY, 0.0), |(l, h): (f64, f64), x| (l.min(*x), h.max(*x)));
    let mut output = stdout().lock();
    writeln!(output, "mean {} requests/s, hours of the week {low} to {high} of the mean", profile.mean_per_second)?;
    writeln!(output, "noise: slow cv {} over {} min, fast cv {}", noise.slow_cv, noise.slow_minutes, noise.fast_cv)?;
    writeln!(
        output,
        "flash crowds: {} a week, median rise {} of the rate, median decay {} min",
        crowds.per_week, crowds.height.median, crowds.decay_minutes.median
    )?;
    Ok(())
}

fn price(args: &PriceArgs) -> Result<(), Failure> {
    let (series, _) = read_price_alone(&args.common.file, args.common.columns(), args.common.window())?;
    let profile =
        fit_price(&series, args.on_demand.rate, &args.common.source()).map_err(|error| args.common.fit_error(error))?;
    let measured = profile.measured;
    write_file(&args.common.output, &profile_json(&ProfileFile::new(Profile::Price(Box::new(profile)))))?;
    print_statistics(&[("measured", measured)])
}

/// `column=value`.
fn condition(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or("write it like availability_zone=us-east-1a")?;
    Ok((column.to_string(), value.to_string()))
}
