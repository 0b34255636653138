//! Time stamps of trace rows.

use crate::units::Instant;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// The zone of stamps that have no offset.
pub(in crate::input) struct Zone {
    /// `None` is UTC, which needs no table.
    zone: Option<TimeZone>,
    name: String,
}

impl Zone {
    /// A zone by its IANA name.
    pub(in crate::input) fn named(name: &str) -> Result<Self, String> {
        let zone = TimeZone::get(name).map_err(|_| format!("unknown time zone {name:?}"))?;
        Ok(Self { zone: (zone != TimeZone::UTC).then_some(zone), name: name.to_string() })
    }

    /// Nanoseconds since 1970 of a stamp. Of an hour that a clock change repeats, the first that is later than `after`.
    pub(in crate::input) fn read(&self, text: &str, after: Option<i64>) -> Result<i64, String> {
        if let Some(seconds) = unix_seconds(text) {
            return seconds.ok_or_else(|| outside(text));
        }
        let nanos = match CivilStamp::read(text) {
            Some(stamp) => match (&self.zone, stamp.utc) {
                (Some(_), false) => self.civil(stamp.datetime().ok_or_else(|| not_a_time(text))?, text, after)?,
                _ => stamp.nanos(),
            },
            None => match text.parse::<jiff::Timestamp>() {
                Ok(timestamp) => timestamp.as_nanosecond(),
                Err(_) => return Err(not_a_time(text)),
            },
        };
        i64::try_from(nanos).map_err(|_| outside(text))
    }

    /// Nanoseconds since 1970 of a time on the clocks of the zone, as [`Zone::read`].
    pub(super) fn civil(&self, civil: jiff::civil::DateTime, text: &str, after: Option<i64>) -> Result<i128, String> {
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        let nanos = |offset: jiff::tz::Offset| offset.to_timestamp(civil).map(|t| t.as_nanosecond());
        let result = match zone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => nanos(offset),
            AmbiguousOffset::Fold { before, after: later } => match (nanos(before), after) {
                (Ok(first), Some(previous)) if first <= i128::from(previous) => nanos(later),
                (first, _) => first,
            },
            AmbiguousOffset::Gap { .. } => {
                return Err(format!("the time {text:?} does not exist in {}: clocks went forward", self.name));
            }
        };
        result.map_err(|_| outside(text))
    }
}

pub(super) fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

fn not_a_time(text: &str) -> String {
    format!(
        "{:?} is not a time; write `2016-03-07T00:00:00Z`, `2016-03-07 00:00:00` or seconds since 1970",
        shorten(text)
    )
}

pub(super) fn outside(text: &str) -> String {
    format!("the time {:?} lies outside the years 1678 to 2261", shorten(text))
}

/// The instant as a text for messages.
pub(super) fn name(unix_nanos: i64) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(unix_nanos)) {
        Ok(timestamp) => Instant::from(timestamp).to_string(),
        Err(_) => format!("{unix_nanos} ns since 1970"),
    }
}

/// What is wrong when `time` comes after `previous` in a file.
pub(super) fn unsorted(previous: i64, time: i64) -> String {
    format!("the rows are unsorted: {} comes after {}; sort them by time", name(time), name(previous))
}

/// `1400000000` or `1400000000.25` as nanoseconds. `None`: not such a number; `Some(None)`: out of range.
fn unix_seconds(text: &str) -> Option<Option<i64>> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return None;
    }
    let nanos = || {
        let seconds: i64 = whole.parse().ok()?;
        let part: i64 = format!("{:0<9}", &fraction[..fraction.len().min(9)]).parse().ok()?;
        let value = seconds.checked_mul(1_000_000_000)?.checked_add(part)?;
        Some(if negative { -value } else { value })
    };
    Some(nanos())
}

/// A calendar time as written, read without a general parser: traces have a hundred thousand of them.
struct CivilStamp {
    date: (i64, i64, i64),
    time: (i64, i64, i64),
    nanos: i64,
    utc: bool,
}

