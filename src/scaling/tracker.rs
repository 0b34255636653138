//! An alarm that is watched: its recent datapoints, its state, and when it acts again.

use super::alarm::{AlarmState, evaluate_alarm, evaluation_range};
use super::metric::enough_samples;
use crate::scenario::{Alarm, AlarmMetric, LatencyStatistic};
use crate::units::{Duration, Instant, SimTime};
use std::collections::VecDeque;

/// An alarm in whose state an action stands repeats it after this time (RULES R71).
const REPEATED_AFTER: Duration = Duration::from_secs(60);

/// One metric's value over one datapoint's length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Datapoint {
    /// A ratio or seconds; `None` when there is none.
    pub value: Option<f64>,
    /// Requests that it was taken from.
    pub samples: u64,
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
pub(super) struct Tracker {
    pub(super) name: String,
    pub(super) alarm: Alarm,
    /// Index of its metric among those that are observed.
    pub(super) metric: usize,
    pub(super) state: AlarmState,
    /// Length of the alarm's datapoints.
    period: Duration,
    /// Published datapoints for one of the alarm's.
    stride: usize,
    /// Datapoints, the latest last; with a stride above one they overlap, and every stride-th counts.
    recent: VecDeque<Option<f64>>,
    /// Datapoints since the last that was missing, and which of them breach: one bit each, the latest the lowest.
    unbroken: u32,
    breaching: u64,
    /// Whether its actions are due: see [`Tracker::take_turn`].
    pub(super) due: bool,
    observed_until: SimTime,
    acted: Option<SimTime>,
}

impl Tracker {
    /// An alarm without data, whose metric is published every `base`.
    pub(super) fn new(name: String, alarm: Alarm, metric: usize, base: Duration) -> Self {
        let period = alarm.period.unwrap_or(base);
        Self {
            name,
            metric,
            state: AlarmState::InsufficientData,
            period,
            stride: (period.nanos() / base.nanos().max(1)).max(1) as usize,
            recent: VecDeque::new(),
            unbroken: 0,
            breaching: 0,
            due: false,
            observed_until: SimTime::START,
            acted: None,
            alarm,
        }
    }

    fn breaches(&self, value: f64) -> bool {
        self.alarm.above.is_some_and(|limit| value > limit.value())
            || self.alarm.below.is_some_and(|limit| value < limit.value())
    }

    /// Takes in the datapoint of the period that ended at `until` and evaluates the alarm; whether its state has changed.
    pub(super) fn observe(&mut self, point: Datapoint, until: SimTime) -> bool {
        let range = evaluation_range(self.alarm.evaluation_periods);
        if self.recent.len() == (range - 1) * self.stride + 1 {
            self.recent.pop_front();
        }
        self.recent.push_back(point.value);
        self.remember_breach(point.value);
        self.observed_until = until;
        if let AlarmMetric::Latency(LatencyStatistic::Percentile(percentile)) = self.alarm.metric
            && point.value.is_some()
            && !enough_samples(self.alarm.low_samples, percentile / 100.0, point.samples)
        {
            return false;
        }
        let state = self.evaluated();
        if state == self.state {
            return false;
        }
        self.state = state;
        self.acted = None;
        true
    }

    fn remember_breach(&mut self, value: Option<f64>) {
        let breaches = value.is_some_and(|value| self.breaches(value));
        self.breaching = self.breaching << 1 | u64::from(breaches);
        self.unbroken = if value.is_some() { self.unbroken.saturating_add(1) } else { 0 };
    }

    fn evaluated(&self) -> AlarmState {
        let (m, n) = (self.alarm.datapoints_to_alarm, self.alarm.evaluation_periods);
        // With N datapoints in a row these alone decide (RULES R72).
        if self.stride == 1 && (1..=64).contains(&n) && self.unbroken >= n {
            let latest = self.breaching << (64 - n);
            return if latest.count_ones() >= m { AlarmState::Alarm } else { AlarmState::Ok };
        }
        let mut points: Vec<Option<bool>> =
            self.recent.iter().rev().step_by(self.stride).map(|v| v.map(|v| self.breaches(v))).collect();
        points.reverse();
        evaluate_alarm(&points, m, n, self.alarm.treat_missing_data, self.state)
    }

    /// What has changed, in words.
    pub(super) fn change(&self, start: Instant) -> AlarmChange {
        AlarmChange { alarm: self.name.clone(), state: self.state, why: self.describe(start) }
    }

    /// Sees whether its actions are due at `now`: when its state is `Alarm`, on the transition and then once a minute. It takes the turn.
    pub(super) fn take_turn(&mut self, now: SimTime) {
        self.due = self.state == AlarmState::Alarm && self.acted.is_none_or(|acted| now - acted >= REPEATED_AFTER);
        if self.due {
            self.acted = Some(now);
        }
    }

    /// The beginning of the latest M datapoints: a breach that raises the alarm at once goes back so far.
    pub(super) fn breaching_since(&self) -> SimTime {
        self.observed_until - self.period.times(i64::from(self.alarm.datapoints_to_alarm))
    }

    pub(super) fn latest(&self) -> Option<f64> {
        self.recent.iter().rev().find_map(|value| *value)
    }

    /// Distance of the latest datapoint beyond the threshold, in the metric's unit.
    pub(super) fn distance(&self) -> Option<f64> {
        let value = self.latest()?;
        match (self.alarm.above, self.alarm.below) {
            (Some(limit), _) => Some(value - limit.value()),
            (None, Some(limit)) => Some(limit.value() - value),
            (None, None) => None,
        }
    }

