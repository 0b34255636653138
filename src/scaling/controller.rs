//! The controller: remembers datapoints, alarm states and schedules, and decides.

use super::adjust::within_limits;
use super::alarm::AlarmState;
use super::policy::predictive::{Predictor, effective_maximum};
use super::policy::scheduled::{Limits, Schedule, limits_after};
use super::policy::{simple, step, target_tracking};
use super::tracker::{AlarmChange, Tracker, clock_time};
use super::view::{Decision, GroupView, MetricWindow, Observations};
use crate::scenario::{Alarm, Policy, Scaling};
use crate::units::{Duration, Instant, SimTime};

/// A policy with what it has to remember.
#[derive(Debug, Clone)]
struct Standing {
    name: String,
    policy: Policy,
    memory: Memory,
}

#[derive(Debug, Clone)]
enum Memory {
    /// Indices of the alarm that it follows, and of those that forbid it to act.
    Alarm {
        follows: Option<usize>,
        vetoes: Vec<usize>,
    },
    /// Indices of the alarms of target tracking: high and low.
    Alarms([usize; 2]),
    Schedule(Schedule),
    Predictor(Box<Predictor>),
}

/// The size of the group, all pools together, that a policy asks for.
#[derive(Debug, Clone, PartialEq)]
struct Proposal {
    total: i64,
    /// Most instances that it may ask for.
    max: u32,
    /// Whether it is made at this moment only, and not again while an alarm stands.
    once: bool,
    /// When what caused it began.
    since: SimTime,
    why: String,
}

/// Watches the metrics of a group and decides on its on-demand instances.
#[derive(Debug, Clone)]
pub struct Controller {
    start: Instant,
    period: Duration,
    metrics: Vec<MetricWindow>,
    alarms: Vec<Tracker>,
    policies: Vec<Standing>,
    limits: Limits,
    warm_up: Duration,
    /// Whether a policy may act without an alarm, and whether one forecasts.
    follows_clock: bool,
    forecasts: bool,
    /// Memory for what policies ask for, used again.
    proposals: Vec<Proposal>,
    /// Whether it gives reasons.
    explains: bool,
}

impl Controller {
    /// A controller for the alarms and policies of a scenario, all alarms without data, whose time begins at `begin`. Simulated time 0
    /// is `start`: schedules and hours of forecasts follow the real clock.
    pub fn new(scaling: &Scaling, start: Instant, begin: SimTime) -> Self {
        let warm_up = scaling.policies.values().map(|policy| match policy {
            Policy::Step(step) => step.warm_up,
            Policy::TargetTracking(tracking) => tracking.warm_up,
            Policy::Simple(_) | Policy::Scheduled(_) | Policy::Predictive(_) => Duration::ZERO,
        });
        let mut controller = Self {
            start,
            period: scaling.metrics.period,
            metrics: Vec::new(),
            alarms: Vec::new(),
            policies: Vec::new(),
            limits: Limits { min_total: scaling.min_total, max_total: scaling.max_total },
            warm_up: warm_up.max().unwrap_or(Duration::ZERO),
            follows_clock: scaling.policies.values().any(|p| matches!(p, Policy::Scheduled(_) | Policy::Predictive(_))),
            forecasts: scaling.policies.values().any(|p| matches!(p, Policy::Predictive(_))),
            proposals: Vec::new(),
            explains: true,
        };
        for (name, alarm) in &scaling.alarms {
            controller.watch(name.clone(), alarm.clone());
        }
        for (name, policy) in &scaling.policies {
            let memory = match policy {
                Policy::Step(policy) => controller.follow(&policy.alarm, &[]),
                Policy::Simple(policy) => controller.follow(&policy.alarm, &policy.unless_alarm),
                Policy::TargetTracking(tracking) => {
                    let [high, low] = target_tracking::alarms(tracking);
                    let high = controller.watch(format!("{name} (high)"), high);
                    Memory::Alarms([high, controller.watch(format!("{name} (low)"), low)])
                }
                Policy::Scheduled(scheduled) => Memory::Schedule(Schedule::new(scheduled, start, begin)),
                Policy::Predictive(predictive) => Memory::Predictor(Box::new(Predictor::new(*predictive, start))),
            };
            controller.policies.push(Standing { name: name.clone(), policy: policy.clone(), memory });
        }
        controller
    }

    fn follow(&self, alarm: &str, unless: &[String]) -> Memory {
        let index = |name: &str| self.alarms.iter().position(|alarm| alarm.name == name);
        Memory::Alarm { follows: index(alarm), vetoes: unless.iter().filter_map(|name| index(name)).collect() }
    }

    fn watch(&mut self, name: String, alarm: Alarm) -> usize {
        let window = MetricWindow { metric: alarm.metric, period: alarm.period.unwrap_or(self.period) };
        let metric = self.metrics.iter().position(|m| *m == window).unwrap_or_else(|| {
            self.metrics.push(window);
            self.metrics.len() - 1
        });
        self.alarms.push(Tracker::new(name, alarm, metric, self.period));
        self.alarms.len() - 1
    }

