//! Target tracking: the group is sized so that a metric comes to its target (RULES R47, R50, R51).
//!
//! Out is fast and in is slow: three minutes above the target raise the one hidden alarm, fifteen minutes well below it the other, and
//! instances are rounded up when added and down when removed. The metric must fall in proportion as the group grows, as utilisation
//! does and latency does not.

use crate::scenario::{Alarm, AlarmMetric, MissingData, TargetTrackingPolicy, Threshold};

/// Datapoints of the alarm for scale-out: all of three.
pub const OUT_DATAPOINTS: u32 = 3;
/// Datapoints of the alarm for scale-in: all of fifteen.
pub const IN_DATAPOINTS: u32 = 15;

/// Share of the target below which auto scaling groups scale in.
pub const GROUP_LOW: f64 = 0.7;
/// The same for the scaling of containers and other services.
pub const APPLICATION_LOW: f64 = 0.9;

/// The threshold of the alarm for scale-in.
pub fn low_threshold(target: f64, share: f64) -> f64 {
    target * share
}

/// A change in instances: rounded up when adding, down (toward zero) when removing (RULES R50).
pub fn rounded_delta(raw: f64) -> i64 {
    // The products of utilisations are not exact; a hair beside a whole number is that number.
    (raw - 1e-9 * raw.abs()).ceil() as i64
}

/// The capacity at which a metric that falls in proportion comes to its target: `capacity * metric / target`, rounded as above.
pub fn proportional_capacity(capacity: u32, metric: f64, target: f64) -> i64 {
    let change = f64::from(capacity) * (metric / target - 1.0);
    i64::from(capacity) + rounded_delta(change)
}

/// The target for a backlog of messages: as many for each instance as it works off within the latency that is allowed.
pub fn backlog_target(latency_seconds: f64, service_seconds: f64) -> f64 {
    latency_seconds / service_seconds
}

/// The two alarms that a policy keeps: high and low.
pub fn alarms(policy: &TargetTrackingPolicy) -> [Alarm; 2] {
    let alarm = |above: Option<f64>, below: Option<f64>, datapoints| Alarm {
        metric: AlarmMetric::Cpu(crate::scenario::CpuStatistic::Average),
        above: above.map(Threshold::Ratio),
        below: below.map(Threshold::Ratio),
        datapoints_to_alarm: datapoints,
        evaluation_periods: datapoints,
        treat_missing_data: MissingData::Missing,
        period: None,
        low_samples: Default::default(),
    };
    let low = low_threshold(policy.target, policy.scale_in_below);
    [alarm(Some(policy.target), None, OUT_DATAPOINTS), alarm(None, Some(low), IN_DATAPOINTS)]
}

/// The capacity that a standing high alarm asks for: what the warm instances need, of which some may be on their way.
pub fn propose_out(policy: &TargetTrackingPolicy, metric: f64, warm_total: u32, total: u32) -> i64 {
    proportional_capacity(warm_total, metric, policy.target).max(i64::from(total))
}

/// The capacity that a standing low alarm asks for; `None` if there is nothing to remove, or while instances are on their way.
pub fn propose_in(policy: &TargetTrackingPolicy, metric: f64, total: u32, in_progress: bool) -> Option<i64> {
    let desired = proportional_capacity(total, metric, policy.target);
    (policy.scale_in && !in_progress && desired < i64::from(total)).then_some(desired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_when_adding_and_down_when_removing() {
        assert_eq!([1.5, -1.5, 2.0, -0.5].map(rounded_delta), [2, -1, 2, 0]);
        assert_eq!(proportional_capacity(10, 0.75, 0.5), 15);
        assert_eq!(proportional_capacity(10, 0.45, 0.5), 9);
        assert_eq!(proportional_capacity(3, 0.45, 0.5), 3, "a third of an instance stays");
        assert_eq!(proportional_capacity(10, 150.0, backlog_target(10.0, 0.1)), 15);
    }
}
