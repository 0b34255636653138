//! Things that go wrong on purpose: to see what a mix is worth when they do.

use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Failures of instances, zones and markets beside what markets do by themselves.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chaos {
    /// Random failures of single instances of any pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_failure: Option<InstanceFailure>,
    /// Zones that are down for a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zone_outages: Vec<ZoneOutage>,
    /// Times at which markets take back many instances at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mass_interruptions: Vec<MassInterruption>,
    /// Time from the failure of an instance, by itself or with its zone, to the request for another in its place: a health check
    /// has to fail first. Where the load balancer has health checks, not before they have found the failure.
    #[serde(default = "one_minute")]
    pub replaced_after: Duration,
}

fn one_minute() -> Duration {
    Duration::from_secs(60)
}

/// Instances that fail at random while they run: without notice, with all that they are working on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceFailure {
    /// Mean time that an instance runs before it fails (exponential).
    pub mean_time: Duration,
}

/// A zone that is down: its instances are gone without notice, and none can be had there until it is back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneOutage {
    /// The zone, as pools and markets name it.
    pub zone: String,
    /// When it begins, since the scenario's start.
    pub from: Duration,
    /// How long it lasts.
    pub lasts: Duration,
}

/// Markets that take back many of their instances at one time, each with the notice of its market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MassInterruption {
    /// When, since the scenario's start.
    pub at: Duration,
    /// Which markets; all unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub markets: Vec<String>,
    /// Share of the instances that are taken back, rounded up.
    #[serde(default = "all")]
    pub share: f64,
    /// How long the markets give nothing afterwards.
    #[serde(default)]
    pub closed_for: Duration,
}

fn all() -> f64 {
    1.0
}
