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
            observed_until: SimTime::START,
            acted: None,
            alarm,
        }
    }

    fn breaches(&self, value: f64) -> bool {
        self.alarm.above.is_some_and(|limit| value > limit.value())
            || self.alarm.below.is_some_and(|limit| value < limit.value())
    }

    /// Takes in the datapoint of the period that ended at `until` and evaluates the alarm.
    pub(super) fn observe(&mut self, point: Datapoint, until: SimTime, start: Instant) -> Option<AlarmChange> {
        let range = evaluation_range(self.alarm.evaluation_periods);
        if self.recent.len() == (range - 1) * self.stride + 1 {
            self.recent.pop_front();
        }
        self.recent.push_back(point.value);
        self.observed_until = until;
        if let AlarmMetric::Latency(LatencyStatistic::Percentile(percentile)) = self.alarm.metric
            && point.value.is_some()
            && !enough_samples(self.alarm.low_samples, percentile / 100.0, point.samples)
        {
            return None;
        }
        let mut points: Vec<Option<bool>> =
            self.recent.iter().rev().step_by(self.stride).map(|v| v.map(|v| self.breaches(v))).collect();
        points.reverse();
        let (m, n) = (self.alarm.datapoints_to_alarm, self.alarm.evaluation_periods);
        let state = evaluate_alarm(&points, m, n, self.alarm.treat_missing_data, self.state);
        if state == self.state {
            return None;
        }
        self.state = state;
        self.acted = None;
        Some(AlarmChange { alarm: self.name.clone(), state, why: self.describe(start) })
    }

    /// Whether its actions are due at `now`: on the transition, then once a minute. Asking takes the turn.
    pub(super) fn take_turn(&mut self, now: SimTime) -> bool {
        let due = self.acted.is_none_or(|acted| now - acted >= REPEATED_AFTER);
        if due {
            self.acted = Some(now);
        }
        due
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

    fn start() -> Instant {
        "2016-03-07T00:00:00Z".parse().unwrap()
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
            if let Some(change) = tracker.observe(point, SimTime::from_secs(minute * 60), start())
                && change.state == AlarmState::Alarm
            {
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
        assert_eq!(ignoring.observe(slow(150), at(60), start()), None);
        assert_eq!(ignoring.observe(slow(150), at(120), start()), None);
        assert!(ignoring.observe(slow(200), at(180), start()).is_some_and(|change| change.state == AlarmState::Alarm));
        let mut evaluating = tracker(alarm(latency, None, LowSamples::Evaluate));
        evaluating.observe(slow(1), at(60), start());
        assert!(evaluating.observe(slow(1), at(120), start()).is_some());
    }

    #[test]
    fn actions_repeat_once_a_minute() {
        let mut tracker = tracker(alarm(AlarmMetric::Cpu(CpuStatistic::Average), None, LowSamples::Evaluate));
        let turns = [0, 10, 50, 60, 70, 120].map(|second| tracker.take_turn(SimTime::from_secs(second)));
        assert_eq!(turns, [true, false, false, true, false, true]);
    }
}