    /// The same without reasons: decisions and changes of alarms say nothing of why.
    pub fn without_reasons(mut self) -> Self {
        self.explains = false;
        self
    }

    fn why(&self, words: impl FnOnce() -> String) -> String {
        if self.explains { words() } else { String::new() }
    }

    /// The metrics that [`Controller::observe`] wants, in its order.
    pub fn metrics(&self) -> &[MetricWindow] {
        &self.metrics
    }

    /// Whether it wants to know the load.
    pub fn wants_load(&self) -> bool {
        self.forecasts
    }

    /// Time after entering service during which an instance is not yet warm: the longest of the policies.
    pub fn warm_up(&self) -> Duration {
        self.warm_up
    }

    /// The limits of the group now.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The next instant after `now` at which a decision is wanted whatever is published: a scheduled action, another hour of a forecast.
    pub fn next_time(&self, now: SimTime) -> Option<SimTime> {
        let times = self.policies.iter().filter_map(|standing| match &standing.memory {
            Memory::Schedule(schedule) => schedule.next(),
            Memory::Predictor(predictor) => Some(predictor.next_time(now)),
            Memory::Alarm { .. } | Memory::Alarms(_) => None,
        });
        times.filter(|time| *time > now).min()
    }

    /// Takes in what has been published and evaluates all alarms; returns what has changed, if it gives reasons.
    ///
    /// # Panics
    /// If there are fewer datapoints than [`Controller::metrics`].
    pub fn observe(&mut self, observations: &Observations) -> Vec<AlarmChange> {
        for standing in &mut self.policies {
            if let Memory::Predictor(predictor) = &mut standing.memory {
                predictor.observe(observations.until, self.period, observations.load);
            }
        }
        let Observations { until, datapoints, .. } = observations;
        let (start, explains) = (self.start, self.explains);
        let changes = self.alarms.iter_mut().filter_map(|alarm| {
            let changed = alarm.observe(datapoints[alarm.metric], *until);
            (changed && explains).then(|| alarm.change(start))
        });
        changes.collect()
    }

    /// Decides on the group: first its minimum, then the policies that want to act; of several, the one that leaves the larger capacity
    /// wins (RULES R47).
    pub fn decide(&mut self, group: &GroupView) -> Decision {
        let mut proposals = std::mem::take(&mut self.proposals);
        self.propose_all(group, &mut proposals);
        let decision = self.decide_among(&mut proposals, group);
        self.proposals = proposals;
        decision
    }

    fn decide_among(&self, proposals: &mut Vec<Proposal>, group: &GroupView) -> Decision {
        let (min_on_demand, max_on_demand) = group.on_demand_limits;
        let missing = (group.on_demand + self.limits.min_total).saturating_sub(group.total);
        let floor = min_on_demand.max(missing).min(max_on_demand);
        if group.on_demand < floor {
            let why = self.why(|| format!("{} instances are fewer than the minimum", group.total));
            let minimum = Proposal {
                total: i64::from(group.total + floor - group.on_demand),
                max: u32::MAX,
                once: true,
                since: group.now,
                why,
            };
            // What follows an alarm is looked at again when the minimum is on its way.
            proposals.retain(|proposal| proposal.once);
            proposals.insert(0, minimum);
        }
        let on_demand = |proposal: Proposal| {
            let within = self.within(&proposal, group);
            (i64::from(group.on_demand) + within - i64::from(group.total), proposal)
        };
        // The largest capacity wins; of equal ones the first policy by name, which the strict comparison keeps.
        let best = proposals.drain(..).map(on_demand).reduce(|best, next| if next.0 > best.0 { next } else { best });
        let Some((desired, Proposal { since, why, .. })) = best else { return Decision::Stay };
        let keep = floor.max(group.standing_in.min(group.on_demand));
        let desired = i64::from(within_limits(desired, keep, max_on_demand));
        match desired - i64::from(group.on_demand) {
            0 => Decision::Stay,
            more if more > 0 => Decision::Launch { count: more as u32, since, why },
            less => Decision::Terminate { count: (-less) as u32, why },
        }
    }

    /// A proposal within the limits of the group; they never turn a change around.
    fn within(&self, proposal: &Proposal, group: &GroupView) -> i64 {
        let total = i64::from(group.total);
        if proposal.total > total {
            proposal.total.min(i64::from(proposal.max)).max(total)
        } else {
            proposal.total.max(i64::from(self.limits.min_total)).min(total)
        }
    }

