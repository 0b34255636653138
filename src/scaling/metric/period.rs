//! Periods of metrics and the windows that alarms look at.

use crate::units::{Duration, SimTime};

/// A stretch of time, from its start up to but not including its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its start.
    pub from: SimTime,
    /// Its end.
    pub until: SimTime,
}

/// The stamp of the datapoint of a period: its start (RULES R74).
pub fn stamp(period: Window) -> SimTime {
    period.from
}

/// What an alarm of `evaluation_periods` periods looks at when it is evaluated at `now`: a window that slides with every evaluation,
/// whatever the boundaries of periods (RULES R70).
pub fn window(now: SimTime, period: Duration, evaluation_periods: u32) -> Window {
    Window { from: now - period.times(i64::from(evaluation_periods)), until: now }
}

/// Time between two evaluations of an alarm: a minute, but 10 s for periods below a minute (RULES R70).
pub fn evaluation_interval(period: Duration) -> Duration {
    Duration::from_secs(if period < Duration::from_secs(60) { 10 } else { 60 })
}

/// Where a query for what lies `age` back begins: rounded down to the minute, to 5 minutes from 15 days on, to the hour beyond 63 days,
/// since older datapoints are kept in longer periods (RULES R74).
pub fn query_start(start: SimTime, age: Duration) -> SimTime {
    let step = if age < Duration::DAY.times(15) {
        60
    } else if age <= Duration::DAY.times(63) {
        300
    } else {
        3600
    };
    start - Duration::from_nanos(start.nanos().rem_euclid(step * 1_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_slide_every_minute() {
        let at = |minute: i64| window(SimTime::from_secs(minute * 60), Duration::from_secs(300), 1).from;
        assert_eq!((at(5), at(6)), (SimTime::START, SimTime::from_secs(60)));
        assert_eq!(evaluation_interval(Duration::from_secs(300)), Duration::from_secs(60));
        assert_eq!(evaluation_interval(Duration::from_secs(30)), Duration::from_secs(10));
    }

    #[test]
    fn queries_begin_where_datapoints_are_kept() {
        let noon = SimTime::from_secs(12 * 3600 + 32 * 60 + 34);
        let rounded = |days: i64| query_start(noon, Duration::DAY.times(days)).since_start().as_secs_f64() / 60.0;
        assert_eq!([rounded(1), rounded(15), rounded(63), rounded(64)], [752.0, 750.0, 750.0, 720.0]);
    }
}
