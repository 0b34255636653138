//! The control plane as a library: decisions from observations, without a simulation.

use fleetmix::scaling::group::{
    Leaver, SpotMarketView, SpotStrategy, TerminationPolicy, choose_leavers, mixed_split, rank_markets,
};
use fleetmix::scaling::{AlarmState, Controller, CoverChange, Datapoint, Decision, GroupView, Observations, SpotCover};
use fleetmix::scenario::{OnLoss, Scaling};
use fleetmix::units::{Duration, Instant, Rate, SimTime};
use serde_json::{Value, json};

/// A group of on-demand instances that a controller is asked about once a minute, all of them warm a minute after their launch.
struct Group {
    controller: Controller,
    minute: i64,
    instances: u32,
    launched: u32,
    reasons: Vec<String>,
}

impl Group {
    fn new(scaling: Value, instances: u32) -> Self {
        let scaling: Scaling = serde_json::from_value(scaling).expect("a scaling section");
        let start: Instant = "2016-03-07T00:00:00Z".parse().expect("an instant");
        let controller = Controller::new(&scaling, start, SimTime::START);
        Self { controller, minute: 0, instances, launched: 0, reasons: Vec::new() }
    }

    /// A minute in which the CPU of the group was `cpu`; returns its size afterwards.
    fn minute(&mut self, cpu: Option<f64>) -> u32 {
        self.minute += 1;
        let now = SimTime::from_secs(self.minute * 60);
        let point = Datapoint { value: cpu, samples: 100 };
        let datapoints = vec![point; self.controller.metrics().len()];
        let load = cpu.map(|cpu| cpu * f64::from(self.instances));
        self.controller.observe(&Observations { until: now, datapoints, load });
        let group = GroupView {
            now,
            warm_total: self.instances - self.launched,
            total: self.instances,
            on_demand: self.instances,
            on_demand_limits: (0, 100),
            standing_in: 0,
            activity_in_progress: self.launched > 0,
            last_activity_end: None,
        };
        self.launched = 0;
        match self.controller.decide(&group) {
            Decision::Stay => {}
            Decision::Launch { count, why, .. } => {
                (self.instances, self.launched) = (self.instances + count, count);
                self.reasons.push(why);
            }
            Decision::Terminate { count, why } => {
                self.instances -= count;
                self.reasons.push(why);
            }
        }
        self.instances
    }

    fn minutes(&mut self, count: usize, cpu: f64) -> u32 {
        for _ in 0..count {
            self.minute(Some(cpu));
        }
        self.instances
    }
}

fn scaling(alarms: Value, policies: Value) -> Value {
    json!({ "min_total": 1, "max_total": 20, "metrics": { "period": "60s" }, "alarms": alarms, "policies": policies })
}

fn tracking(target: f64, scale_in: bool) -> Value {
    json!({ "target_tracking": { "metric": { "cpu": "average" }, "target": target, "scale_in": scale_in, "warm_up": "60s" } })
}

#[test]
fn target_tracking_is_quick_out_and_slow_in() {
    let mut group = Group::new(scaling(json!({}), json!({ "hold": tracking(0.5, true) })), 4);
    assert_eq!(group.minutes(2, 0.8), 4);
    assert_eq!(group.minute(Some(0.8)), 7, "4 * 0.8 / 0.5 rounded up, after three minutes");
    assert_eq!(group.minute(Some(0.9)), 8, "only the four warm ones count: 4 * 0.9 / 0.5");
    assert_eq!(group.minutes(14, 0.2), 8);
    assert_eq!(group.minute(Some(0.2)), 4, "8 * 0.2 / 0.5 is 3.2: fewer leave than the arithmetic says");
    assert!(group.reasons[0].starts_with("hold: alarm hold (high), cpu 0.800"), "{:?}", group.reasons);
    let mut blind = Group::new(scaling(json!({}), json!({ "hold": tracking(0.5, true) })), 4);
    (0..30).for_each(|_| assert_eq!(blind.minute(None), 4));
}

#[test]
fn out_if_any_wants_it_and_in_only_if_all_do() {
    let policies = json!({ "low": tracking(0.3, true), "high": tracking(0.6, true) });
    let mut group = Group::new(scaling(json!({}), policies), 6);
    assert_eq!(group.minutes(40, 0.25), 6, "0.25 is below 0.7 of 0.6 only");
    assert_eq!(group.minutes(3, 0.4), 8, "above 0.3: 6 * 0.4 / 0.3");
    assert_eq!(group.minutes(40, 0.05), 1);
    let policies = json!({ "never-in": tracking(0.3, false), "high": tracking(0.6, true) });
    assert!(Group::new(scaling(json!({}), policies), 6).minutes(15, 0.25) < 6, "who never scales in has no say");
}

