//! The load balancer: how it learns of instances that fail, and how new ones come in.

use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The load balancer (RULES R80 to R82). Without it the balancer knows at once who serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// How it learns that an instance has failed. An instance that disappears without notice goes on getting requests, which are lost,
    /// until as many checks have failed as the threshold says. Unless given it knows at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
    /// Longest time for which an instance that leaves finishes its requests; it takes the place of `drain_limit`, also when the cloud takes
    /// the instance away after a longer notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deregistration_delay: Option<Duration>,
    /// Time over which the share of requests of a new instance grows in proportion, 30s to 15m: only with `round-robin`, and not for the
    /// first fleet. None unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_start: Option<Duration>,
}

/// Health checks of a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// Time between two checks of an instance: 5s to 5m.
    #[serde(default = "half_a_minute")]
    pub interval: Duration,
    /// A check without an answer has failed after this time: 2s to 2m, shorter than the interval.
    #[serde(default = "five_seconds")]
    pub timeout: Duration,
    /// Passed checks in a row after which an unhealthy instance is healthy again: 2 to 10. Here instances that have failed are replaced and never
    /// recover, so it changes no result.
    #[serde(default = "five")]
    pub healthy_threshold: u32,
    /// Failed checks in a row after which an instance is unhealthy: 2 to 10.
    #[serde(default = "two")]
    pub unhealthy_threshold: u32,
}

fn half_a_minute() -> Duration {
    Duration::from_secs(30)
}

fn five_seconds() -> Duration {
    Duration::from_secs(5)
}

fn five() -> u32 {
    5
}

fn two() -> u32 {
    2
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            interval: half_a_minute(),
            timeout: five_seconds(),
            healthy_threshold: five(),
            unhealthy_threshold: two(),
        }
    }
}

impl HealthCheck {
    /// Time from the first check that fails until the instance is unhealthy.
    pub fn detection(&self) -> Duration {
        self.interval.times(i64::from(self.unhealthy_threshold) - 1) + self.timeout
    }
}
