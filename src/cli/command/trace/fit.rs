//! `fleetmix trace fit`.

use super::inspect::failure;
use super::service::{ServiceArgs, service};
use super::{Selection, count_figures, print_statistics, print_table, request_figures};
use crate::cli::exit::Failure;
use crate::input::{
    DemandQuestion, Meaning, TableReading, Window, read_any, read_demand_alone, read_demand_found_out,
    read_price_alone, read_requests_alone,
};
use crate::scenario::{CsvColumns, Gaps, ValueIs};
use crate::trace::{
    Profile, ProfileFile, StepSeries, fit_any_demand, fit_capacity, fit_demand, fit_price, fit_price_regimes,
    fit_requests, profile_json, write_file,
};
use crate::units::{Duration, HourlyPrice, Instant, SimTime};
use clap::{Args, Subcommand, ValueEnum};
use std::io::{Write, stdout};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FitCommand {
    /// Measure rhythm, noise and flash crowds of a demand trace.
    ///
    /// Any table and any notation of metrics that `trace inspect` knows is read; with --time and --value any CSV.
    Demand(DemandArgs),
    /// Measure the calm and the spikes of a spot price trace.
    ///
    /// Any notation of prices that `trace inspect` knows is read; with --time and --value any CSV.
    Price(PriceArgs),
    /// Measure times up and down, and the count while up, of a trace of instance counts in any notation.
    Capacity(CapacityArgs),
    /// Measure gaps and sizes of recorded requests, one a row: tokens in and out, or any other counts.
    Requests(RequestsArgs),
    /// Estimate what requests need, from requests, CPU, instances and a percentile of latency: any two of the last three.
    Service(ServiceArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Common {
    /// Trace to measure (CSV with a header line; .gz is unpacked).
    file: PathBuf,
    /// Column of time stamps of a CSV file.
    #[arg(long, value_name = "COLUMN", requires = "value")]
    time: Option<String>,
    /// Column of values of a CSV file.
    #[arg(long, value_name = "COLUMN", requires = "time")]
    value: Option<String>,
    /// Time zone of stamps without an offset (IANA name).
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    #[command(flatten)]
    selection: Selection,
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
    /// Values count requests in intervals of this length that begin at the time stamp, e.g. 1m [default: found out, unless columns are named].
    #[arg(long, value_name = "DURATION")]
    count_per: Option<Duration>,
    /// Values are requests per second in intervals of this length.
    #[arg(long, value_name = "DURATION", conflicts_with = "count_per")]
    per_second_every: Option<Duration>,
    /// What stands where rows are missing.
    #[arg(long, default_value = "error")]
    gaps: MissingRows,
    /// Fit traces of any length from an hour on, with silent hours, and measure a trend.
    #[arg(long)]
    any_length: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PriceArgs {
    #[command(flatten)]
    common: Common,
    /// On-demand price at the time of the trace, e.g. "0.958 USD/h".
    #[arg(long, value_name = "PRICE")]
    on_demand: HourlyPrice,
    /// What is measured.
    #[arg(long, value_enum, default_value_t = PriceModel::Plain)]
    model: PriceModel,
}

/// A model of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PriceModel {
    /// A calm regime and spikes whose lengths are lognormal.
    Plain,
    /// The same with measured lengths of spikes, which have a longer tail, and a move at each change.
    Regimes,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CapacityArgs {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RequestsArgs {
    /// Requests to measure (CSV with a header line, a row each, in order of time; .gz is unpacked).
    file: PathBuf,
    /// Column of time stamps.
    #[arg(long, value_name = "COLUMN")]
    time: String,
    /// Column of a size; may be repeated.
    #[arg(long = "size", value_name = "COLUMN", required = true)]
    sizes: Vec<String>,
    /// Time zone of stamps without an offset (IANA name).
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// What the requests are, in words, for the profile [default: the file's name].
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// Profile to write (JSON).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
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
    fn columns(&self) -> Option<CsvColumns> {
        Some(CsvColumns {
            time: self.time.clone()?,
            value: self.value.clone(),
            time_zone: self.time_zone.clone(),
            time_format: None,
            only: self.selection.only(),
        })
    }

    /// The part of a series whose [`SimTime::START`] is `origin` that lies in the window.
    fn cut<T: Copy>(&self, series: &StepSeries<T>, origin: Instant) -> Result<StepSeries<T>, Failure> {
        let (from, to) = self.window().within(origin, SimTime::START, series.end);
        let message = || format!("{}: the trace has nothing in the given window of time", self.file.display());
        series.within(from, to).ok_or_else(|| Failure::new(message(), ""))
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
        FitCommand::Capacity(args) => capacity(args),
        FitCommand::Requests(args) => requests(args),
        FitCommand::Service(args) => service(args),
    }
}

fn demand(args: &DemandArgs) -> Result<(), Failure> {
    let (meaning, every) = match (args.count_per, args.per_second_every) {
        (Some(interval), _) => (Some(Meaning::Counts), Some(interval)),
        (None, Some(interval)) => (Some(Meaning::PerSecond), Some(interval)),
        (None, None) => (None, None),
    };
    let gaps = match args.gaps {
        MissingRows::Error => Gaps::Error,
        MissingRows::Hold => Gaps::Hold,
        MissingRows::Zero => Gaps::Zero,
    };
    let (file, window) = (&args.common.file, args.common.window());
    let (series, origin, words) = match (args.common.columns(), every) {
        (Some(_), None) => {
            let help = "give --count-per 1m, or --per-second-every 1m, with the distance of rows";
            return Err(Failure::new("what the values of the named column count is not known", help));
        }
        (Some(columns), Some(every)) => {
            let value_is = match meaning {
                Some(Meaning::PerSecond) => ValueIs::PerSecondEvery(every),
                _ => ValueIs::CountPer(every),
            };
            let (series, origin) = read_demand_alone(file, columns, value_is, gaps, window)?;
            (series, origin, Vec::new())
        }
        (None, every) => {
            let reading = TableReading { time_zone: args.common.time_zone.clone(), ..TableReading::default() };
            let question = DemandQuestion { reading, only: args.common.selection.only(), every, meaning };
            read_demand_found_out(file, &question, gaps, window)?
        }
    };
    let fit = if args.any_length { fit_any_demand } else { fit_demand };
    let profile = fit(&series, origin, &args.common.source()).map_err(|error| args.common.fit_error(error))?;
    let (noise, crowds) = (profile.noise, profile.flash_crowds);
    write_file(&args.common.output, &profile_json(&ProfileFile::new(Profile::Demand(Box::new(profile.clone())))))?;
    let hours = profile.hour_of_week.as_flattened();
    let (low, high) = hours.iter().fold((f64::INFINITY, 0.0), |(l, h): (f64, f64), x| (l.min(*x), h.max(*x)));
    let mut output = stdout().lock();
    for words in &words {
        writeln!(output, "note: {words}")?;
    }
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
    let common = &args.common;
    let series = match common.columns() {
        Some(columns) => read_price_alone(&common.file, columns, common.window())?.0,
        None => {
            let found = read_any(&common.file)?.price_series(&common.selection.only());
            let (series, origin) = found.map_err(|problem| failure(&common.file, &problem))?;
            common.cut(&series, origin)?
        }
    };
    let fit = match args.model {
        PriceModel::Plain => fit_price,
        PriceModel::Regimes => fit_price_regimes,
    };
    let profile = fit(&series, args.on_demand.rate, &common.source()).map_err(|error| common.fit_error(error))?;
    let measured = profile.measured;
    write_file(&common.output, &profile_json(&ProfileFile::new(Profile::Price(Box::new(profile)))))?;
    print_statistics(&[("measured", measured)])
}

fn capacity(args: &CapacityArgs) -> Result<(), Failure> {
    let common = &args.common;
    let found = read_any(&common.file)?.count_series();
    let (series, origin) = found.map_err(|problem| failure(&common.file, &problem))?;
    let series = common.cut(&series, origin)?;
    let profile = fit_capacity(&series, &common.source()).map_err(|error| common.fit_error(error))?;
    let measured = profile.measured;
    write_file(&common.output, &profile_json(&ProfileFile::new(Profile::Capacity(Box::new(profile)))))?;
    print_table(&["measured"], &[count_figures(&measured)])
}

fn requests(args: &RequestsArgs) -> Result<(), Failure> {
    let columns = CsvColumns {
        time: args.time.clone(),
        value: None,
        time_zone: args.time_zone.clone(),
        time_format: None,
        only: Default::default(),
    };
    let recorded = read_requests_alone(&args.file, columns, &args.sizes)?;
    let name = || args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let profile = fit_requests(&recorded, &args.source.clone().unwrap_or_else(name))
        .map_err(|error| Failure::new(format!("cannot fit {}: {error}", args.file.display()), ""))?;
    let measured = request_figures(&profile.measured);
    write_file(&args.output, &profile_json(&ProfileFile::new(Profile::Requests(Box::new(profile)))))?;
    print_table(&["measured"], &[measured])
}