#[test]
fn schedules_set_limits_and_sizes_at_their_time() {
    let policies = json!({
        "morning": { "scheduled": { "cron": "5 0 * * *", "min_total": 4, "desired_total": 6 } },
        "later": { "scheduled": { "cron": "10 0 * * *", "min_total": 2, "max_total": 5 } }
    });
    let mut group = Group::new(scaling(json!({}), policies), 2);
    let next = |group: &Group| group.controller.next_time(SimTime::from_secs(group.minute * 60));
    assert_eq!(next(&group), Some(SimTime::from_secs(300)));
    assert_eq!(group.minutes(4, 0.5), 2);
    assert_eq!(group.minute(Some(0.5)), 6);
    assert_eq!(next(&group), Some(SimTime::from_secs(600)));
    assert_eq!(group.minutes(5, 0.5), 5, "the new maximum pulls it in");
    assert!(group.reasons[0].contains("morning: scheduled for 00:05:00 UTC (5 0 * * *)"), "{:?}", group.reasons);
}

#[test]
fn a_forecast_raises_and_never_lowers() {
    let policies = json!({ "ahead": { "predictive": { "target_cpu": 0.5 } } });
    let mut group = Group::new(scaling(json!({}), policies), 5);
    // A day at two busy instances with a peak of five in the hour from eight on, then the same day again.
    let load = |minute: i64| if (minute / 60) % 24 == 8 { 5.0 } else { 2.0 };
    let mut sizes = Vec::new();
    for minute in 0..2 * 24 * 60 {
        let size = f64::from(group.instances);
        sizes.push(group.minute(Some((load(minute) / size).min(1.0))));
    }
    let peak = (24 + 8) * 60;
    assert_eq!((sizes[peak - 2], sizes[peak - 1]), (5, 10), "at eight: five busy ones at 50 %");
    assert_eq!(sizes.last(), Some(&10), "it leaves scale-in to others");
}

#[test]
fn percentages_bounds_and_cooldowns_hold_together() {
    let alarm = |above: Value, below: Value| json!({ "metric": { "cpu": "average" }, "above": above, "below": below, "datapoints_to_alarm": 1, "evaluation_periods": 1 });
    let alarms = json!({ "high": alarm(json!(0.6), Value::Null), "low": alarm(Value::Null, json!(0.2)) });
    let policies = json!({
        "out": { "step": { "alarm": "high", "adjust": "percent", "warm_up": "60s",
            "steps": [{ "from": 0, "change": 10 }, { "from": 0.1, "change": 30 }] } },
        "in": { "simple": { "alarm": "low", "adjust": "percent", "change": -25, "cooldown": "5m" } }
    });
    let mut group = Group::new(scaling(alarms, policies), 10);
    assert_eq!(group.minute(Some(0.61)), 11);
    assert_eq!(group.minute(Some(0.62)), 11, "one is on its way");
    assert_eq!(group.minute(Some(0.75)), 14, "30 % of 11");
    assert_eq!(group.minute(Some(0.1)), 14, "nothing leaves while three are on their way");
    assert_eq!(group.minute(Some(0.1)), 11, "a quarter of 14, rounded toward zero");
}

#[test]
fn alarms_change_once_and_say_why() {
    let alarms = json!({ "high": { "metric": { "cpu": "average" }, "above": 0.6, "datapoints_to_alarm": 2, "evaluation_periods": 3 } });
    let mut controller = Group::new(scaling(alarms, json!({})), 1).controller;
    let mut changes = Vec::new();
    for (minute, cpu) in (1..).zip([0.7, 0.5, 0.8, 0.9, 0.1, 0.1]) {
        let datapoints = vec![Datapoint { value: Some(cpu), samples: 1 }];
        let until = SimTime::from_secs(minute * 60);
        let seen = controller.observe(&Observations { until, datapoints, load: None });
        changes.extend(seen.into_iter().map(|change| (minute, change.state)));
    }
    use AlarmState::{Alarm, Ok};
    assert_eq!(changes.last(), Some(&(6, Ok)));
    assert!(changes.contains(&(3, Alarm)), "{changes:?}");
}

#[test]
fn a_mixed_group_is_put_together_from_its_rules() {
    let split = mixed_split(10, 2, 25.0);
    assert_eq!((split.on_demand, split.spot), (4, 6));
    let market = |nano, spare, held| SpotMarketView { price: Rate::from_nano_per_hour(nano), weight: 1, spare, held };
    let markets = [market(90_000_000, 9.0, 4), market(70_000_000, 8.0, 2), market(60_000_000, 1.0, 0)];
    assert_eq!(rank_markets(SpotStrategy::PriceCapacityOptimized, &markets)[0], 1);
    let leaver = |number, zone, minutes: i64| Leaver {
        number,
        zone,
        age: Duration::from_secs(minutes * 60),
        template: 1,
        rank: 0,
    };
    let group = [leaver(1, "a", 10), leaver(2, "a", 50), leaver(3, "b", 59)];
    assert_eq!(choose_leavers(TerminationPolicy::Default, &group, 1), [2]);
    let mut cover = SpotCover::new(OnLoss::OnNotice, 6, SimTime::START);
    (0..6).for_each(|slot| cover.ready(slot));
    cover.lost(5, SimTime::from_secs(10));
    assert_eq!(cover.decide(SimTime::from_secs(10)), Some(CoverChange::Launch(1)));
}
