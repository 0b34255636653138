//! Alarms, policies and scheduled actions in the words of CloudWatch and EC2 Auto Scaling.

use crate::scenario::{
    Adjust, Alarm, AlarmMetric, LatencyStatistic, LowSamples, MissingData, Policy, PredictivePolicy, Scenario,
    ScheduledPolicy, SimplePolicy, Step, StepPolicy, TargetTrackingPolicy,
};
use crate::units::Duration;
use std::collections::BTreeMap;

/// An alarm on the steady group or on the balancer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GroupAlarm {
    /// CPU of the group in per cent, or a percentile of the balancer's latency in seconds.
    pub metric: AlarmOn,
    /// Whether values above the threshold breach, or those below.
    pub above: bool,
    /// In the metric's unit.
    pub threshold: f64,
    /// Seconds.
    pub period: i64,
    pub datapoints_to_alarm: u32,
    pub evaluation_periods: u32,
    pub treat_missing_data: &'static str,
    /// `evaluate` or `ignore`, for percentiles.
    pub low_samples: Option<&'static str>,
    /// Policies that it triggers.
    pub triggers: Vec<String>,
}

/// What an alarm watches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum AlarmOn {
    Cpu,
    /// `p95`, by its number.
    LatencyPercentile(f64),
}

/// A policy of the steady group.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum GroupPolicy {
    Step { percent: bool, warm_up: i64, steps: Vec<StepBounds> },
    Simple { percent: bool, change: i64, cooldown: i64 },
    TargetTracking { target: f64, scale_in: bool, warm_up: i64 },
    Predictive { target: f64, buffer: i64, above_max: Option<f64> },
}

/// A step: its bounds are distances from the alarm's threshold, in the metric's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct StepBounds {
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub change: i64,
}

/// A scheduled action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schedule {
    pub cron: String,
    pub time_zone: String,
    pub min: Option<u32>,
    pub max: Option<u32>,
    pub desired: Option<u32>,
}

/// What acts on the steady group.
#[derive(Default)]
pub(super) struct Policies {
    pub alarms: BTreeMap<String, GroupAlarm>,
    pub policies: BTreeMap<String, GroupPolicy>,
    pub schedules: BTreeMap<String, Schedule>,
}

fn seconds(time: Duration) -> i64 {
    time.as_secs_f64().ceil() as i64
}

/// Decimals that a unit leaves behind (70 % is 0.7 × 100) are cut.
fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// The warm-up of a group's instances: the longest of its policies.
pub(super) fn default_warm_up(scenario: &Scenario) -> i64 {
    let of = |policy: &Policy| match policy {
        Policy::Step(step) => seconds(step.warm_up),
        Policy::TargetTracking(tracking) => seconds(tracking.warm_up),
        Policy::Simple(_) | Policy::Scheduled(_) | Policy::Predictive(_) => 0,
    };
    scenario.scaling.policies.values().map(of).max().unwrap_or(0)
}

/// The policies of a scenario; `spot` instances are in a group of their own.
pub(super) fn of(scenario: &Scenario, spot: u32, remarks: &mut Vec<String>) -> Policies {
    let scaling = &scenario.scaling;
    let mut alarms: BTreeMap<String, GroupAlarm> = scaling
        .alarms
        .iter()
        .map(|(name, alarm)| (name.clone(), group_alarm(name, alarm, scaling.metrics.period, remarks)))
        .collect();
    let mut policies = BTreeMap::new();
    let mut schedules = BTreeMap::new();
    for (name, policy) in &scaling.policies {
        let triggered_by = match policy {
            Policy::Step(policy) => Some(&policy.alarm),
            Policy::Simple(policy) => Some(&policy.alarm),
            Policy::TargetTracking(_) | Policy::Scheduled(_) | Policy::Predictive(_) => None,
        };
        if let Some(alarm) = triggered_by.and_then(|alarm| alarms.get_mut(alarm)) {
            alarm.triggers.push(name.clone());
        }
        let found = match policy {
            Policy::Step(policy) => step(scenario, policy),
            Policy::Simple(policy) => simple(name, policy, remarks),
            Policy::TargetTracking(policy) => target_tracking(name, policy, remarks),
            Policy::Predictive(policy) => predictive(policy),
            Policy::Scheduled(policy) => {
                schedules.insert(name.clone(), schedule(policy, spot));
                continue;
            }
        };
        policies.insert(name.clone(), found);
    }
    if spot > 0 && alarms.values().any(|alarm| alarm.metric == AlarmOn::Cpu) {
        remarks.push(
            "alarms and policies see the CPU of the steady group; in the simulation they see that of all instances"
                .to_string(),
        );
    }
    if alarms.values().any(|alarm| alarm.metric != AlarmOn::Cpu) {
        remarks.push(
            "alarms on latency watch TargetResponseTime of the balancer, which leaves out the way to the client"
                .to_string(),
        );
    }
    if scaling.metrics.published_after > Duration::from_secs(60) {
        let message = format!(
            "metrics are simulated as published after {}: CloudWatch has its own delay",
            scaling.metrics.published_after
        );
        remarks.push(message);
    }
    Policies { alarms, policies, schedules }
}

