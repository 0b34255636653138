//! Work that can wait, in containers beside those that serve requests: microscaling.

use super::Law;
use crate::units::{Duration, HourlyPrice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Work that can wait (`priority2`), done on the slots of instances that requests (`priority1`) do not need.
///
/// Every instance is a host with a place for one container in each of its slots. A container of `priority1` serves one request at a
/// time, one of `priority2` works on one task. Alarms see the requests only: to them a host full of background work is idle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// Work of a task, on an instance of speed 1.
    pub task: Law,
    /// How many tasks there are, all from the start on; endless unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<u64>,
    /// Work after which a task saves what it has done; only at its end unless given. What is not saved is lost when its container is
    /// killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<Duration>,
    /// Time from the start of a container until it works: it loads what the task has saved.
    #[serde(default)]
    pub restart: Duration,
    /// Who gets the containers.
    pub containers: Containers,
    /// Work that has to be done in any case: what is not done here costs money elsewhere. `plan` counts it, so that it can choose whether
    /// to put background work in at all (`/search/set` with `/background/tasks`: 0 for none, null for endless).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
}

/// What background work costs that is not done here.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// Hours of work, on an instance of speed 1, that come due in each hour: above 0.
    pub work_per_hour: f64,
    /// What an hour of it costs elsewhere.
    pub price: HourlyPrice,
}

/// Containers, and who gets them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Containers {
    /// Time that a container of either kind takes to start. Those of the first fleet that serve requests are there.
    pub start: Law,
    /// How many containers serve requests; `priority2` gets the other places.
    pub policy: ContainerPolicy,
    /// Time between two decisions.
    #[serde(default = "five_seconds")]
    pub every: Duration,
    /// Time for which a container that served the largest load stays: a smaller load counts when it has lasted as long.
    #[serde(default = "one_minute")]
    pub scale_in_after: Duration,
    /// Fewest containers that serve requests.
    #[serde(default = "one")]
    pub at_least: u32,
}

/// How many containers serve requests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ContainerPolicy {
    /// As many as keep so many requests in the system (in service or waiting) for each container.
    Concurrency {
        /// Requests for each container: above 0, at most 100. Below 1 some containers are kept idle.
        target: f64,
    },
    /// As many as are busy and `spare` ones, and one more for so many requests that wait.
    Queue {
        /// Waiting requests for which another container is started: 1 to 1000000.
        waiting_per_container: u32,
        /// Idle containers that are kept.
        spare: u32,
    },
    /// Half as many again while the latency is above the target, one less while it is below four fifths of it.
    Latency {
        /// Percentile of the requests completed since the metric period began, above 0 and below 100.
        percentile: f64,
        /// What it is held against.
        target: Duration,
    },
    /// All but so many, whatever the demand: a static split. With a multiple of an instance's slots whole instances are set apart.
    Fixed {
        /// Places that `priority2` has.
        background: u32,
    },
}

fn five_seconds() -> Duration {
    Duration::from_secs(5)
}

fn one_minute() -> Duration {
    Duration::from_secs(60)
}

fn one() -> u32 {
    1
}
