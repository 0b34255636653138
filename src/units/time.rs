//! Simulated time, durations, calendar instants and contract terms.

use super::UnitError;
use super::text::{decimal_to_nano, split_number, string_unit};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::str::FromStr;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// Hours of a month, as bills and offers count them: a twelfth of 8760.
pub const MONTH_HOURS: f64 = 730.0;

/// Seconds of such a month.
pub const MONTH_SECONDS: f64 = MONTH_HOURS * 3600.0;

/// A span of time in whole nanoseconds (±292 years).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(i64);

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);
    /// One hour.
    pub const HOUR: Duration = Duration::from_secs(3600);
    /// One day of 24 hours.
    pub const DAY: Duration = Duration::from_secs(86_400);

    /// A span of whole seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * NANOS_PER_SECOND)
    }

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis * 1_000_000)
    }

    /// A span of whole nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The span nearest to `seconds`, rounded to whole milliseconds: the grain of drawn boot and fulfilment times.
    pub fn from_secs_f64_rounded_to_millis(seconds: f64) -> Self {
        Self::from_millis((seconds * 1e3).round_ties_even() as i64)
    }

    /// The span in nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The span in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }

    /// The span in hours.
    pub fn as_hours_f64(self) -> f64 {
        self.as_secs_f64() / 3600.0
    }

    /// Whether the span is longer than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The smallest multiple of `step` that is not below this span.
    ///
    /// # Panics
    /// If `step` is not positive.
    pub fn rounded_up_to(self, step: Duration) -> Duration {
        assert!(step.is_positive(), "the step must be positive");
        let steps = self.0.div_euclid(step.0) + i64::from(self.0.rem_euclid(step.0) != 0);
        Self(steps * step.0)
    }

    /// This span `count` times; the longest there is if that is longer.
    pub const fn times(self, count: i64) -> Duration {
        Self(self.0 * count)
    }
}

impl Add for Duration {
    type Output = Duration;
    fn add(self, other: Duration) -> Duration {
        Duration(self.0 + other.0)
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, other: Duration) {
        self.0 += other.0;
    }
}

impl SubAssign for Duration {
    fn sub_assign(&mut self, other: Duration) {
        self.0 -= other.0;
    }
}

impl Sub for Duration {
    type Output = Duration;
    fn sub(self, other: Duration) -> Duration {
        Duration(self.0 - other.0)
    }
}

impl Sum for Duration {
    fn sum<I: Iterator<Item = Duration>>(spans: I) -> Duration {
        spans.fold(Duration::ZERO, Add::add)
    }
}

const UNITS: [(&str, i64); 6] = [
    ("ms", 1_000_000),
    ("us", 1_000),
    ("s", NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("h", 3_600 * NANOS_PER_SECOND),
    ("d", 86_400 * NANOS_PER_SECOND),
];

impl FromStr for Duration {
    type Err = UnitError;

    /// Reads `"250ms"`, `"1h30m"`, `"7d"`. Units: `us ms s m h d`, a day being 24 hours; no months or years.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let error = || UnitError::new(text, "a duration", "1h30m");
        let mut rest = text.trim();
        let mut total: i128 = 0;
        if rest.is_empty() {
            return Err(error());
        }
        while !rest.is_empty() {
            let (number, tail) = split_number(rest);
            let unit_end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let unit = &tail[..unit_end];
            let value = decimal_to_nano(number).ok_or_else(error)?;
            let Some((_, nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
                return Err(error().hint(if unit.is_empty() {
                    "the unit is missing; allowed: us, ms, s, m, h, d".to_string()
                } else {
                    format!("unknown unit {unit:?}; allowed: us, ms, s, m, h, d")
                }));
            };
            let product = value.checked_mul(i128::from(*nanos)).ok_or_else(|| error().hint("too long"))?;
            total += product / 1_000_000_000;
            rest = tail[unit_end..].trim_start();
        }
        i64::try_from(total)
            .ok()
            .filter(|nanos| nanos.unsigned_abs() < i64::MAX as u64 / 4)
            .map(Duration)
            .ok_or_else(|| error().hint("longer than 73 years"))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.0.unsigned_abs();
        for (name, nanos) in [
            ("d", 86_400_000_000_000u64),
            ("h", 3_600_000_000_000),
            ("m", 60_000_000_000),
            ("s", 1_000_000_000),
            ("ms", 1_000_000),
            ("us", 1_000),
        ] {
            if rest >= nanos {
                write!(f, "{}{name}", rest / nanos)?;
                rest %= nanos;
            }
        }
        Ok(())
    }
}

string_unit!(
    Duration,
    "Duration",
    "a duration such as \"250ms\", \"1h30m\" or \"7d\" (units us, ms, s, m, h, d)",
    "^([0-9]*\\.?[0-9]+ *(us|ms|s|m|h|d) *)+$"
);

/// A point of simulated time: nanoseconds since the scenario's start (negative during the warm-up).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(i64);

impl SimTime {
    /// The scenario's start.
    pub const START: SimTime = SimTime(0);
    /// Later than everything.
    pub const NEVER: SimTime = SimTime(i64::MAX);

    /// The instant `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The instant `seconds` after the start.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * NANOS_PER_SECOND)
    }

    /// Nanoseconds since the start.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the start; infinite for [`SimTime::NEVER`].
    pub fn as_secs_f64(self) -> f64 {
        if self == Self::NEVER { f64::INFINITY } else { self.0 as f64 / NANOS_PER_SECOND as f64 }
    }

    /// The time since the start.
    pub const fn since_start(self) -> Duration {
        Duration(self.0)
    }
}

