//! The arguments of all commands.

mod everyday;
mod planning;

pub(super) use everyday::{
    CheckArguments, CompletionArguments, ExportArguments, ExportTo, InitArguments, ManArguments, MergeArguments,
    MissingValues, ReplayArguments, SweepArguments,
};
pub(super) use planning::{
    AvailabilityArguments, BacktestArguments, BoundArguments, Certify, CommitArguments, PlanArguments, PlanFidelity,
    ReconcileArguments, SensitivityArguments,
};

use super::command::trace::TraceCommand;
use super::exit::Failure;
use crate::input::LoadOptions;
use crate::scenario::{CountRange, MAX_INSTANCES};
use clap::{Args, Parser, Subcommand, ValueEnum};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Plans and simulates mixes of reserved, spot and on-demand instances.
#[derive(Debug, Parser)]
#[command(name = "fleetmix", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a first scenario from a demand and an instance type. It asks nothing: what nobody said is assumed, and marked so.
    Init(InitArguments),
    /// Simulate mixes side by side: what each costs and what latency its users meet.
    ///
    /// Ctrl-C stops cleanly: the report then holds the replications that are finished, if these are two or more, and the exit
    /// code is 130. A second Ctrl-C ends the program at once.
    Compare(CompareArguments),
    /// Fail if a scenario has become dearer or slower than a stored result, for certain.
    ///
    /// The scenario is simulated on the seed and with the replications of the baseline, so that both meet the same chance. The exit code is
    /// 1 if a figure is beyond its limit with the stated confidence.
    Check(CheckArguments),
    /// Find the commitments that are best for a mix: reserved instances and savings plans, what they save, and what they risk.
    ///
    /// Commitments do not change what happens, so the mix is simulated once, without those of the scenario; its base and
    /// on-demand instances are the usage that is covered. Owned commitments stay.
    ///
    /// With --usage the usage is that of a bill, and nothing is simulated.
    Commit(CommitArguments),
    /// Hold a simulation against a bill: by purchase option and by day, with what explains the difference.
    ///
    /// Compared are the days that both have, amortised. The difference is split exactly: more or fewer hours at the simulated cost
    /// of an hour; hours that were paid in another way or ran on another type (coverage); other prices for the same hours; and
    /// commitments that covered nothing.
    Reconcile(ReconcileArguments),
    /// The least that any policy could have paid, however much it knew.
    ///
    /// For a scenario: a bound from work alone on its demand and prices, and how far its mixes are from it.
    ///
    /// For availability traces of spot zones: the cheapest way to keep a number of units active through a window of time, for somebody
    /// who knows all traces in advance. A unit is held and paid for some ticks before it is active; a zone has as many units as its
    /// trace says, on-demand always has one.
    Bound(BoundArguments),
    /// Find the cheapest mix that meets the objective, and say how sure that is.
    ///
    /// Every candidate of the scenario's `search` is screened minute by minute; the best are then raced, every request simulated,
    /// until the cheapest is certain, and the winner is certified on replications that had no part in choosing it. Ctrl-C gives what is
    /// known by then; a plan that was stopped or killed goes on where it was when it is started again.
    Plan(PlanArguments),
    /// Plan on the past of the traces, live through their future: what was promised, and what came.
    ///
    /// The demand, the prices and the capacities are split at an instant. The planner and a few rules of thumb decide by what lies before it, at most a
    /// horizon long (with `resample_blocks` days of all of it are drawn); each decision is then run on the horizon that followed, as it came.
    Backtest(BacktestArguments),
    /// What a mix's cost and late requests depend on most, and where the decision for it turns.
    ///
    /// Prices, demand, boot time, service time and interruptions are changed one at a time, with the same random numbers. For a mix with spot it finds
    /// how often instances may be interrupted before its rival is cheaper or the objective fails, for commitments how long they have to be used.
    Sensitivity(SensitivityArguments),
    /// Say what changed from an old study to a new one, and whether it is more than noise.
    ///
    /// With the same seed and number of replications these are compared pair by pair.
    Diff(DiffArguments),
    /// Draw the report of a stored study again, without simulating.
    Report(ReportArguments),
    /// Simulate the scenario's jobs with deadlines on spot and on-demand, under each policy.
    ///
    /// All policies meet the same jobs and markets; they are held against on-demand alone and against somebody who knows every price
    /// and interruption beforehand. Of the scenario only its jobs, markets, prices and clock matter.
    Batch(BatchArguments),
    /// Simulate many points, each in a file of its own, on one machine or as the tasks of an array job.
    ///
    /// Points are the mixes, each with every combination of what is varied. A point that is there already is not simulated again, so a
    /// task that was killed goes on where it was.
    Sweep(SweepArguments),
    /// Put the points of a sweep together; the exit code is 1 if some are missing.
    Merge(MergeArguments),
    /// Simulate the fleet as it was, and hold CPU, latency, instances and cost against what was measured.
    Replay(ReplayArguments),
    /// Write a mix as what a team applies: launch template, auto-scaling groups, alarms, policies, and what a person has to buy.
    Export(ExportArguments),
    /// Print the JSON Schema of a file format.
    Schema(SchemaArguments),
    /// Recompute published results, and say where they differ.
    Selfcheck(SelfcheckArguments),
    /// Print a script that completes commands and options in a shell.
    Completions(CompletionArguments),
    /// Write the manual: a page for each command.
    Man(ManArguments),
    /// Generate traces, and fit the profiles that they are generated from.
    #[command(subcommand)]
    Trace(TraceCommand),
}

