//! Arguments of what decides: plans, commitments, bounds, and how sure they are.

use super::{OutputFormat, StudyArguments};
use crate::cli::command::commit::OfferedPlan;
use crate::plan::commitment::Growth;
use crate::units::{Duration, Instant, Rate};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArguments {
    /// The scenario file.
    pub(in crate::cli) scenario: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) study: StudyArguments,
    /// How it is shown that the plan meets the objective.
    #[arg(long, value_enum, default_value_t = Certify::T)]
    pub(in crate::cli) certify: Certify,
    /// How race and certificate are simulated.
    #[arg(long, value_enum, default_value_t = PlanFidelity::Request)]
    pub(in crate::cli) fidelity: PlanFidelity,
    /// Most candidates that are raced.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(in crate::cli) race: u16,
}

/// Arguments of `backtest`.
#[derive(Debug, Args)]
pub(in crate::cli) struct BacktestArguments {
    /// The scenario file.
    pub(in crate::cli) scenario: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) study: StudyArguments,
    /// Where the future begins, e.g. 2016-04-04T00:00:00Z; the traces must cover at least an hour on each side.
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) split: Instant,
    /// Most candidates that each plan races.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(in crate::cli) race: u16,
}

/// Arguments of `sensitivity`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SensitivityArguments {
    /// The scenario file.
    pub(in crate::cli) scenario: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) study: StudyArguments,
    /// The mix that is looked at [default: the cheapest of the scenario that meets the objective].
    #[arg(long = "mix", value_name = "EXPR", allow_hyphen_values = true)]
    pub(in crate::cli) mix: Option<String>,
    /// Its rival [default: the cheapest other mix of the scenario that meets the objective, with less spot].
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(in crate::cli) against: Option<String>,
}

/// How candidates are raced and certified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlanFidelity {
    /// Every request of the horizon.
    Request,
    /// For horizons of months: every request on a sample of days, minutes by tables on the others, with what sampling may be off by.
    Segments,
}

/// Kinds of certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Certify {
    /// One-sided t limits: fast, for means that are about normal.
    T,
    /// For any law of the replications: needs hundreds of them.
    DistributionFree,
}

/// Arguments of `commit`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CommitArguments {
    /// The scenario file.
    #[arg(required_unless_present = "usage", conflicts_with = "usage")]
    pub(in crate::cli) scenario: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) study: StudyArguments,
    /// The mix whose usage is to be covered, e.g. "3 reserved + on-demand"; with --usage, its name in a simulation's charges.csv.
    #[arg(long = "mix", value_name = "EXPR", allow_hyphen_values = true, required_unless_present = "usage")]
    pub(in crate::cli) mix: Option<String>,
    /// A bill instead of a scenario: FOCUS, or an AWS Cost and Usage Report (CSV, packed with gzip or not). Nothing is simulated.
    #[arg(long, value_name = "FILE", requires = "prices")]
    pub(in crate::cli) usage: Option<PathBuf>,
    /// The price list for --usage: one's own, JSON or CSV.
    #[arg(long, value_name = "FILE", requires = "usage")]
    pub(in crate::cli) prices: Option<PathBuf>,
    /// The region of the bill, if it has several.
    #[arg(long, value_name = "NAME", requires = "usage")]
    pub(in crate::cli) region: Option<String>,
    /// Count what commitments cover in the bill, too: as if all of them had ended.
    #[arg(long, requires = "usage")]
    pub(in crate::cli) include_covered: bool,
    /// A savings plan that may be bought, for --usage: RATES:COVERS:TERM[:UPFRONT], e.g. compute-1y:compute:1y; may be repeated.
    #[arg(long = "savings-plan", value_name = "PLAN", requires = "usage")]
    pub(in crate::cli) savings_plans: Vec<OfferedPlan>,
    /// The annual rate at which payments are compared, for --usage; a scenario states its own.
    #[arg(long, value_name = "0..1", value_parser = share, requires = "usage")]
    pub(in crate::cli) discount_rate: Option<f64>,
    /// Months of 730 h that are planned; the usage repeats until then.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=60))]
    pub(in crate::cli) months: u16,
    /// Months in which can be bought, from the first on.
    #[arg(long, value_name = "MONTHS", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=60))]
    pub(in crate::cli) buy_in: u16,
    /// How usage may grow: a probability and what it is multiplied by in a year, e.g. 0.3:1.5; may be repeated.
    #[arg(long, value_name = "P:FACTOR", value_parser = growth)]
    pub(in crate::cli) growth: Vec<Growth>,
    /// Weight of the worst cases in what is minimised: 0 for the expected cost alone, 1 for the worst cases alone.
    #[arg(long, value_name = "0..1", default_value_t = 0.0, value_parser = share)]
    pub(in crate::cli) risk: f64,
    /// Where the worst cases begin: 0.95 for the dearest twentieth.
    #[arg(long, value_name = "0..1", default_value_t = 0.95, value_parser = share)]
    pub(in crate::cli) tail: f64,
    /// The month after which the growth is known: more reservations can then be bought for the growth that came.
    #[arg(long, value_name = "MONTH", value_parser = clap::value_parser!(u16).range(1..=59))]
    pub(in crate::cli) decide_again: Option<u16>,
    /// Also spread the reservations over this many months, so that their terms do not end together.
    #[arg(long, value_name = "MONTHS", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=60))]
    pub(in crate::cli) ladder: u16,
}

