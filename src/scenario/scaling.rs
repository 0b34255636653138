//! Alarms and scaling policies.

use super::Policy;
use crate::units::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Alarms and the policies that act on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// The pool that grows and shrinks.
    #[serde(default)]
    pub acts_on: ScalingTarget,
    /// Fewest running and pending instances of all pools; below it on-demand is started at once.
    pub min_total: u32,
    /// Most running and pending instances of all pools that a policy may scale to; lost spot frees room.
    pub max_total: u32,
    /// How metrics are measured.
    pub metrics: MetricSettings,
    /// Alarms by name.
    #[serde(default)]
    pub alarms: BTreeMap<String, Alarm>,
    /// Policies by name; when several want to act, the one that leaves the larger capacity wins (RULES R47).
    #[serde(default)]
    pub policies: BTreeMap<String, Policy>,
    /// Which on-demand instance leaves when the group shrinks.
    #[serde(default, skip_serializing_if = "is_default")]
    pub termination: Termination,
}

/// Which on-demand instance leaves when the group shrinks (RULES R55).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Termination {
    /// One without the updates of a patch wave first, then the one closest to its next instance-hour.
    #[default]
    Default,
    /// The one closest to its next instance-hour.
    ClosestToNextInstanceHour,
    /// The one that has run longest.
    OldestInstance,
    /// The one that has run shortest.
    NewestInstance,
}

/// The pool that grows and shrinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScalingTarget {
    /// The on-demand pool.
    #[default]
    OnDemand,
}

/// How metrics are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricSettings {
    /// Length of a period; a datapoint is stamped with its start.
    pub period: Duration,
    /// Time after a period's end at which its datapoint is visible.
    #[serde(default = "one_minute")]
    pub published_after: Duration,
}

fn one_minute() -> Duration {
    Duration::from_secs(60)
}

/// An alarm: M of the last N datapoints beyond a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// What is watched.
    pub metric: AlarmMetric,
    /// A datapoint above this breaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Threshold>,
    /// A datapoint below this breaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Threshold>,
    /// M: breaching datapoints that raise the alarm.
    pub datapoints_to_alarm: u32,
    /// N: datapoints that are looked at.
    pub evaluation_periods: u32,
    /// How missing datapoints count.
    #[serde(default)]
    pub treat_missing_data: MissingData,
    /// Length of a datapoint: a multiple of the period of the metrics, which it is unless given. The alarm is evaluated whenever the
    /// metrics are published, over windows that slide (RULES R70).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Duration>,
    /// What a percentile of too few requests means.
    #[serde(default, skip_serializing_if = "is_default")]
    pub low_samples: LowSamples,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What a percentile of too few samples means to an alarm (RULES R73).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LowSamples {
    /// It is looked at all the same.
    #[default]
    Evaluate,
    /// The alarm keeps its state while there are fewer than 10 / (1 - p) requests, 10 / p below the median.
    Ignore,
}

/// What an alarm watches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AlarmMetric {
    /// CPU utilisation of the instances in service, 0 to 1: busy slot-seconds / slot-seconds (plus idle CPU).
    Cpu(CpuStatistic),
    /// Time from arrival to completion of the requests completed in the period.
    Latency(LatencyStatistic),
}

/// Statistic of the CPU metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CpuStatistic {
    /// Mean over instances and time.
    Average,
}

/// Statistic of the latency metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LatencyStatistic {
    /// A percentile, e.g. 95.
    Percentile(f64),
}

/// How missing datapoints count (RULES R72).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MissingData {
    /// They do not count; with none at all the alarm has insufficient data.
    #[default]
    Missing,
    /// The alarm keeps its state.
    Ignore,
    /// They count as breaching.
    Breaching,
    /// They count as not breaching.
    NotBreaching,
}

/// A limit of a metric: a ratio (CPU) or a time (latency).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// CPU utilisation, 0 to 1.
    Ratio(f64),
    /// A latency.
    Time(Duration),
}

impl Threshold {
    /// The value in the metric's unit: a ratio, or seconds.
    pub fn value(self) -> f64 {
        match self {
            Threshold::Ratio(ratio) => ratio,
            Threshold::Time(time) => time.as_secs_f64(),
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Threshold::Ratio(ratio) => ratio.fmt(f),
            Threshold::Time(time) => time.fmt(f),
        }
    }
}

impl Serialize for Threshold {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Threshold::Ratio(ratio) => ratio.serialize(serializer),
            Threshold::Time(time) => time.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Threshold;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a ratio such as 0.7 (CPU) or a duration such as \"800ms\" (latency)")
            }
            fn visit_f64<E>(self, value: f64) -> Result<Threshold, E> {
                Ok(Threshold::Ratio(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Threshold, E> {
                Ok(Threshold::Ratio(value as f64))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Threshold, E> {
                Ok(Threshold::Ratio(value as f64))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Threshold, E> {
                text.parse().map(Threshold::Time).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Threshold {
    fn schema_name() -> Cow<'static, str> {
        "Threshold".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["number", "string"],
            "description": "a ratio such as 0.7 (CPU) or a duration such as \"800ms\" (latency)",
        })
    }
}