    /// `cpu 0.830 (limit: above 0.7 in 2 of 3 periods of 1m), seen until 14:02:00 UTC`.
    pub(super) fn describe(&self, start: Instant) -> String {
        let value = match (self.latest(), self.alarm.metric) {
            (None, _) => "no data".to_string(),
            (Some(v), AlarmMetric::Cpu(_)) => format!("cpu {v:.3}"),
            (Some(v), AlarmMetric::Latency(LatencyStatistic::Percentile(p))) => format!("p{p} latency {v:.3} s"),
        };
        let limit = match (self.alarm.above, self.alarm.below) {
            (Some(limit), _) => format!("above {limit}"),
            (None, Some(limit)) => format!("below {limit}"),
            (None, None) => String::new(),
        };
        let (m, n) = (self.alarm.datapoints_to_alarm, self.alarm.evaluation_periods);
        format!("{value} (limit: {limit} in {m} of {n}), seen until {}", clock_time(start, self.observed_until))
    }
}

/// `14:02:00 UTC`.
pub(super) fn clock_time(start: Instant, time: SimTime) -> String {
    (start + time.since_start()).timestamp().strftime("%H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{CpuStatistic, LowSamples, MissingData, Threshold};

    fn alarm(metric: AlarmMetric, period: Option<i64>, low_samples: LowSamples) -> Alarm {
        Alarm {
            metric,
            above: Some(match metric {
                AlarmMetric::Cpu(_) => Threshold::Ratio(0.5),
                AlarmMetric::Latency(_) => Threshold::Time(Duration::from_secs(1)),
            }),
            below: None,
            datapoints_to_alarm: 2,
            evaluation_periods: 2,
            treat_missing_data: MissingData::Missing,
            period: period.map(Duration::from_secs),
            low_samples,
        }
    }

    fn tracker(alarm: Alarm) -> Tracker {
        Tracker::new("a".to_string(), alarm, 0, Duration::from_secs(60))
    }

    /// Two periods of 5 minutes, seen every minute: the window of ten minutes slides.
    #[test]
    fn longer_periods_slide_minute_by_minute() {
        let mut tracker = tracker(alarm(AlarmMetric::Cpu(CpuStatistic::Average), Some(300), LowSamples::Evaluate));
        let mut raised = None;
        for minute in 1..=20i64 {
            // Means over the last five minutes of a metric that is 0 until minute 7 and 1 from then on.
            let value = ((minute - 7).clamp(0, 5) as f64) / 5.0;
            let point = Datapoint { value: Some(value), samples: 1 };
            if tracker.observe(point, SimTime::from_secs(minute * 60)) && tracker.state == AlarmState::Alarm {
                raised = raised.or(Some(minute));
            }
        }
        assert_eq!(raised, Some(15), "at minute 15 the windows 6 to 10 and 11 to 15 have 0.6 and 1");
    }

    #[test]
    fn a_percentile_of_few_requests_keeps_the_state() {
        let latency = AlarmMetric::Latency(LatencyStatistic::Percentile(95.0));
        let slow = |samples| Datapoint { value: Some(9.0), samples };
        let at = SimTime::from_secs;
        let mut ignoring = tracker(alarm(latency, None, LowSamples::Ignore));
        assert!(!ignoring.observe(slow(150), at(60)) && !ignoring.observe(slow(150), at(120)));
        assert!(ignoring.observe(slow(200), at(180)) && ignoring.state == AlarmState::Alarm);
        let mut evaluating = tracker(alarm(latency, None, LowSamples::Evaluate));
        evaluating.observe(slow(1), at(60));
        assert!(evaluating.observe(slow(1), at(120)));
    }

    #[test]
    fn actions_repeat_once_a_minute() {
        let mut tracker = tracker(alarm(AlarmMetric::Cpu(CpuStatistic::Average), None, LowSamples::Evaluate));
        tracker.take_turn(SimTime::START);
        assert!(!tracker.due, "it does not stand yet");
        tracker.state = AlarmState::Alarm;
        let turns = [0, 10, 50, 60, 70, 120].map(|second| {
            tracker.take_turn(SimTime::from_secs(second));
            tracker.due
        });
        assert_eq!(turns, [true, false, false, true, false, true]);
    }

    /// What follows from the latest datapoints is what the rules say of all of them, with gaps and without.
    #[test]
    fn the_short_way_agrees_with_the_rules() {
        let numbers = crate::rng::Stream::new(7, crate::rng::Purpose::Request);
        for (round, (m, n)) in [(1, 1), (2, 3), (3, 3), (5, 5), (2, 10)].into_iter().enumerate() {
            let mut tracker = tracker(Alarm {
                datapoints_to_alarm: m,
                evaluation_periods: n,
                ..alarm(AlarmMetric::Cpu(CpuStatistic::Average), None, LowSamples::Evaluate)
            });
            let (mut all, mut states) = (Vec::new(), [0; 3]);
            for minute in 0..3000u32 {
                let [value, gap] = [0, 1].map(|draw| numbers.uniform(round as u32, u64::from(minute), draw));
                // Few gaps at first, then many.
                let missing = gap < f64::from(minute) / 6000.0;
                let value = (!missing).then_some(value + 0.2 * libm::sin(f64::from(minute) / 20.0));
                all.push(value.map(|value| value > 0.5));
                let before = tracker.state;
                tracker.observe(Datapoint { value, samples: 1 }, SimTime::from_secs(i64::from(minute) * 60));
                let range = &all[all.len().saturating_sub(evaluation_range(n))..];
                assert_eq!(tracker.state, evaluate_alarm(range, m, n, MissingData::Missing, before));
                states[tracker.state as usize] += 1;
            }
            assert!(states[0] > 0 && states[1] > 0, "{m} of {n}: {states:?}");
        }
    }
}
