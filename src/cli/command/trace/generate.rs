//! `fleetmix trace generate`.

use super::{count_figures, print_statistics, print_table, request_figures};
use crate::cli::exit::Failure;
use crate::input::read_profile;
use crate::trace::{DemandRequest, PriceRequest, Profile, RequestProfile};
use crate::trace::{capacity_statistics, count_csv, demand_csv, price_csv, price_statistics, write_file};
use crate::trace::{generate_capacity, generate_demand, generate_price, generate_requests};
use crate::trace::{request_statistics, requests_csv};
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
    /// Draw single requests with sizes, one a row.
    Requests(RequestsArgs),
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

#[derive(Debug, Args)]
pub(in crate::cli) struct RequestsArgs {
    /// Profile to draw from; several are drawn together, in order of time.
    #[arg(long = "profile", value_name = "FILE", required = true)]
    profiles: Vec<PathBuf>,
    /// Length of the trace, e.g. 2h.
    #[arg(long, value_name = "DURATION")]
    duration: Duration,
    /// Instant from which requests come, e.g. 2016-03-07T00:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    start: Instant,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// File to write (CSV; compressed when the name ends in .gz).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

pub(super) fn run(command: &GenerateCommand) -> Result<(), Failure> {
    match command {
        GenerateCommand::Demand(args) => demand(args),
        GenerateCommand::Price(args) => price(args),
        GenerateCommand::Capacity(args) => capacity(args),
        GenerateCommand::Requests(args) => requests(args),
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

/// Most requests that are drawn.
const MOST_REQUESTS: f64 = 2e7;

fn requests(args: &RequestsArgs) -> Result<(), Failure> {
    let mut profiles: Vec<RequestProfile> = Vec::new();
    for path in &args.profiles {
        match read_profile(path)?.profile {
            Profile::Requests(profile) => profiles.push(*profile),
            other => return Err(wrong_kind(path, other.kind(), "requests")),
        }
    }
    let names = |profile: &RequestProfile| profile.sizes.iter().map(|size| size.name.clone()).collect::<Vec<_>>();
    let other = args.profiles.iter().zip(&profiles).find(|(_, profile)| names(profile) != names(&profiles[0]));
    if let Some((path, profile)) = other {
        let [found, wanted] = [names(profile), names(&profiles[0])].map(|names| names.join(", "));
        let message = format!("{} has the sizes {found}, {} has {wanted}", path.display(), args.profiles[0].display());
        return Err(Failure::new(message, "profiles that are drawn together need the same sizes in the same order"));
    }
    check_duration(args.duration, Duration::from_secs(60))?;
    let expected: f64 = profiles.iter().map(|profile| args.duration.as_secs_f64() / profile.gaps.mean_seconds).sum();
    if expected > MOST_REQUESTS {
        return Err(Failure::new(format!("about {expected:.0} requests would be drawn"), "give a shorter --duration"));
    }
    let drawn = generate_requests(&profiles, args.duration, args.seed);
    write_file(&args.output, &requests_csv(&drawn, args.start))?;
    let mut titles = vec!["generated".to_string()];
    let mut figures = vec![request_figures(&request_statistics(&drawn))];
    for (path, profile) in args.profiles.iter().zip(&profiles) {
        titles.push(format!("measured, {}", path.file_stem().unwrap_or_default().to_string_lossy()));
        figures.push(request_figures(&profile.measured));
    }
    print_table(&titles.iter().map(String::as_str).collect::<Vec<_>>(), &figures)
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