impl CivilStamp {
    /// `YYYY-MM-DD HH:MM[:SS[.fraction]][Z]`, with a blank or a `T`. `None` for anything else.
    fn read(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| -> Option<i64> {
            let digits = bytes.get(from..to)?;
            digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
        };
        let is = |at: usize, allowed: &[u8]| bytes.get(at).is_some_and(|byte| allowed.contains(byte));
        if !(is(4, b"-") && is(7, b"-") && is(10, b"T t") && is(13, b":")) {
            return None;
        }
        let date = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute) = (number(11, 13)?, number(14, 16)?);
        let mut at = 16;
        let (mut second, mut nanos) = (0, 0);
        if is(at, b":") {
            second = number(17, 19)?;
            at = 19;
            if is(at, b".,") {
                let length = bytes[20..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                if !(1..=9).contains(&length) {
                    return None;
                }
                nanos = number(20, 20 + length)? * 10_i64.pow(9 - length as u32);
                at = 20 + length;
            }
        }
        let utc = is(at, b"Zz");
        let stamp = Self { date, time: (hour, minute, second), nanos, utc };
        (at + usize::from(utc) == bytes.len() && stamp.is_valid()).then_some(stamp)
    }

    fn is_valid(&self) -> bool {
        let (year, month, day) = self.date;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return false,
        };
        (1..=days).contains(&day) && self.time.0 < 24 && self.time.1 < 60 && self.time.2 < 60
    }

    /// Nanoseconds since 1970, taken as UTC (days from civil, H. Hinnant).
    fn nanos(&self) -> i128 {
        let (year, month, day) = self.date;
        let year = if month <= 2 { year - 1 } else { year };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
        let seconds = days * 86_400 + self.time.0 * 3600 + self.time.1 * 60 + self.time.2;
        i128::from(seconds) * 1_000_000_000 + i128::from(self.nanos)
    }

    fn datetime(&self) -> Option<jiff::civil::DateTime> {
        let (year, month, day) = self.date;
        let (hour, minute, second) = self.time;
        let small = |value: i64| value as i8;
        jiff::civil::DateTime::new(
            year as i16,
            small(month),
            small(day),
            small(hour),
            small(minute),
            small(second),
            self.nanos as i32,
        )
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(zone: &str, text: &str) -> Result<i64, String> {
        Zone::named(zone).unwrap().read(text, None)
    }

    #[test]
    fn every_notation_means_the_same_instant() {
        const SECOND: i64 = 1_000_000_000;
        let expected = 1_457_308_800 * SECOND;
        for text in [
            "2016-03-07T00:00:00Z",
            "2016-03-07 00:00:00",
            "2016-03-07 00:00",
            "2016-03-07T01:00:00+01:00",
            "1457308800",
            "1457308800.0",
        ] {
            assert_eq!(read("UTC", text), Ok(expected), "{text}");
        }
        assert_eq!(read("UTC", "2016-03-07 00:00:00.25"), Ok(expected + SECOND / 4));
        assert_eq!(read("UTC", "2000-02-29 00:00"), Ok(951_782_400 * SECOND));
        assert_eq!(read("UTC", "1969-12-31 23:59:59"), Ok(-SECOND));
    }

    #[test]
    fn zones_and_clock_changes_are_respected() {
        assert_eq!(read("America/New_York", "1995-07-01 00:00:00"), read("UTC", "1995-07-01 04:00:00"));
        assert_eq!(read("America/New_York", "1995-07-01T00:00:00Z"), read("UTC", "1995-07-01 00:00:00"));
        let zone = Zone::named("Europe/Berlin").unwrap();
        let first = zone.read("2016-10-30 02:30:00", None).unwrap();
        assert_eq!(zone.read("2016-10-30 02:30:00", Some(first)), Ok(first + 3_600_000_000_000));
        assert!(zone.read("2016-03-27 02:30:00", None).unwrap_err().contains("clocks went forward"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "yesterday", "2016-02-30 00:00", "2016-03-07", "2016-03-07 24:00:00", "1e9", "2016-03-07 00:00:00x"]
        {
            assert!(read("UTC", text).unwrap_err().contains("is not a time"), "{text}");
        }
        assert!(read("UTC", "99999999999999999999").unwrap_err().contains("outside"));
        assert!(read("UTC", "9999-01-01 00:00").unwrap_err().contains("outside"));
    }
}
