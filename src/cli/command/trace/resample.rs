//! `fleetmix trace resample`.

use super::inspect::failure;
use crate::cli::exit::Failure;
use crate::input::{Problem, TraceContent, read_any};
use crate::trace::{BlockSource, Blocks, StepSeries, count_csv, price_csv, resampled, write_file};
use crate::units::{Currency, Duration, Instant, SimTime};
use clap::Args;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

/// Longest new trace, and most blocks.
const LONGEST: Duration = Duration::DAY.times(3653);
const MOST_BLOCKS: i64 = 1_000_000;

#[derive(Debug, Args)]
pub(in crate::cli) struct ResampleArgs {
    /// Traces of prices or instance counts, in any notation; all series of each are resampled.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Length of a block; its time of day is kept when it is a whole number of days.
    #[arg(long, value_name = "DURATION", default_value = "1d")]
    block: Duration,
    /// Length of the new traces, e.g. 60d.
    #[arg(long, value_name = "DURATION")]
    duration: Duration,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Folder to write to: one CSV file a series.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

/// A series of any kind with its name and the instant of [`SimTime::START`].
enum Any {
    Price(StepSeries<crate::units::Rate>),
    Count(StepSeries<u32>),
}

/// Draws the same blocks for all series, so that what happens together in the traces happens together in the new ones.
pub(super) fn resample(args: &ResampleArgs) -> Result<(), Failure> {
    let blocks = args.duration.nanos().checked_div(args.block.nanos()).unwrap_or(0);
    let right = args.block.is_positive() && args.duration.is_positive() && args.duration <= LONGEST;
    if !right || blocks > MOST_BLOCKS {
        let message = format!("--block {} and --duration {} make no new trace", args.block, args.duration);
        return Err(Failure::new(message, format!("both are above 0s, at most {LONGEST} and {MOST_BLOCKS} blocks")));
    }
    let mut all = Vec::new();
    for file in &args.files {
        series_of(file, &mut all)?;
    }
    // Instants that all series cover, from the first of them on.
    let extent = |any: &Any| match any {
        Any::Price(series) => series.end,
        Any::Count(series) => series.end,
    };
    let origins = all.iter().map(|(_, origin, _)| *origin);
    let (Some(earliest), Some(first)) = (origins.clone().min(), origins.max()) else { return Ok(()) };
    if first.unix_nanos() - earliest.unix_nanos() > i128::from(LONGEST.nanos()) {
        let message = format!("the traces begin more than {LONGEST} apart: {earliest} and {first}");
        return Err(Failure::new(message, "a trace of counts without a clock begins in 1970"));
    }
    let lag = |origin: Instant| Duration::from_nanos((first.unix_nanos() - origin.unix_nanos()) as i64);
    let last = all.iter().map(|(_, origin, any)| extent(any) - lag(*origin)).min().unwrap_or(SimTime::START);
    let blocks = Blocks {
        end: SimTime::START + args.duration,
        block: args.block,
        step: if args.block.nanos() % Duration::DAY.nanos() == 0 { Duration::DAY } else { args.block },
        available: (SimTime::START, last),
    };
    if last < SimTime::START + args.block {
        let message = "the traces have no whole block of time in common";
        return Err(Failure::new(message, "take traces of the same time, or a shorter --block"));
    }
    let drawn = blocks.of_seed(args.seed);
    std::fs::create_dir_all(&args.output)?;
    for (name, origin, any) in &all {
        let moved: Vec<BlockSource> =
            drawn.iter().map(|block| BlockSource { source: block.source + lag(*origin), ..*block }).collect();
        let text = match any {
            Any::Price(series) => price_csv(&resampled(series, &moved).with_last_record(), first, Currency::USD),
            Any::Count(series) => count_csv(&resampled(series, &moved).with_last_record(), first),
        };
        write_file(&args.output.join(format!("{name}.csv")), &text)?;
        writeln!(stdout().lock(), "{name}.csv: {} rows", text.lines().count().saturating_sub(1))?;
    }
    Ok(())
}

/// All series of a file, named after it and their own words.
fn series_of(file: &Path, all: &mut Vec<(String, Instant, Any)>) -> Result<(), Failure> {
    let content = read_any(file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').next().unwrap_or("trace").to_string();
    let fail = |problem: Problem| failure(file, &problem);
    match &content {
        TraceContent::Counts(_) => {
            let (series, origin) = content.count_series().map_err(fail)?;
            all.push((stem, origin, Any::Count(series)));
        }
        TraceContent::Advisor(_) | TraceContent::Metrics(_) => {
            content.count_series().map_err(fail)?;
        }
        TraceContent::Prices(table) => {
            for words in table.series.keys() {
                let only = table.keys.iter().cloned().zip(words.iter().cloned()).collect();
                let (series, origin) = content.price_series(&only).map_err(fail)?;
                let parts = [stem.clone()].into_iter().chain(words.iter().filter(|w| !w.is_empty()).cloned());
                let safe = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' };
                let name: String = parts.collect::<Vec<_>>().join("_").chars().map(safe).collect();
                all.push((name, origin, Any::Price(series)));
            }
        }
    }
    Ok(())
}
