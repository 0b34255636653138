//! The controller: remembers datapoints and alarm states, and decides.

use super::adjust::{change_in_instances, step_change};
use super::alarm::{AlarmState, evaluate_alarm, evaluation_range};
use crate::scenario::{Alarm, AlarmMetric, Policy, Scaling, SimplePolicy, StepPolicy};
use crate::units::{Duration, SimTime};
use std::collections::VecDeque;

/// The state of the group when a decision is taken. Instances that drain or have a notice do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupView {
    /// Now.
    pub now: SimTime,
    /// Instances of all pools in service whose warm-up is over.
    pub warm_total: u32,
    /// Requested, booting and serving instances of all pools.
    pub total: u32,
    /// Requested, booting and serving on-demand instances.
    pub on_demand: u32,
    /// Fewest and most on-demand instances that the mix allows.
    pub on_demand_limits: (u32, u32),
    /// Whether an on-demand instance is on its way: launching, warming up or draining.
    pub activity_in_progress: bool,
    /// When the last on-demand instance finished launching or terminating.
    pub last_activity_end: Option<SimTime>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// Nothing.
    Stay,
    /// Start on-demand instances.
    Launch {
        /// How many.
        count: u32,
        /// The observation that caused it.
        why: String,
    },
    /// Drain and stop on-demand instances.
    Terminate {
        /// How many.
        count: u32,
        /// The observation that caused it.
        why: String,
    },
}

/// An alarm that changed its state.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmChange {
    /// Name of the alarm.
    pub alarm: String,
    /// New state.
    pub state: AlarmState,
    /// The datapoint that caused it, in words.
    pub why: String,
}

#[derive(Debug, Clone)]
struct Tracker {
    name: String,
    alarm: Alarm,
    metric: usize,
    state: AlarmState,
    recent: VecDeque<Option<f64>>,
}

/// Datapoints of most alarms.
const FEW: usize = 16;

impl Tracker {
    fn breaches(&self, value: f64) -> bool {
        self.alarm.above.is_some_and(|limit| value > limit.value())
            || self.alarm.below.is_some_and(|limit| value < limit.value())
    }

    fn observe(&mut self, value: Option<f64>) -> Option<AlarmChange> {
        let range = evaluation_range(self.alarm.evaluation_periods);
        if self.recent.len() == range {
            self.recent.pop_front();
        }
        self.recent.push_back(value);
        let (m, n) = (self.alarm.datapoints_to_alarm, self.alarm.evaluation_periods);
        let points = self.recent.iter().map(|value| value.map(|value| self.breaches(value)));
        // Most alarms look at few datapoints: they stand in a place of their own, which costs nothing.
        let mut few = [None; FEW];
        let state = if range <= FEW {
            few.iter_mut().zip(points).for_each(|(place, point)| *place = point);
            evaluate_alarm(&few[..self.recent.len()], m, n, self.alarm.treat_missing_data, self.state)
        } else {
            evaluate_alarm(&points.collect::<Vec<_>>(), m, n, self.alarm.treat_missing_data, self.state)
        };
        if state == self.state {
            return None;
        }
        self.state = state;
        Some(AlarmChange { alarm: self.name.clone(), state, why: self.describe() })
    }

    fn latest(&self) -> Option<f64> {
        self.recent.iter().rev().find_map(|value| *value)
    }

    /// Distance of the latest datapoint beyond the threshold, in the metric's unit.
    fn distance(&self) -> Option<f64> {
        let value = self.latest()?;
        match (self.alarm.above, self.alarm.below) {
            (Some(limit), _) => Some(value - limit.value()),
            (None, Some(limit)) => Some(limit.value() - value),
            (None, None) => None,
        }
    }

    /// `cpu 0.83 above 0.7 in 2 of 3`.
    fn describe(&self) -> String {
        let value = match (self.latest(), self.alarm.metric) {
            (None, _) => "no data".to_string(),
            (Some(v), AlarmMetric::Cpu(_)) => format!("cpu {v:.3}"),
            (Some(v), AlarmMetric::Latency(_)) => format!("latency {v:.3} s"),
        };
        let limit = match (self.alarm.above, self.alarm.below) {
            (Some(limit), _) => format!("above {limit}"),
            (None, Some(limit)) => format!("below {limit}"),
            (None, None) => String::new(),
        };
        let (m, n) = (self.alarm.datapoints_to_alarm, self.alarm.evaluation_periods);
        format!("{value}; limit {limit} in {m} of {n}")
    }
}

/// Watches the metrics of a group and decides on its on-demand instances.
#[derive(Debug, Clone)]
pub struct Controller {
    metrics: Vec<AlarmMetric>,
    alarms: Vec<Tracker>,
    policies: Vec<(String, Policy)>,
    min_total: u32,
    max_total: u32,
    warm_up: Duration,
}

impl Controller {
    /// A controller for the alarms and policies of a scenario, all alarms without data.
    pub fn new(scaling: &Scaling) -> Self {
        let mut metrics: Vec<AlarmMetric> = Vec::new();
        let mut alarms = Vec::new();
        for (name, alarm) in &scaling.alarms {
            let metric = metrics.iter().position(|m| *m == alarm.metric).unwrap_or_else(|| {
                metrics.push(alarm.metric);
                metrics.len() - 1
            });
            alarms.push(Tracker {
                name: name.clone(),
                alarm: alarm.clone(),
                metric,
                state: AlarmState::InsufficientData,
                recent: VecDeque::new(),
            });
        }
        let warm_up = scaling.policies.values().map(|policy| match policy {
            Policy::Step(step) => step.warm_up,
            Policy::Simple(_) => Duration::ZERO,
        });
        Self {
            metrics,
            alarms,
            warm_up: warm_up.max().unwrap_or(Duration::ZERO),
            policies: scaling.policies.iter().map(|(name, policy)| (name.clone(), policy.clone())).collect(),
            min_total: scaling.min_total,
            max_total: scaling.max_total,
        }
    }

