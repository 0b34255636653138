//! Checks of metrics, alarms and policies.

use super::{Findings, MAX_EVALUATION_PERIODS, MAX_INSTANCES};
use crate::scenario::{
    Adjust, Alarm, AlarmMetric, LatencyStatistic, LowSamples, Policy, PredictivePolicy, Scaling, ScheduledPolicy,
    SimplePolicy, StepPolicy, TargetTrackingPolicy, Threshold, TrackedMetric, pointer_child,
};
use crate::units::Duration;

/// Alarms and the policies that act on them.
pub(super) fn check(scaling: &Scaling, findings: &mut Findings) {
    let Scaling { min_total, max_total, .. } = *scaling;
    findings.require(min_total <= max_total, "/scaling/min_total", || {
        format!("min_total must not exceed max_total, found {min_total} and {max_total}")
    });
    findings.require(max_total <= MAX_INSTANCES, "/scaling/max_total", || {
        format!("at most {MAX_INSTANCES} instances, found {max_total}")
    });
    let period = scaling.metrics.period;
    findings.require((Duration::from_secs(1)..=Duration::DAY).contains(&period), "/scaling/metrics/period", || {
        format!("a period must be 1s to 1d, found {period}")
    });
    findings.time("/scaling/metrics/published_after", scaling.metrics.published_after);
    for (name, alarm) in &scaling.alarms {
        check_alarm(alarm, period, &pointer_child("/scaling/alarms", name), findings);
    }
    for (name, policy) in &scaling.policies {
        let here = pointer_child("/scaling/policies", name);
        match policy {
            Policy::Step(step) => check_step_policy(scaling, step, &format!("{here}/step"), findings),
            Policy::Simple(simple) => check_simple_policy(scaling, simple, &format!("{here}/simple"), findings),
            Policy::TargetTracking(tracking) => {
                check_target_tracking(tracking, &format!("{here}/target_tracking"), findings);
            }
            Policy::Scheduled(scheduled) => check_scheduled(scheduled, &format!("{here}/scheduled"), findings),
            Policy::Predictive(predictive) => check_predictive(predictive, &format!("{here}/predictive"), findings),
        }
    }
}

fn check_alarm(alarm: &Alarm, published_every: Duration, here: &str, findings: &mut Findings) {
    match (alarm.above, alarm.below) {
        (Some(_), Some(_)) => findings.add(here, "an alarm has either `above` or `below`, found both"),
        (None, None) => findings.add(here, "an alarm needs a threshold: `above` or `below`"),
        (Some(threshold), None) => check_threshold(alarm, threshold, &format!("{here}/above"), findings),
        (None, Some(threshold)) => check_threshold(alarm, threshold, &format!("{here}/below"), findings),
    }
    if let AlarmMetric::Latency(LatencyStatistic::Percentile(percentile)) = alarm.metric {
        let right = percentile > 0.0 && percentile < 100.0;
        findings.require(right, format!("{here}/metric/latency/percentile"), || {
            format!("a percentile must lie between 0 and 100, found {percentile}")
        });
    }
    if let Some(period) = alarm.period {
        let whole = published_every.is_positive() && period.nanos() % published_every.nanos() == 0;
        let right = whole && period.is_positive() && period <= Duration::DAY;
        findings.require(right, format!("{here}/period"), || {
            format!("the period of an alarm must be a multiple of that of the metrics ({published_every}), at most 1d, found {period}")
        });
    }
    let percentile = matches!(alarm.metric, AlarmMetric::Latency(LatencyStatistic::Percentile(_)));
    findings.require(alarm.low_samples == LowSamples::Evaluate || percentile, format!("{here}/low_samples"), || {
        "only percentiles can have too few samples: take `low_samples` away".to_string()
    });
    let Alarm { datapoints_to_alarm: m, evaluation_periods: n, .. } = *alarm;
    findings.require((1..=MAX_EVALUATION_PERIODS).contains(&n), format!("{here}/evaluation_periods"), || {
        format!("an alarm looks at 1 to {MAX_EVALUATION_PERIODS} datapoints, found {n}")
    });
    findings.require(m >= 1 && m <= n, format!("{here}/datapoints_to_alarm"), || {
        format!("datapoints_to_alarm must be 1 to evaluation_periods ({n}), found {m}")
    });
}

fn check_threshold(alarm: &Alarm, threshold: Threshold, here: &str, findings: &mut Findings) {
    match (alarm.metric, threshold) {
        (AlarmMetric::Cpu(_), Threshold::Ratio(ratio)) => {
            findings.require(ratio > 0.0 && ratio <= 1.0, here, || {
                format!("a CPU threshold is a ratio above 0 and at most 1 (0.7 is 70 %), found {ratio}")
            });
        }
        (AlarmMetric::Latency(_), Threshold::Time(time)) => findings.positive_time(here, time),
        (metric, threshold) => wrong_kind(metric, threshold, here, findings),
    }
}

fn wrong_kind(metric: AlarmMetric, threshold: Threshold, here: &str, findings: &mut Findings) {
    findings.add(
        here,
        match metric {
            AlarmMetric::Cpu(_) => format!("CPU is compared with a ratio such as 0.7, found the duration {threshold}"),
            AlarmMetric::Latency(_) => {
                format!("latency is compared with a duration such as \"800ms\", found the number {threshold}")
            }
        },
    );
}

