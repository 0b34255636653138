//! `fleetmix trace`: generates traces, and fits the profiles that they are generated from.

mod fit;
mod generate;
mod read;

use crate::trace::{FitError, PriceStatistics, Profile, ProfileError, WriteError};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Arguments of `fleetmix trace`.
#[derive(Debug, Args)]
pub struct TraceArgs {
    #[command(subcommand)]
    action: TraceAction,
}

#[derive(Debug, Subcommand)]
enum TraceAction {
    /// Draw a synthetic trace from a profile
    #[command(subcommand)]
    Generate(generate::GenerateCommand),
    /// Measure the profile of a real trace
    #[command(subcommand)]
    Fit(fit::FitCommand),
}

/// Why a trace command failed.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// A file cannot be read.
    #[error("cannot read {}: {message}", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with the line where there is one.
        message: String,
    },
    /// A value of a profile is not allowed.
    #[error("{}: {error}", .path.display())]
    Profile {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        error: ProfileError,
    },
    /// The profile is of the other kind.
    #[error("{} is a profile of {found}, not of {wanted}; use `fleetmix trace generate {found}`", .path.display())]
    Kind {
        /// Which file.
        path: PathBuf,
        /// What it is of.
        found: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// An argument is out of range.
    #[error("{argument}: {message}")]
    Argument {
        /// Which argument.
        argument: &'static str,
        /// What was found and what is allowed.
        message: String,
    },
    /// The trace cannot be fitted.
    #[error("cannot fit {}: {error}", .path.display())]
    Fit {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: FitError,
    },
    /// The result cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Runs `fleetmix trace`.
pub fn run(args: &TraceArgs) -> Result<(), TraceError> {
    match &args.action {
        TraceAction::Generate(command) => generate::run(command),
        TraceAction::Fit(command) => fit::run(command),
    }
}

fn kind(profile: &Profile) -> &'static str {
    match profile {
        Profile::Demand(_) => "demand",
        Profile::Price(_) => "price",
    }
}

/// Prints figures of price series side by side; prices are ratios to the on-demand price.
fn print_statistics(series: &[(&str, PriceStatistics)]) {
    let columns: String = series.iter().map(|(name, _)| format!("{name:>12}")).collect();
    println!("{:<20}{columns}", "");
    let series: Vec<_> = series.iter().map(|(_, statistics)| figures(statistics)).collect();
    for (row, (name, _)) in series[0].iter().enumerate() {
        let values: String = series.iter().map(|figures| format!("{:>12}", figures[row].1)).collect();
        println!("{name:<20}{values}");
    }
}

fn figures(found: &PriceStatistics) -> [(&'static str, String); 11] {
    let optional = |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{value:.2}"));
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