    /// The metrics that [`Controller::observe`] wants, in its order.
    pub fn metrics(&self) -> &[AlarmMetric] {
        &self.metrics
    }

    /// Time after entering service during which an instance is not yet warm: the longest of the policies.
    pub fn warm_up(&self) -> Duration {
        self.warm_up
    }

    /// Takes in one period's datapoints (a ratio or seconds; `None` when there is none) and evaluates all alarms.
    pub fn observe(&mut self, datapoints: &[Option<f64>]) -> Vec<AlarmChange> {
        self.alarms.iter_mut().filter_map(|tracker| tracker.observe(datapoints[tracker.metric])).collect()
    }

    /// Decides on the group: first its minimum, then the policies whose alarm stands; of several, the one that leaves the
    /// larger capacity wins (RULES R47).
    pub fn decide(&self, group: &GroupView) -> Decision {
        let (min_on_demand, max_on_demand) = group.on_demand_limits;
        let floor =
            min_on_demand.max((group.on_demand + self.min_total).saturating_sub(group.total)).min(max_on_demand);
        if group.on_demand < floor {
            let why = format!("{} instances are fewer than the minimum", group.total);
            return Decision::Launch { count: floor - group.on_demand, why };
        }
        let proposals = self.policies.iter().filter_map(|(name, policy)| self.propose(name, policy, group));
        // The largest capacity wins; of equal ones the first policy by name, which the strict comparison keeps.
        let best = proposals.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let Some((desired, name, alarm)) = best else { return Decision::Stay };
        let why = || format!("{name}: alarm {} ({})", alarm.name, alarm.describe());
        let desired = desired.clamp(i64::from(floor), i64::from(max_on_demand));
        match desired - i64::from(group.on_demand) {
            0 => Decision::Stay,
            more if more > 0 => Decision::Launch { count: more as u32, why: why() },
            less => Decision::Terminate { count: (-less) as u32, why: why() },
        }
    }

    /// The number of on-demand instances that a policy wants now, with its name and alarm; `None` when it does not want to act.
    fn propose<'a>(&'a self, name: &'a str, policy: &Policy, group: &GroupView) -> Option<(i64, &'a str, &'a Tracker)> {
        let (desired_total, alarm) = match policy {
            Policy::Step(step) => self.propose_step(step, group)?,
            Policy::Simple(simple) => self.propose_simple(simple, group)?,
        };
        let within = if desired_total > i64::from(group.total) {
            desired_total.min(i64::from(self.max_total)).max(i64::from(group.total))
        } else {
            desired_total.max(i64::from(self.min_total)).min(i64::from(group.total))
        };
        let on_demand = i64::from(group.on_demand) + within - i64::from(group.total);
        Some((on_demand, name, alarm))
    }

    fn standing(&self, alarm: &str) -> Option<&Tracker> {
        self.alarms.iter().find(|tracker| tracker.name == alarm && tracker.state == AlarmState::Alarm)
    }

    /// Step scaling counts from the warm total, so that instances on their way are not asked for twice (RULES R48);
    /// it does not scale in while one is on its way.
    fn propose_step(&self, policy: &StepPolicy, group: &GroupView) -> Option<(i64, &Tracker)> {
        let alarm = self.standing(&policy.alarm)?;
        let change = step_change(&policy.steps, alarm.distance()?)?;
        let change = change_in_instances(change, policy.adjust, group.warm_total);
        let total = i64::from(group.total);
        if change >= 0 {
            return Some(((i64::from(group.warm_total) + change).max(total), alarm));
        }
        (!group.activity_in_progress).then_some((total + change, alarm))
    }

    /// Simple scaling waits for the activity to finish and for its cooldown (RULES R46).
    fn propose_simple(&self, policy: &SimplePolicy, group: &GroupView) -> Option<(i64, &Tracker)> {
        let alarm = self.standing(&policy.alarm)?;
        let cooling = group.last_activity_end.is_some_and(|end| group.now < end + policy.cooldown);
        let vetoed = policy.unless_alarm.iter().any(|name| self.standing(name).is_some());
        if group.activity_in_progress || cooling || vetoed {
            return None;
        }
        let change = change_in_instances(policy.change, policy.adjust, group.warm_total);
        Some((i64::from(group.total) + change, alarm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{
        Adjust, CpuStatistic, LatencyStatistic, MetricSettings, MissingData, ScalingTarget, Step, Threshold,
    };

    fn alarm(metric: AlarmMetric, above: Option<Threshold>, below: Option<Threshold>) -> Alarm {
        Alarm {
            metric,
            above,
            below,
            datapoints_to_alarm: 1,
            evaluation_periods: 1,
            treat_missing_data: MissingData::Missing,
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
            activity_in_progress: false,
            last_activity_end: None,
        }
    }

    /// Metrics in the order of first use: CPU, latency.
    fn decide(cpu: f64, latency: f64, group: &GroupView) -> Decision {
        let mut controller = Controller::new(&scaling());
        assert_eq!(controller.metrics().len(), 2);
        controller.observe(&[Some(cpu), Some(latency)]);
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
        assert_eq!(why, "a-out: alarm cpu-high (cpu 0.750; limit above 0.7 in 1 of 1)");
    }
}
