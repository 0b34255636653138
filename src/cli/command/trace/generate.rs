//! `fleetmix trace generate`.

use super::{count_figures, print_statistics, print_table};
use crate::cli::exit::Failure;
use crate::input::read_profile;
use crate::trace::{DemandRequest, PriceRequest, Profile};
use crate::trace::{capacity_statistics, count_csv, demand_csv, price_csv, price_statistics, write_file};
use crate::trace::{generate_capacity, generate_demand, generate_price};
use crate::units::{Duration, HourlyPrice, Instant};
use clap::{Args, Subcommand};
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

/// Longest trace: a demand trace of ten years has 5 million rows.
const LONGEST: Duration = Duration::DAY.times(3653);

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GenerateCommand {
    /// Draw a demand trace: expected requests per interval.
    Demand(DemandArgs),
    /// Draw a spot price trace.
    Price(PriceArgs),
    /// Draw a capacity trace: how many instances a market can give.
    Capacity(CapacityArgs),
}

#[derive(Debug, Args)]
struct Common {
    /// Profile to draw from, as `fleetmix trace fit` writes it.
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// Length of the trace, e.g. 56d.
    #[arg(long, value_name = "DURATION")]
    duration: Duration,
    /// Instant of the first row, e.g. 2016-03-07T00:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    start: Instant,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// File to write (CSV; compressed when the name ends in .gz).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DemandArgs {
    #[command(flatten)]
    common: Common,
    /// Mean requests per second without flash crowds [default: that of the profile].
    #[arg(long, value_name = "RATE")]
    mean: Option<f64>,
    /// No flash crowd lifts the rate (before noise) above this many requests per second [default: no limit].
    #[arg(long, value_name = "RATE")]
    crowds_up_to: Option<f64>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PriceArgs {
    #[command(flatten)]
    common: Common,
    /// On-demand price that the profile's ratios refer to, e.g. "0.958 USD/h".
    #[arg(long, value_name = "PRICE")]
    on_demand: HourlyPrice,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CapacityArgs {
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(command: &GenerateCommand) -> Result<(), Failure> {
    match command {
        GenerateCommand::Demand(args) => demand(args),
        GenerateCommand::Price(args) => price(args),
        GenerateCommand::Capacity(args) => capacity(args),
    }
}

fn demand(args: &DemandArgs) -> Result<(), Failure> {
    let profile = match read_profile(&args.common.profile)?.profile {
        Profile::Demand(profile) => profile,
        other => return Err(wrong_kind(&args.common.profile, other.kind(), "demand")),
    };
    check_duration(args.common.duration, profile.interval)?;
    positive("--mean", args.mean)?;
    positive("--crowds-up-to", args.crowds_up_to)?;
    let request = DemandRequest {
        start: args.common.start,
        duration: args.common.duration,
        mean_per_second: args.mean,
        crowds_up_to: args.crowds_up_to,
        seed: args.common.seed,
    };
    let series = generate_demand(&profile, &request);
    write_file(&args.common.output, &demand_csv(&series, args.common.start))?;
    let mut sorted = series.per_second.clone();
    sorted.sort_by(f64::total_cmp);
    let quantile = |share: f64| sorted[(share * (sorted.len() - 1) as f64) as usize];
    let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
    let mut output = stdout().lock();
    writeln!(output, "{} intervals of {}", sorted.len(), series.interval)?;
    writeln!(
        output,
        "requests per second: mean {mean:.1}, median {:.1}, 99 % {:.1}, 99.9 % {:.1}, highest {:.1}",
        quantile(0.5),
        quantile(0.99),
        quantile(0.999),
        quantile(1.0)
    )?;
    Ok(())
}

fn price(args: &PriceArgs) -> Result<(), Failure> {
    let profile = match read_profile(&args.common.profile)?.profile {
        Profile::Price(profile) => profile,
        other => return Err(wrong_kind(&args.common.profile, other.kind(), "price")),
    };
    check_duration(args.common.duration, Duration::from_secs(1))?;
    positive("--on-demand", Some(args.on_demand.rate.to_f64()))?;
    let (duration, seed, on_demand) = (args.common.duration, args.common.seed, args.on_demand.rate);
    let series = generate_price(&profile, &PriceRequest { on_demand, duration, seed });
    write_file(&args.common.output, &price_csv(&series, args.common.start, args.on_demand.currency))?;
    print_statistics(&[("generated", price_statistics(&series, on_demand)), ("measured", profile.measured)])
}

fn capacity(args: &CapacityArgs) -> Result<(), Failure> {
    let profile = match read_profile(&args.common.profile)?.profile {
        Profile::Capacity(profile) => profile,
        other => return Err(wrong_kind(&args.common.profile, other.kind(), "capacity")),
    };
    check_duration(args.common.duration, Duration::from_secs(1))?;
    let series = generate_capacity(&profile, args.common.duration, args.common.seed);
    write_file(&args.common.output, &count_csv(&series.with_last_record(), args.common.start))?;
    let figures = [capacity_statistics(&series), profile.measured].map(|found| count_figures(&found));
    print_table(&["generated", "measured"], &figures)
}

fn wrong_kind(path: &Path, found: &str, wanted: &str) -> Failure {
    let message = format!("{} is a profile of {found}, not of {wanted}", path.display());
    Failure::new(message, format!("use `fleetmix trace generate {found}`"))
}

fn check_duration(duration: Duration, shortest: Duration) -> Result<(), Failure> {
    if duration >= shortest && duration <= LONGEST {
        return Ok(());
    }
    Err(Failure::new(format!("--duration {duration} is not between {shortest} and {LONGEST}"), ""))
}

fn positive(argument: &str, value: Option<f64>) -> Result<(), Failure> {
    match value {
        Some(value) if !(value > 0.0 && value <= 1e9) => {
            Err(Failure::new(format!("{argument} {value} is not above 0 and at most 1000000000"), ""))
        }
        _ => Ok(()),
    }
}