impl Add<Duration> for SimTime {
    type Output = SimTime;
    fn add(self, span: Duration) -> SimTime {
        SimTime(self.0.saturating_add(span.0))
    }
}

impl Sub<Duration> for SimTime {
    type Output = SimTime;
    fn sub(self, span: Duration) -> SimTime {
        SimTime(self.0.saturating_sub(span.0))
    }
}

impl Sub for SimTime {
    type Output = Duration;
    fn sub(self, earlier: SimTime) -> Duration {
        Duration(self.0 - earlier.0)
    }
}

/// A real instant of the calendar (UTC), e.g. `2016-03-07T00:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(jiff::Timestamp);

impl Instant {
    /// The instant `seconds` after 1970-01-01T00:00:00Z, `None` outside the years -9999..9999.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().map(Self)
    }

    /// The instant `nanos` nanoseconds after 1970-01-01T00:00:00Z.
    pub fn from_unix_nanos(nanos: i64) -> Self {
        let stamp = jiff::Timestamp::from_nanosecond(nanos.into());
        Self(stamp.expect("so many nanoseconds lie within the years 1677 to 2262"))
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub fn unix_nanos(self) -> i128 {
        self.0.as_nanosecond()
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// The underlying timestamp, for calendar arithmetic and labels.
    pub fn timestamp(self) -> jiff::Timestamp {
        self.0
    }
}

impl From<jiff::Timestamp> for Instant {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    /// Saturates at the ends of the calendar (years -9999 and 9999).
    fn add(self, span: Duration) -> Instant {
        Instant(self.0.saturating_add(jiff::SignedDuration::from_nanos(span.0)).unwrap_or(self.0))
    }
}

impl FromStr for Instant {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        text.parse().map(Self).map_err(|_| {
            let error = UnitError::new(text, "an instant with its offset from UTC", "2016-03-07T00:00:00Z");
            match text.parse::<jiff::civil::DateTime>() {
                Ok(_) => error.hint("the offset is missing; end it with Z for UTC"),
                Err(_) => error,
            }
        })
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

string_unit!(
    Instant,
    "Instant",
    "an instant such as \"2016-03-07T00:00:00Z\"",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"
);

/// The length of a commitment. A year is 365 days: 31,536,000 s (RULES R20: no leap days).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// One year.
    OneYear,
    /// Three years.
    ThreeYears,
}

impl Term {
    /// How long the commitment lasts.
    pub const fn duration(self) -> Duration {
        match self {
            Term::OneYear => Duration::from_secs(31_536_000),
            Term::ThreeYears => Duration::from_secs(94_608_000),
        }
    }
}

impl FromStr for Term {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        match text {
            "1y" => Ok(Term::OneYear),
            "3y" => Ok(Term::ThreeYears),
            _ => Err(UnitError::new(text, "a term (\"1y\" or \"3y\")", "1y")),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Term::OneYear => "1y",
            Term::ThreeYears => "3y",
        })
    }
}

string_unit!(Term, "Term", "the term of a commitment, \"1y\" or \"3y\"", "^[13]y$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        let read = |text: &str| text.parse::<Duration>().unwrap();
        assert_eq!(read("250ms"), Duration::from_millis(250));
        assert_eq!(read("1h30m"), Duration::from_secs(5400));
        assert_eq!(read("1.5h"), Duration::from_secs(5400));
        assert_eq!(read("7d").to_string(), "7d");
        assert_eq!(read("90s").to_string(), "1m30s");
        assert_eq!(Duration::ZERO.to_string(), "0s");
    }

    #[test]
    fn wrong_durations_say_what_is_wrong() {
        let error = |text: &str| text.parse::<Duration>().unwrap_err().to_string();
        assert!(error("250").contains("the unit is missing"));
        assert!(error("3 weeks").contains("unknown unit \"weeks\""));
        assert!(error("").contains("a duration"));
        assert!(error("999999999999d").contains("longer"));
        assert!("1e30s".parse::<Duration>().is_err());
    }

    #[test]
    fn instants_need_an_offset() {
        let error = "2016-03-07T00:00:00".parse::<Instant>().unwrap_err().to_string();
        assert!(error.contains("Z for UTC"), "{error}");
        let instant: Instant = "2016-03-07T00:00:00Z".parse().unwrap();
        assert_eq!((instant + Duration::DAY).to_string(), "2016-03-08T00:00:00Z");
    }

    #[test]
    fn rounding_up_counts_started_hours() {
        assert_eq!(Duration::from_secs(3601).rounded_up_to(Duration::HOUR), Duration::from_secs(7200));
        assert_eq!(Duration::from_secs(3600).rounded_up_to(Duration::HOUR), Duration::HOUR);
    }
}