fn check_step_policy(scaling: &Scaling, policy: &StepPolicy, here: &str, findings: &mut Findings) {
    findings.reference(format!("{here}/alarm"), "alarm", &policy.alarm, &scaling.alarms);
    findings.require(!policy.steps.is_empty(), format!("{here}/steps"), || "at least one step is needed".to_string());
    let metric = scaling.alarms.get(&policy.alarm).map(|alarm| alarm.metric);
    let mut previous: Option<Threshold> = None;
    for (index, step) in policy.steps.iter().enumerate() {
        let from_at = format!("{here}/steps/{index}/from");
        match (metric, step.from) {
            (Some(metric @ AlarmMetric::Cpu(_)), Threshold::Time(_))
            | (Some(metric @ AlarmMetric::Latency(_)), Threshold::Ratio(_)) => {
                wrong_kind(metric, step.from, &from_at, findings);
            }
            _ => match previous {
                None => findings.require(step.from.value() == 0.0, from_at, || {
                    format!("the first step must be from 0 (at the threshold), found {}", step.from)
                }),
                Some(before) => findings.require(step.from.value() > before.value(), from_at, || {
                    format!("steps must ascend, found {} after {before}", step.from)
                }),
            },
        }
        previous = Some(step.from);
        check_change(step.change, policy.adjust, &format!("{here}/steps/{index}/change"), findings);
    }
    findings.time(format!("{here}/warm_up"), policy.warm_up);
}

fn check_simple_policy(scaling: &Scaling, policy: &SimplePolicy, here: &str, findings: &mut Findings) {
    findings.reference(format!("{here}/alarm"), "alarm", &policy.alarm, &scaling.alarms);
    for (index, name) in policy.unless_alarm.iter().enumerate() {
        findings.reference(format!("{here}/unless_alarm/{index}"), "alarm", name, &scaling.alarms);
    }
    check_change(policy.change, policy.adjust, &format!("{here}/change"), findings);
    findings.time(format!("{here}/cooldown"), policy.cooldown);
}

fn check_target_tracking(policy: &TargetTrackingPolicy, here: &str, findings: &mut Findings) {
    let TargetTrackingPolicy { metric: TrackedMetric::Cpu(_), target, scale_in_below, scale_in: _, warm_up } = *policy;
    findings.require(target > 0.0 && target < 1.0, format!("{here}/target"), || {
        format!("a CPU target is a ratio above 0 and below 1 (0.5 is 50 %), found {target}")
    });
    findings.require(scale_in_below > 0.0 && scale_in_below < 1.0, format!("{here}/scale_in_below"), || {
        format!("it scales in below a share of the target above 0 and below 1 (0.7 is 70 %), found {scale_in_below}")
    });
    findings.time(format!("{here}/warm_up"), warm_up);
}

fn check_scheduled(policy: &ScheduledPolicy, here: &str, findings: &mut Findings) {
    let ScheduledPolicy { cron: _, time_zone, min_total, max_total, desired_total } = policy;
    findings.require(jiff::tz::TimeZone::get(time_zone).is_ok(), format!("{here}/time_zone"), || {
        format!("unknown time zone {time_zone:?}; use an IANA name such as `UTC` or `Europe/Berlin`")
    });
    findings.require(min_total.or(*max_total).or(*desired_total).is_some(), here, || {
        "a scheduled action changes nothing without `min_total`, `max_total` or `desired_total`".to_string()
    });
    let given = [("min_total", min_total), ("max_total", max_total), ("desired_total", desired_total)];
    for (key, count) in given.into_iter().filter_map(|(key, count)| Some((key, (*count)?))) {
        findings.require(count <= MAX_INSTANCES, format!("{here}/{key}"), || {
            format!("at most {MAX_INSTANCES} instances, found {count}")
        });
    }
    // With only one of them given, another action may have moved the other limit.
    if let (Some(min), Some(max)) = (min_total, max_total) {
        findings.require(min <= max, format!("{here}/min_total"), || {
            format!("min_total must not exceed max_total, found {min} and {max}")
        });
    }
}

fn check_predictive(policy: &PredictivePolicy, here: &str, findings: &mut Findings) {
    let PredictivePolicy { target_cpu, launch_ahead, above_max } = *policy;
    findings.require(target_cpu > 0.0 && target_cpu <= 1.0, format!("{here}/target_cpu"), || {
        format!("the forecast is served at a CPU utilisation above 0 and at most 1 (0.6 is 60 %), found {target_cpu}")
    });
    let right = launch_ahead >= Duration::ZERO && launch_ahead <= Duration::HOUR;
    findings.require(right, format!("{here}/launch_ahead"), || {
        format!("capacity is launched at most an hour before it is needed, found {launch_ahead}")
    });
    if let Some(share) = above_max {
        findings.share(format!("{here}/above_max"), share);
    }
}

fn check_change(change: f64, adjust: Adjust, here: &str, findings: &mut Findings) {
    let limit = f64::from(MAX_INSTANCES);
    let in_range = change.abs() <= limit && change != 0.0;
    findings.require(in_range, here, || format!("a change must be from -{limit} to {limit} and not 0, found {change}"));
    if adjust == Adjust::Instances && in_range {
        findings.require(change.fract() == 0.0, here, || {
            format!("a change in instances must be a whole number, found {change}; or adjust in \"percent\"")
        });
    }
}
