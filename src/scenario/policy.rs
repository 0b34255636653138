//! Scaling policies.

use super::{CpuStatistic, Cron, Threshold};
use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What changes the size of the group, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Policy {
    /// Step scaling: the further beyond the threshold, the larger the change; reacts every period, with warm-up.
    Step(StepPolicy),
    /// Simple scaling: one change, then a cooldown.
    Simple(SimplePolicy),
    /// Target tracking: as many instances as bring a metric to its target.
    TargetTracking(TargetTrackingPolicy),
    /// Scheduled actions: new limits or a new size at known times.
    Scheduled(ScheduledPolicy),
    /// Predictive scaling: what a forecast needs, before it is needed.
    Predictive(PredictivePolicy),
}

/// Step scaling (RULES R44, R45, R48).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepPolicy {
    /// The alarm that it follows.
    pub alarm: String,
    /// Unit of the change.
    #[serde(default)]
    pub adjust: Adjust,
    /// Steps; each holds from its distance to the threshold up to the next.
    pub steps: Vec<Step>,
    /// Time after entering service during which an instance counts as on its way, and not in the CPU metric.
    pub warm_up: Duration,
}

/// One step of step scaling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Distance beyond the threshold from which the step holds (a ratio, or a duration for latency).
    pub from: Threshold,
    /// Change of capacity: positive out, negative in.
    pub change: f64,
}

/// Simple scaling (RULES R46).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimplePolicy {
    /// The alarm that it follows.
    pub alarm: String,
    /// It does not act while one of these alarms stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless_alarm: Vec<String>,
    /// Unit of the change.
    #[serde(default)]
    pub adjust: Adjust,
    /// Change of capacity: positive out, negative in.
    pub change: f64,
    /// Pause after the last instance finished launching or terminating.
    pub cooldown: Duration,
}

/// Unit of a capacity change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adjust {
    /// Number of instances.
    #[default]
    Instances,
    /// Percent of the group's warm total.
    Percent,
}

/// Target tracking (RULES R47, R50, R51): out when three minutes lie above the target, in when fifteen lie well below it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetTrackingPolicy {
    /// What is tracked. Only utilisation is offered: it falls in proportion as the group grows, which a latency does not.
    pub metric: TrackedMetric,
    /// The value it is held at, above 0 and below 1.
    pub target: f64,
    /// Share of the target below which it scales in: 0.7 for groups of instances, 0.9 in the scaling of other services.
    #[serde(default = "group_low")]
    pub scale_in_below: f64,
    /// Whether it scales in at all.
    #[serde(default = "yes")]
    pub scale_in: bool,
    /// Time after entering service during which an instance counts as on its way, and not in the CPU metric.
    #[serde(default = "five_minutes")]
    pub warm_up: Duration,
}

fn group_low() -> f64 {
    0.7
}

fn yes() -> bool {
    true
}

fn five_minutes() -> Duration {
    Duration::from_secs(300)
}

/// What target tracking can track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TrackedMetric {
    /// CPU utilisation of the warm instances in service, 0 to 1.
    Cpu(CpuStatistic),
}

/// Scheduled actions (RULES R64): they act at once and wait for no cooldown. What is not given stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduledPolicy {
    /// When: minute, hour, day of month, month and day of week.
    pub cron: Cron,
    /// Clocks that count (IANA name).
    #[serde(default = "utc")]
    pub time_zone: String,
    /// From then on the fewest instances of all pools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_total: Option<u32>,
    /// From then on the most instances of all pools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_total: Option<u32>,
    /// The number of instances at that moment; afterwards the other policies go on from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired_total: Option<u32>,
}

fn utc() -> String {
    "UTC".to_string()
}

/// Predictive scaling (RULES R63): it learns the load of up to 14 days of the run, needs one, and fits again every 6 h. At the start of
/// each hour the group has at least what the forecast needs; it never scales in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictivePolicy {
    /// CPU utilisation at which the forecast load is to be served, above 0 and at most 1.
    pub target_cpu: f64,
    /// How long before its hour the capacity is launched, at most an hour.
    #[serde(default)]
    pub launch_ahead: Duration,
    /// Lets a forecast pass `max_total`, by this share of the forecast at most (0.1 for 10 %). Without it the maximum holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above_max: Option<f64>,
}
