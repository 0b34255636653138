//! When, how long and how often a scenario is simulated.

use crate::units::{Duration, Instant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When simulated time starts and how long it lasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// The real instant at which simulated time starts: billing needs clock hours and months.
    pub start: Instant,
    /// How much time is simulated and counted.
    pub horizon: Duration,
    /// Time zone of labels in reports (IANA name); simulation and files are in UTC.
    #[serde(default = "utc")]
    pub report_time_zone: String,
}

fn utc() -> String {
    "UTC".to_string()
}

/// Seed, replications and what varies between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Seed of all random numbers.
    pub seed: u32,
    /// Number of simulated runs of the horizon.
    pub replications: u32,
    /// How requests are served between control events.
    #[serde(default)]
    pub fidelity: Fidelity,
    /// The fleet when time starts.
    #[serde(default)]
    pub initial_fleet: InitialFleet,
    /// Time simulated before the start and not counted, with the first rate and prices held; of an arrival trace the
    /// requests that follow the start come once before it, too.
    #[serde(default)]
    pub warm_up: Duration,
    /// What happens to requests that are in the system at the horizon.
    #[serde(default)]
    pub after_horizon: AfterHorizon,
    /// What differs between replications besides request and boot randomness.
    #[serde(default)]
    pub between_replications: BetweenReplications,
}

/// How requests are served between control events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fidelity {
    /// Every request is simulated.
    #[default]
    Request,
    /// Minutes are served by tables that the request engine has filled for each set of servers: far faster, with an error that is stated. A mix whose
    /// settings tables know nothing of is simulated by the request.
    Interval,
}

/// The fleet when time starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InitialFleet {
    /// Reserved and spot instances of the mix, and on-demand up to the group's minimum, are in service.
    #[default]
    MixInService,
    /// Nothing runs; everything is requested when time starts.
    Empty,
}

/// What happens to requests that are in the system at the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterHorizon {
    /// They are served with the fleet as it stands; money, instances and alarms stop.
    #[default]
    ServeWhatArrived,
}

/// What differs between replications besides request and boot randomness.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BetweenReplications {
    /// Demand and prices are the same in every replication: exactly the given traces.
    #[default]
    FixedTraces,
    /// Blocks of days are drawn from the traces, the weekday kept, demand and markets together.
    ResampleBlocks(ResampleBlocks),
}

/// Block bootstrap over the days of the traces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResampleBlocks {
    /// Length of a block: whole days.
    pub block: Duration,
    /// What is resampled; what is not listed stays as in the trace.
    pub of: Vec<Resampled>,
}

/// A part of the scenario that is resampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resampled {
    /// The demand trace.
    Demand,
    /// All spot markets, with the same days for each.
    Markets,
}