    /// What all policies want now, added to `proposals`.
    fn propose_all(&mut self, group: &GroupView, proposals: &mut Vec<Proposal>) {
        let now = group.now;
        let mut any_due = false;
        for alarm in &mut self.alarms {
            alarm.take_turn(now);
            any_due |= alarm.due;
        }
        // Without on-demand instances there is nothing to decide, whatever alarms say.
        let fixed = group.on_demand == 0 && group.on_demand_limits.1 == 0;
        if !self.follows_clock && (fixed || !any_due) {
            return;
        }
        proposals.extend((0..self.policies.len()).filter_map(|index| match &mut self.policies[index] {
            Standing { policy: Policy::Scheduled(policy), memory: Memory::Schedule(schedule), name } => {
                if !schedule.due(policy, now) {
                    return None;
                }
                self.limits = limits_after(policy, self.limits);
                // An action without a size pulls the group into its new limits.
                let size = policy.desired_total.unwrap_or(group.total);
                let size = within_limits(i64::from(size), self.limits.min_total, self.limits.max_total);
                let words = || format!("{name}: scheduled for {} ({})", clock_time(self.start, now), policy.cron);
                let why = if self.explains { words() } else { String::new() };
                Some(Proposal { total: i64::from(size), max: self.limits.max_total, once: true, since: now, why })
            }
            _ => self.propose(&self.policies[index], group),
        }));
        proposals.extend(self.propose_tracked_in(group));
        // Nothing scales in below what the forecast needs.
        if self.forecasts
            && let Some(forecast) = self.forecast(group)
        {
            proposals.iter_mut().for_each(|proposal| proposal.total = proposal.total.max(forecast.total));
            if forecast.total > i64::from(group.total) {
                proposals.push(forecast);
            }
        }
    }

    /// What a policy that follows an alarm wants now; `None` when it does not want to act. Scale-in by target tracking is apart.
    fn propose(&self, standing: &Standing, group: &GroupView) -> Option<Proposal> {
        let Standing { name, policy, memory } = standing;
        let GroupView { warm_total, total, activity_in_progress: in_progress, .. } = *group;
        let (desired, alarm) = match (policy, memory) {
            (Policy::Step(policy), Memory::Alarm { follows, .. }) => {
                let alarm = self.acting((*follows)?)?;
                (step::propose(policy, alarm.distance()?, warm_total, total, in_progress)?, alarm)
            }
            (Policy::Simple(policy), Memory::Alarm { follows, vetoes }) => {
                let alarm = self.acting((*follows)?)?;
                let vetoed = vetoes.iter().any(|alarm| self.alarms[*alarm].state == AlarmState::Alarm);
                let rested = simple::rested(policy, group.now, in_progress, group.last_activity_end);
                (!vetoed && rested).then(|| (simple::propose(policy, warm_total, total), alarm))?
            }
            (Policy::TargetTracking(policy), Memory::Alarms([high, _])) => {
                let alarm = self.acting(*high)?;
                (target_tracking::propose_out(policy, alarm.latest()?, warm_total, total), alarm)
            }
            _ => return None,
        };
        let why = self.why(|| format!("{name}: alarm {}, {}", alarm.name, alarm.describe(self.start)));
        let since = alarm.breaching_since();
        Some(Proposal { total: desired, max: self.limits.max_total, once: false, since, why })
    }

    /// Target trackers scale in only if all of them that may want to (RULES R47); the largest capacity of theirs.
    fn propose_tracked_in(&self, group: &GroupView) -> Option<Proposal> {
        let mut largest: Option<Proposal> = None;
        for Standing { name, policy, memory } in &self.policies {
            let (Policy::TargetTracking(policy), Memory::Alarms([_, low])) = (policy, memory) else { continue };
            if !policy.scale_in {
                continue;
            }
            let alarm = self.acting(*low)?;
            let total = target_tracking::propose_in(policy, alarm.latest()?, group.total, group.activity_in_progress)?;
            if largest.as_ref().is_none_or(|largest| total > largest.total) {
                let why = self.why(|| format!("{name}: {}", alarm.describe(self.start)));
                let since = alarm.breaching_since();
                largest = Some(Proposal { total, max: self.limits.max_total, once: false, since, why });
            }
        }
        largest
    }

    /// The largest capacity that the forecasts need now.
    fn forecast(&self, group: &GroupView) -> Option<Proposal> {
        let forecasts = self.policies.iter().filter_map(|standing| {
            let (Policy::Predictive(policy), Memory::Predictor(predictor)) = (&standing.policy, &standing.memory)
            else {
                return None;
            };
            let wanted = predictor.wanted(group.now)?;
            let max = effective_maximum(f64::from(wanted.total), self.limits.max_total, policy.above_max);
            let words = || {
                format!(
                    "{}: {:.2} busy instances are forecast for {}, which need {} at cpu {}",
                    standing.name,
                    wanted.load,
                    clock_time(self.start, wanted.hour),
                    wanted.total,
                    policy.target_cpu
                )
            };
            let why = self.why(words);
            Some(Proposal { total: i64::from(wanted.total.min(max)), max, once: true, since: group.now, why })
        });
        forecasts.reduce(|best, next| if next.total > best.total { next } else { best })
    }

    /// The alarm if it stands and its turn has come.
    fn acting(&self, alarm: usize) -> Option<&Tracker> {
        Some(&self.alarms[alarm]).filter(|alarm| alarm.due)
    }
}
