//! `fleetmix trace`: generates traces, and fits the profiles that they are generated from.

mod fit;
mod generate;

use crate::cli::exit::Failure;
use crate::trace::{PriceStatistics, WriteError};
use clap::Subcommand;
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
}

/// Runs `fleetmix trace`.
pub(in crate::cli) fn run(command: &TraceCommand) -> Result<(), Failure> {
    match command {
        TraceCommand::Generate(generate) => generate::run(generate),
        TraceCommand::Fit(fit) => fit::run(fit),
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::new(error.to_string(), "")
    }
}

/// Prints figures of price series side by side; prices are ratios to the on-demand price.
fn print_statistics(series: &[(&str, PriceStatistics)]) -> Result<(), Failure> {
    let mut output = stdout().lock();
    let columns: String = series.iter().map(|(name, _)| format!("{name:>12}")).collect();
    writeln!(output, "{:<20}{columns}", "")?;
    let series: Vec<_> = series.iter().map(|(_, statistics)| figures(statistics)).collect();
    for (row, (name, _)) in series[0].iter().enumerate() {
        let values: String = series.iter().map(|figures| format!("{:>12}", figures[row].1)).collect();
        writeln!(output, "{name:<20}{values}")?;
    }
    output.flush()?;
    Ok(())
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
