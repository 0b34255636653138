//! Jobs: work with a deadline, each on one instance at a time.

use super::Law;
use crate::units::{Duration, Instant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Jobs that run on spot while it is there and on on-demand where that is needed: what `fleetmix batch` simulates.
///
/// Each job runs on an instance of its own, in the markets of the spot pool (with its highest price) or of the on-demand pool's type. The
/// spot part of the scenario's first mix says the highest price; how many instances it has does not matter. Before spot jobs take owned
/// reservations of the on-demand pool's type (`commitments_owned`) in the hours in which the service of the first mix leaves them idle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Which jobs there are.
    pub source: JobSource,
    /// Time from the start of an instance until its job goes on: it boots and loads what was saved. It is paid.
    pub restart: Duration,
    /// Work after which a job saves what it has done; only when it leaves an instance by itself unless given. What is not saved is lost
    /// when spot is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<Duration>,
    /// Time between two decisions. Releases, work and restarts are rounded up to whole steps, deadlines and the horizon down.
    #[serde(default = "one_minute")]
    pub step: Duration,
    /// The policies that are compared; all unless given.
    #[serde(default = "all_policies")]
    pub policies: Vec<JobPolicy>,
}

/// Which jobs there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum JobSource {
    /// These.
    List(Vec<ListedJob>),
    /// Jobs at random times, others in each replication.
    Poisson {
        /// How many are released in an hour, in the mean.
        per_hour: f64,
        /// Their work.
        work: Law,
        /// The deadline is (1 + slack) × work after the release.
        slack: f64,
    },
    /// Jobs that were recorded.
    Trace(JobTrace),
}

/// One job. Times are since the scenario's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedJob {
    /// When it can begin.
    pub release: Duration,
    /// How long it runs, without interruptions and restarts.
    pub work: Duration,
    /// When it must be complete.
    pub deadline: Duration,
}

/// A file with a job in each row, in any order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobTrace {
    /// Path relative to the scenario file; comma-separated with a header; `.gz` is unpacked.
    pub file: String,
    /// Column of the times at which jobs can begin, since 1970.
    pub release: String,
    /// Column of how long they run.
    pub work: String,
    /// The unit of both columns.
    #[serde(default)]
    pub unit: JobTimeUnit,
    /// The trace's instant at which the scenario starts. Jobs before it and after the horizon are left out.
    pub trace_start: Instant,
    /// The deadline is (1 + slack) × work after the release.
    pub slack: f64,
    /// Jobs with less work are left out.
    #[serde(default)]
    pub shortest: Duration,
}

/// Unit of times in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobTimeUnit {
    /// Seconds.
    #[default]
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// When a job runs, and on what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JobPolicy {
    /// On on-demand, from its release on.
    OnDemand,
    /// On the cheapest that is there: idle reserved hours, then spot, else on on-demand to the end.
    NoWait,
    /// On spot and idle reserved hours alone, whenever there are some; deadlines may be missed.
    SpotOnly,
    /// On spot while there is time, at the last safe moment on on-demand to the end.
    Greedy,
    /// On spot whenever there is some; on on-demand while it is behind even progress, and at the last safe moment to the end.
    UniformProgress,
}

impl ListedJob {
    /// A job whose deadline is (1 + slack) × work after its release, in whole milliseconds.
    pub fn with_slack(release: Duration, work: Duration, slack: f64) -> Self {
        let time = Duration::from_secs_f64_rounded_to_millis(work.as_secs_f64() * (1.0 + slack));
        Self { release, work, deadline: release + time }
    }
}

impl JobPolicy {
    /// All of them.
    pub const ALL: [JobPolicy; 5] =
        [JobPolicy::OnDemand, JobPolicy::NoWait, JobPolicy::SpotOnly, JobPolicy::Greedy, JobPolicy::UniformProgress];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            JobPolicy::OnDemand => "on-demand",
            JobPolicy::NoWait => "no-wait",
            JobPolicy::SpotOnly => "spot-only",
            JobPolicy::Greedy => "greedy",
            JobPolicy::UniformProgress => "uniform-progress",
        }
    }
}

fn one_minute() -> Duration {
    Duration::from_secs(60)
}

fn all_policies() -> Vec<JobPolicy> {
    JobPolicy::ALL.to_vec()
}