/// Arguments of every command that simulates a scenario.
#[derive(Debug, Args)]
pub(super) struct StudyArguments {
    /// Folder of what is written [default: reports/<scenario's name>].
    #[arg(short, long = "output", value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Seed of all random numbers.
    #[arg(long, allow_negative_numbers = true)]
    pub(super) seed: Option<u32>,
    /// Number of simulated runs.
    #[arg(long)]
    pub(super) replications: Option<u32>,
    /// Number of threads; results do not depend on it.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,
    /// What is printed on the standard output.
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(super) format: OutputFormat,
    /// Replace a setting, by JSON pointer: /pools/spot/max_price="0.5 USD/h"; may be repeated.
    #[arg(long = "set", value_name = "POINTER=JSON", value_parser = setting)]
    pub(super) set: Vec<(String, Value)>,
    /// A first look: at most three runs of at most a day; `plan` races at most four candidates.
    #[arg(long)]
    pub(super) quick: bool,
    /// No progress and no remarks.
    #[arg(long)]
    pub(super) quiet: bool,
}

impl StudyArguments {
    /// How the scenario is loaded, with these mixes in place of its own.
    pub(super) fn load_options(&self, mixes: Vec<String>) -> LoadOptions {
        LoadOptions {
            mixes,
            search: false,
            set: self.set.clone(),
            seed: self.seed,
            replications: self.replications,
            quick: self.quick,
            vary: Vec::new(),
        }
    }

    /// The folder of what is written about the scenario of this name.
    pub(super) fn output_folder(&self, name: &str) -> PathBuf {
        self.output.clone().unwrap_or_else(|| Path::new("reports").join(name))
    }

    /// As many threads as are wanted, or one for each core.
    pub(super) fn thread_pool(&self) -> Result<ThreadPool, Failure> {
        let threads = self.threads.map_or(0, usize::from);
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        pool.map_err(|error| Failure::new(format!("cannot start {threads} threads: {error}"), "give fewer --threads"))
    }
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// The scenario file.
    pub(super) scenario: PathBuf,
    #[command(flatten)]
    pub(super) study: StudyArguments,
    /// Simulate this mix instead of the scenario's, e.g. "3 reserved + 2 spot + on-demand"; may be repeated.
    #[arg(long = "mix", value_name = "EXPR", allow_hyphen_values = true)]
    pub(super) mixes: Vec<String>,
    /// Say why requests are late: of the best mix, or of the one that is named. It is simulated six times more, with causes switched off.
    #[arg(long, value_name = "MIX", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(super) causes: Option<String>,
    /// Say what the cost of the best mix depends on, or of the one that is named: prices, demand, boots, service and interruptions are
    /// changed one at a time. It and its rival are simulated some thirty times more.
    #[arg(long, value_name = "MIX", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(super) sensitivity: Option<String>,
    /// How requests are served [default: the scenario's /run/fidelity].
    #[arg(long, value_enum)]
    pub(super) fidelity: Option<FidelityChoice>,
    /// Write every state change of one replication to this file, as JSON lines.
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// The old study: a folder that `compare` wrote, or its results.json.
    pub(super) old: PathBuf,
    /// The new study.
    pub(super) new: PathBuf,
    /// Also write a page to this file.
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// What is printed on the standard output.
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(super) format: OutputFormat,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// The folder that `compare` wrote.
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Folder of what is written [default: the same].
    #[arg(short, long = "output", value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Also draw every chart as a PNG picture for print, into the folder `charts`.
    #[arg(long)]
    pub(super) png: bool,
    /// Also draw every chart as an SVG picture, into the folder `charts`.
    #[arg(long)]
    pub(super) svg: bool,
    /// Print nothing.
    #[arg(long)]
    pub(super) quiet: bool,
}

/// Most numbers of instances that `batch --reserved` tries.
const MOST_COUNTS: u32 = 1000;