/// Arguments of `reconcile`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReconcileArguments {
    /// The folder of a report, its results.json or its charges.csv.
    pub(in crate::cli) results: PathBuf,
    /// The bill: FOCUS, or an AWS Cost and Usage Report (CSV, packed with gzip or not).
    pub(in crate::cli) bill: PathBuf,
    /// The mix of the results, if there are several.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) mix: Option<String>,
    /// The region of the bill, if it has several.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) region: Option<String>,
    /// What is printed on the standard output.
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(in crate::cli) format: OutputFormat,
}

/// Arguments of `bound`.
#[derive(Debug, Args)]
pub(in crate::cli) struct BoundArguments {
    /// The scenario file.
    #[arg(required_unless_present = "availability", conflicts_with = "availability")]
    pub(in crate::cli) scenario: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) study: StudyArguments,
    /// Hold this mix against the bound instead of the scenario's, and let policies use what it buys; may be repeated.
    #[arg(long = "mix", value_name = "EXPR", allow_hyphen_values = true, conflicts_with = "availability")]
    pub(in crate::cli) mixes: Vec<String>,
    /// Availability traces, one for each zone: {"metadata": {"gap_seconds": 150}, "data": [4, 4, 0]}, or another notation that
    /// `trace inspect` knows.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(in crate::cli) availability: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) terms: AvailabilityArguments,
}

/// What has to be active on availability traces, and what it costs.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --availability")]
pub(in crate::cli) struct AvailabilityArguments {
    /// Units that are active at least.
    #[arg(long, value_name = "UNITS", default_value_t = 3)]
    pub(in crate::cli) target: u32,
    /// Units that are active at most, and that are held in a zone at most.
    #[arg(long, value_name = "UNITS", default_value_t = 4)]
    pub(in crate::cli) maximum: u32,
    /// Ticks for which a unit is held before it is active.
    #[arg(long, value_name = "TICKS", default_value_t = 4)]
    pub(in crate::cli) cold_start: usize,
    /// Length of a tick.
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    pub(in crate::cli) tick: Duration,
    /// Ticks that are looked at; a shorter trace begins again.
    #[arg(long, value_name = "TICKS", default_value_t = 2880)]
    pub(in crate::cli) window: usize,
    /// Ticks of the traces that are passed over.
    #[arg(long, value_name = "TICKS", default_value_t = 0)]
    pub(in crate::cli) offset: usize,
    /// Price of a spot unit for a tick [default: 1]; once, or for each trace in their order.
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub(in crate::cli) spot_price: Vec<Rate>,
    /// Price of an on-demand unit for a tick [default: 3].
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub(in crate::cli) on_demand_price: Option<Rate>,
    /// Write what is held in each tick to this file (CSV).
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) schedule: Option<PathBuf>,
}

/// A number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "a number from 0 to 1 is wanted".to_string())
}

/// `P:FACTOR`.
fn growth(text: &str) -> Result<Growth, String> {
    let wanted = "write a probability, `:` and what usage is multiplied by in a year (0.01 to 100), as in 0.3:1.5";
    let (probability, per_year) = text.split_once(':').ok_or(wanted)?;
    let per_year = per_year.trim().parse::<f64>().ok().filter(|factor| (0.01..=100.0).contains(factor));
    Ok(Growth { probability: share(probability.trim()).map_err(|_| wanted)?, per_year: per_year.ok_or(wanted)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_a_probability_and_a_factor() {
        assert_eq!(growth("0.3:1.5"), Ok(Growth { probability: 0.3, per_year: 1.5 }));
        for wrong in ["1.5", "2:1", "0.5:0", "0.5:-1", "0.5:NaN", "0.5:1e9", ":", "NaN:1"] {
            assert!(growth(wrong).is_err(), "{wrong}");
        }
        assert!(share("1.1").is_err() && share("NaN").is_err() && share("0") == Ok(0.0));
    }
}
