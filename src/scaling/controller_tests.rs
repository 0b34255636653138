//! Decisions of the controller.

use super::controller::Controller;
use super::tracker::Datapoint;
use super::view::{Decision, GroupView, Observations};
use crate::scenario::{
    Adjust, Alarm, AlarmMetric, CpuStatistic, LatencyStatistic, LowSamples, MetricSettings, MissingData, Policy,
    Scaling, ScalingTarget, SimplePolicy, Step, StepPolicy, Threshold,
};
use crate::units::{Duration, SimTime};

fn alarm(metric: AlarmMetric, above: Option<Threshold>, below: Option<Threshold>) -> Alarm {
    Alarm {
        metric,
        above,
        below,
        datapoints_to_alarm: 1,
        evaluation_periods: 1,
        treat_missing_data: MissingData::Missing,
        period: None,
        low_samples: LowSamples::Evaluate,
    }
}

fn scaling() -> Scaling {
    let cpu = AlarmMetric::Cpu(CpuStatistic::Average);
    let latency = AlarmMetric::Latency(LatencyStatistic::Percentile(95.0));
    let steps = |first: Threshold, second: Threshold| {
        vec![Step { from: first, change: 1.0 }, Step { from: second, change: 2.0 }]
    };
    let step = |alarm: &str, steps| {
        Policy::Step(StepPolicy {
            alarm: alarm.into(),
            adjust: Adjust::Instances,
            steps,
            warm_up: Duration::from_secs(120),
        })
    };
    Scaling {
        acts_on: ScalingTarget::OnDemand,
        termination: Default::default(),
        min_total: 3,
        max_total: 7,
        metrics: MetricSettings { period: Duration::from_secs(60), published_after: Duration::from_secs(60) },
        alarms: [
            ("cpu-high".to_string(), alarm(cpu, Some(Threshold::Ratio(0.7)), None)),
            ("cpu-low".to_string(), alarm(cpu, None, Some(Threshold::Ratio(0.45)))),
            ("slow".to_string(), alarm(latency, Some(Threshold::Time(Duration::from_millis(800))), None)),
        ]
        .into(),
        policies: [
            ("a-out".to_string(), step("cpu-high", steps(Threshold::Ratio(0.0), Threshold::Ratio(0.15)))),
            (
                "b-out".to_string(),
                step("slow", steps(Threshold::Time(Duration::ZERO), Threshold::Time(Duration::from_secs(9)))),
            ),
            (
                "c-in".to_string(),
                Policy::Simple(SimplePolicy {
                    alarm: "cpu-low".into(),
                    unless_alarm: vec!["slow".into()],
                    adjust: Adjust::Instances,
                    change: -1.0,
                    cooldown: Duration::from_secs(300),
                }),
            ),
        ]
        .into(),
    }
}

fn group(warm_total: u32, total: u32, on_demand: u32) -> GroupView {
    GroupView {
        now: SimTime::from_secs(1000),
        warm_total,
        total,
        on_demand,
        on_demand_limits: (0, 100),
        standing_in: 0,
        activity_in_progress: false,
        last_activity_end: None,
    }
}

/// Metrics in the order of first use: CPU, latency.
fn decide(cpu: f64, latency: f64, group: &GroupView) -> Decision {
    let mut controller = Controller::new(&scaling(), "2016-03-07T00:00:00Z".parse().unwrap(), SimTime::START);
    assert_eq!(controller.metrics().len(), 2);
    let point = |value| Datapoint { value: Some(value), samples: 1000 };
    let datapoints = vec![point(cpu), point(latency)];
    controller.observe(&Observations { until: group.now, datapoints, load: None });
    controller.decide(group)
}

fn launched(decision: Decision) -> u32 {
    match decision {
        Decision::Launch { count, .. } => count,
        other => panic!("expected a launch, got {other:?}"),
    }
}

#[test]
fn out_when_either_fires_and_by_the_larger() {
    assert_eq!(launched(decide(0.75, 0.1, &group(5, 5, 0))), 1);
    assert_eq!(launched(decide(0.5, 0.9, &group(5, 5, 0))), 1);
    assert_eq!(launched(decide(0.9, 0.9, &group(4, 4, 0))), 2);
    assert_eq!(decide(0.6, 0.1, &group(5, 5, 0)), Decision::Stay);
}

#[test]
fn instances_on_their_way_are_not_asked_for_twice() {
    assert_eq!(decide(0.75, 0.1, &group(5, 6, 1)), Decision::Stay);
    assert_eq!(launched(decide(0.9, 0.1, &group(5, 6, 1))), 1);
}

#[test]
fn the_group_keeps_its_limits() {
    assert_eq!(launched(decide(0.9, 0.1, &group(6, 6, 1))), 1);
    assert_eq!(decide(0.9, 0.1, &group(7, 7, 2)), Decision::Stay);
    assert_eq!(launched(decide(0.5, 0.1, &group(1, 1, 0))), 2);
    let capped = GroupView { on_demand_limits: (0, 1), ..group(5, 5, 0) };
    assert_eq!(launched(decide(0.9, 0.1, &capped)), 1);
    let none = GroupView { on_demand_limits: (0, 0), ..group(1, 1, 0) };
    assert_eq!(decide(0.9, 0.1, &none), Decision::Stay);
}

#[test]
fn in_when_cpu_is_low_no_high_alarm_stands_and_all_is_quiet() {
    let calm = group(6, 6, 1);
    assert!(matches!(decide(0.3, 0.1, &calm), Decision::Terminate { count: 1, .. }));
    assert_eq!(launched(decide(0.3, 0.9, &calm)), 1, "the larger capacity wins");
    let busy = GroupView { activity_in_progress: true, ..calm };
    assert_eq!(decide(0.3, 0.1, &busy), Decision::Stay);
    let cooling = GroupView { last_activity_end: Some(SimTime::from_secs(701)), ..calm };
    assert_eq!(decide(0.3, 0.1, &cooling), Decision::Stay);
    let cooled = GroupView { last_activity_end: Some(SimTime::from_secs(700)), ..calm };
    assert!(matches!(decide(0.3, 0.1, &cooled), Decision::Terminate { .. }));
    assert_eq!(decide(0.3, 0.1, &group(3, 3, 1)), Decision::Stay, "the minimum stays");
    assert_eq!(decide(0.3, 0.1, &group(5, 5, 0)), Decision::Stay, "only on-demand leaves");
}

#[test]
fn reasons_name_policy_alarm_and_datapoint() {
    let Decision::Launch { why, .. } = decide(0.75, 0.1, &group(5, 5, 0)) else { panic!() };
    assert_eq!(why, "a-out: alarm cpu-high, cpu 0.750 (limit: above 0.7 in 1 of 1), seen until 00:16:40 UTC");
}