/// Arguments of `batch`.
#[derive(Debug, Args)]
pub(super) struct BatchArguments {
    /// The scenario file.
    pub(super) scenario: PathBuf,
    /// Reserved instances to buy for the jobs alone: a number, or a range such as 90..120 of which the cheapest is found.
    #[arg(long, value_name = "N|FROM..TO", value_parser = counts)]
    pub(super) reserved: Option<CountRange>,
    #[command(flatten)]
    pub(super) study: StudyArguments,
}

/// Ways to serve requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FidelityChoice {
    /// Every request is simulated.
    Request,
    /// Minutes are served by tables: many times as fast, with an error that is stated.
    Interval,
}

impl FidelityChoice {
    /// Its word, the same as in scenarios.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Interval => "interval",
        }
    }

    /// As the setting of a scenario.
    pub(super) fn setting(self) -> (String, Value) {
        ("/run/fidelity".to_string(), Value::from(self.word()))
    }
}

/// What is printed on the standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputFormat {
    /// A ranked table.
    Table,
    /// The results as JSON.
    Json,
}

/// Arguments of `selfcheck`.
#[derive(Debug, Args)]
pub(super) struct SelfcheckArguments {
    /// Files of cases: a JSON array of `id`, `topic`, `model`, `inputs`, `expected` and `tolerance` [default: a built-in set].
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// What is printed on the standard output.
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub(super) format: OutputFormat,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Which file format.
    #[arg(value_enum, default_value_t = SchemaOf::Scenario)]
    pub(super) of: SchemaOf,
}

/// A file format that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    /// `scenario.json`.
    Scenario,
    /// `results.json`.
    Results,
    /// `commit.json`.
    Commit,
    /// `check.json`.
    Check,
    /// `sweep.json`.
    Sweep,
    /// `plan.json`.
    Plan,
    /// `backtest.json`.
    Backtest,
    /// `sensitivity.json`.
    Sensitivity,
    /// What `diff --format json` prints.
    Diff,
    /// `batch.json`.
    Batch,
    /// What `reconcile --format json` prints.
    Reconcile,
    /// What `replay --format json` prints.
    Replay,
    /// The file of `check --limits`.
    Limits,
}

/// A number of instances, or a range of them.
fn counts(text: &str) -> Result<CountRange, String> {
    let count = |text: &str| text.trim().parse::<u32>().ok().filter(|count| *count <= MAX_INSTANCES);
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    match (count(from), count(to)) {
        (Some(from), Some(to)) if from <= to && to - from < MOST_COUNTS => Ok(CountRange { from, to }),
        _ => Err(format!(
            "a number up to {MAX_INSTANCES} or a range of at most {MOST_COUNTS} such as 90..120 is needed, found `{text}`"
        )),
    }
}

/// `POINTER=JSON`. A value that is no JSON is taken as a text, so that units need no quotes: `/objective/latency=800ms`.
fn setting(text: &str) -> Result<(String, Value), String> {
    let (pointer, value) = text
        .split_once('=')
        .ok_or("`=` is missing; write a JSON pointer, `=` and a value, as in /run/replications=16")?;
    if !pointer.starts_with('/') {
        return Err(format!("a JSON pointer begins with `/`; did you mean `/{}`?", pointer.replace('.', "/")));
    }
    match serde_json::from_str(value) {
        Ok(value) => Ok((pointer.to_string(), value)),
        Err(error) if value.trim_start().starts_with(['{', '[']) => Err(format!("the value is not JSON: {error}")),
        Err(_) => Ok((pointer.to_string(), Value::String(value.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use serde_json::json;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn numbers_of_instances_are_one_or_a_range() {
        assert_eq!(counts("108"), Ok(CountRange { from: 108, to: 108 }));
        assert_eq!(counts("0..3"), Ok(CountRange { from: 0, to: 3 }));
        for wrong in ["", "3..", "4..3", "-1", "0..1000", "99999999999", "1...3"] {
            assert!(counts(wrong).unwrap_err().contains("90..120"), "{wrong}");
        }
    }

    #[test]
    fn settings_are_json_or_text() {
        assert_eq!(setting("/run/seed=3"), Ok(("/run/seed".into(), json!(3))));
        assert_eq!(setting("/a={\"b\": [1]}"), Ok(("/a".into(), json!({"b": [1]}))));
        assert_eq!(setting("/objective/latency=800ms"), Ok(("/objective/latency".into(), json!("800ms"))));
        assert!(setting("run.seed=3").unwrap_err().contains("`/run/seed`"));
        assert!(setting("/demand={\"a\": NaN}").unwrap_err().contains("not JSON"));
        assert!(setting("/run/seed").unwrap_err().contains("`=` is missing"));
    }
}