fn group_alarm(name: &str, alarm: &Alarm, published_every: Duration, remarks: &mut Vec<String>) -> GroupAlarm {
    let threshold = alarm.above.or(alarm.below).map_or(0.0, |threshold| threshold.value());
    let (metric, threshold) = match alarm.metric {
        AlarmMetric::Cpu(_) => (AlarmOn::Cpu, rounded(threshold * 100.0)),
        AlarmMetric::Latency(LatencyStatistic::Percentile(percentile)) => {
            (AlarmOn::LatencyPercentile(percentile), threshold)
        }
    };
    let wanted = seconds(alarm.period.unwrap_or(published_every)).max(1);
    // Metrics of the balancer and of groups have a resolution of a minute.
    let period = (wanted + 59) / 60 * 60;
    if period != wanted {
        remarks.push(format!(
            "the alarm `{name}` has periods of {wanted} s in the simulation; CloudWatch has {period} s for its metric"
        ));
    }
    GroupAlarm {
        metric,
        above: alarm.above.is_some(),
        threshold,
        period,
        datapoints_to_alarm: alarm.datapoints_to_alarm,
        evaluation_periods: alarm.evaluation_periods,
        treat_missing_data: match alarm.treat_missing_data {
            MissingData::Missing => "missing",
            MissingData::Ignore => "ignore",
            MissingData::Breaching => "breaching",
            MissingData::NotBreaching => "notBreaching",
        },
        low_samples: match metric {
            AlarmOn::Cpu => None,
            AlarmOn::LatencyPercentile(_) if alarm.low_samples == LowSamples::Ignore => Some("ignore"),
            AlarmOn::LatencyPercentile(_) => Some("evaluate"),
        },
        triggers: Vec::new(),
    }
}

fn step(scenario: &Scenario, policy: &StepPolicy) -> GroupPolicy {
    let alarm = scenario.scaling.alarms.get(&policy.alarm);
    let above = alarm.is_none_or(|alarm| alarm.above.is_some());
    let unit = if alarm.is_some_and(|alarm| matches!(alarm.metric, AlarmMetric::Cpu(_))) { 100.0 } else { 1.0 };
    let distance = |step: &Step| rounded(step.from.value() * unit);
    let steps = policy.steps.iter().enumerate().map(|(index, step)| {
        let (near, far) = (distance(step), policy.steps.get(index + 1).map(distance));
        let change = step.change.round() as i64;
        if above {
            StepBounds { lower: Some(near), upper: far, change }
        } else {
            StepBounds { lower: far.map(|far| -far), upper: Some(if near == 0.0 { 0.0 } else { -near }), change }
        }
    });
    GroupPolicy::Step {
        percent: policy.adjust == Adjust::Percent,
        warm_up: seconds(policy.warm_up),
        steps: steps.collect(),
    }
}

fn simple(name: &str, policy: &SimplePolicy, remarks: &mut Vec<String>) -> GroupPolicy {
    if !policy.unless_alarm.is_empty() {
        remarks.push(format!(
            "`{name}` does not act in the simulation while {} stands; alarms joined by a rule cannot drive a group, so here it does",
            policy.unless_alarm.join(" or ")
        ));
    }
    GroupPolicy::Simple {
        percent: policy.adjust == Adjust::Percent,
        change: policy.change.round() as i64,
        cooldown: seconds(policy.cooldown),
    }
}

fn target_tracking(name: &str, policy: &TargetTrackingPolicy, remarks: &mut Vec<String>) -> GroupPolicy {
    if policy.scale_in && policy.scale_in_below != 0.7 {
        remarks.push(format!(
            "`{name}` scales in below {} of its target in the simulation; AWS sets that by itself",
            policy.scale_in_below
        ));
    }
    GroupPolicy::TargetTracking {
        target: rounded(policy.target * 100.0),
        scale_in: policy.scale_in,
        warm_up: seconds(policy.warm_up),
    }
}

fn predictive(policy: &PredictivePolicy) -> GroupPolicy {
    GroupPolicy::Predictive {
        target: rounded(policy.target_cpu * 100.0),
        buffer: seconds(policy.launch_ahead),
        above_max: policy.above_max.map(|share| (share * 100.0).round()),
    }
}

fn schedule(policy: &ScheduledPolicy, spot: u32) -> Schedule {
    let without_spot = |total: Option<u32>| total.map(|total| total.saturating_sub(spot));
    Schedule {
        cron: policy.cron.to_string(),
        time_zone: policy.time_zone.clone(),
        min: without_spot(policy.min_total),
        max: without_spot(policy.max_total),
        desired: without_spot(policy.desired_total),
    }
}
