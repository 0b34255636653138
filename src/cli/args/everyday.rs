//! Arguments of what a team does every day: start, measure, guard, apply, sweep.

use super::{OutputFormat, StudyArguments, setting};
use crate::cli::command::trace::{DemandReading, MetricFile, Selection, TableArgs};
use crate::cli::shard::ShardChoice;
use crate::starter::Discount;
use crate::units::{Duration, HourlyPrice};
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::path::PathBuf;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(in crate::cli) struct InitArguments {
    /// Demand of the past: CSV with any columns, or the answer of CloudWatch or Prometheus [default: one is made up].
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) demand: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) selection: Selection,
    #[command(flatten)]
    pub(in crate::cli) table: TableArgs,
    #[command(flatten)]
    pub(in crate::cli) reading: DemandReading,
    /// What intervals without a value mean.
    #[arg(long, value_enum, default_value_t = MissingValues::Hold)]
    pub(in crate::cli) gaps: MissingValues,
    /// Instance type.
    #[arg(long, value_name = "TYPE", default_value = "m5.large")]
    pub(in crate::cli) instance_type: String,
    /// On-demand price of a type that is not in the list of prices that comes with the program, e.g. "0.096 USD/h".
    #[arg(long, value_name = "PRICE")]
    pub(in crate::cli) price: Option<HourlyPrice>,
    /// Negotiated discount on every price, e.g. 12%.
    #[arg(long, value_name = "PERCENT")]
    pub(in crate::cli) discount: Option<Discount>,
    /// Instances that run today [default: as many as the demand needs].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4000))]
    pub(in crate::cli) running: Option<u32>,
    /// Mean time that a request keeps a slot busy [default: 100ms].
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) work: Option<Duration>,
    /// Requests that an instance serves at once [default: one for each virtual CPU].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(in crate::cli) slots: Option<u32>,
    /// A request that takes longer is late [default: 5 times the work].
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) latency: Option<Duration>,
    /// Name of the scenario [default: that of the demand's file].
    #[arg(long)]
    pub(in crate::cli) name: Option<String>,
    /// Folder of the scenario [default: its name].
    #[arg(short, long = "output", value_name = "DIR")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// What intervals without a value mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum MissingValues {
    /// The value before them.
    Hold,
    /// No requests.
    Zero,
}

impl MissingValues {
    /// The name in scenarios.
    pub(in crate::cli) fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Zero => "zero",
        }
    }
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArguments {
    /// The scenario file.
    pub(in crate::cli) scenario: PathBuf,
    /// What it is held against: the results.json of an earlier `compare`.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) baseline: PathBuf,
    /// What may change (JSON) [default: cost 2 %, late share 0.5 and error share 0.05 percentage points, the objective; one false alarm
    /// in twenty].
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) limits: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) study: StudyArguments,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ExportArguments {
    /// The scenario file.
    pub(in crate::cli) scenario: PathBuf,
    /// The mix, e.g. "3 reserved + 2 spot + on-demand", or the name of one of the scenario's.
    #[arg(long = "mix", value_name = "EXPR", allow_hyphen_values = true)]
    pub(in crate::cli) mix: Option<String>,
    /// The best mix of a `compare`, or what a `plan` chose, instead: its results.json, its plan.json or their folder. They hold no scenario:
    /// give the one that they were made of.
    #[arg(long, value_name = "FILE", conflicts_with = "mix")]
    pub(in crate::cli) best_of: Option<PathBuf>,
    /// What the files are for.
    #[arg(long, value_enum)]
    pub(in crate::cli) format: ExportTo,
    /// Machine image.
    #[arg(long, value_name = "AMI")]
    pub(in crate::cli) image: Option<String>,
    /// Subnets, with commas.
    #[arg(long, value_name = "SUBNETS", value_delimiter = ',')]
    pub(in crate::cli) subnets: Vec<String>,
    /// ARN of the balancer's target group.
    #[arg(long, value_name = "ARN")]
    pub(in crate::cli) target_group: Option<String>,
    /// The balancer as its metrics name it, e.g. app/web/50dc6c495c0c9188.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) load_balancer: Option<String>,
    /// Replace a setting, by JSON pointer; may be repeated.
    #[arg(long = "set", value_name = "POINTER=JSON", value_parser = setting)]
    pub(in crate::cli) set: Vec<(String, Value)>,
    /// Folder of the files [default: export/<scenario's name>].
    #[arg(short, long = "output", value_name = "DIR")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// What exported files are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExportTo {
    /// JSON for `aws … --cli-input-json`, and a script.
    Aws,
    /// Terraform.
    Terraform,
    /// A CloudFormation template.
    Cloudformation,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReplayArguments {
    /// The scenario file: the demand and the settings of the measured time.
    pub(in crate::cli) scenario: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) study: StudyArguments,
    /// The mix that ran [default: the scenario's baseline].
    #[arg(long = "mix", value_name = "EXPR", allow_hyphen_values = true)]
    pub(in crate::cli) mix: Option<String>,
    /// Measured CPU of the instances, as a share or in per cent: a file, or FILE#column=cpu for one of its series.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) cpu: Option<MetricFile>,
    /// Measured 95th percentile of the latency in seconds.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) latency: Option<MetricFile>,
    /// What the latency is multiplied by to be in seconds: 0.001 for milliseconds.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(in crate::cli) latency_unit: f64,
    /// Measured number of instances in service.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) instances: Option<MetricFile>,
    /// The bill of the simulated time, whose cost is compared by day: FOCUS, or an AWS Cost and Usage Report (CSV, packed with gzip or not).
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) bill: Option<PathBuf>,
    /// The region of the bill, if it has several.
    #[arg(long, value_name = "NAME", requires = "bill")]
    pub(in crate::cli) region: Option<String>,
    /// What was paid for the whole simulated time, in the scenario's currency.
    #[arg(long, value_name = "AMOUNT")]
    pub(in crate::cli) cost: Option<f64>,
}

/// Arguments of `sweep`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SweepArguments {
    /// The scenario file.
    pub(in crate::cli) scenario: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) study: StudyArguments,
    /// Simulate this mix instead of the scenario's; may be repeated.
    #[arg(long = "mix", value_name = "EXPR", allow_hyphen_values = true)]
    pub(in crate::cli) mixes: Vec<String>,
    /// Values of a setting, by JSON pointer: /scaling/alarms/cpu-high/above=[0.6,0.7]; may be repeated for all combinations.
    #[arg(long, value_name = "POINTER=[JSON,…]", value_parser = values)]
    pub(in crate::cli) vary: Vec<(String, Vec<Value>)>,
    /// Simulate only this part of the points, e.g. 3/40; `auto` asks AWS Batch, Slurm or Kubernetes for it.
    #[arg(long, value_name = "I/N")]
    pub(in crate::cli) shard: Option<ShardChoice>,
}

/// Arguments of `merge`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MergeArguments {
    /// The folder that `sweep` wrote to.
    pub(in crate::cli) folder: PathBuf,
    /// Folder of what is written [default: the same].
    #[arg(short, long = "output", value_name = "DIR")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// What is printed on the standard output.
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(in crate::cli) format: OutputFormat,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionArguments {
    /// Which shell.
    pub(in crate::cli) shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ManArguments {
    /// Folder of the pages: fleetmix.1, fleetmix-compare.1, …
    #[arg(short, long = "output", value_name = "DIR")]
    pub(in crate::cli) output: PathBuf,
}

/// `POINTER=[JSON,…]`.
fn values(text: &str) -> Result<(String, Vec<Value>), String> {
    match setting(text)? {
        (pointer, Value::Array(values)) if !values.is_empty() => Ok((pointer, values)),
        (pointer, _) => Err(format!("write a list of values in brackets, as in {pointer}=[1,2]")),
    }
}
