//! Times of scheduled actions: the five fields of cron.

use crate::units::Instant;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Minute, hour, day of month, month and day of week, e.g. `0 8 * * MON-FRI`.
///
/// A field is `*`, a number, a range `a-b`, either with a step `/n`, or several of them with commas; months and days of the week may be
/// named. Days of the week are 0 to 7, both 0 and 7 are Sunday. If day of month and day of week are both given, either is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    either_day: bool,
}

/// Why a text is no such expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no schedule: {reason}; write minute, hour, day of month, month and day of week as in \"0 8 * * MON-FRI\""
)]
pub struct CronError {
    text: String,
    reason: String,
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A schedule that names no day within this many days never comes: 29 February comes within eight years.
const LONGEST_WAIT_DAYS: u32 = 9 * 366;

impl Cron {
    /// The first time at or after `from`, on the clocks of `zone` (an IANA name). `None` if there is none, or no such zone.
    ///
    /// A time that clocks skip in spring comes as much later as they skip; one that comes twice in autumn counts once, the first.
    pub fn next_at_or_after(&self, from: Instant, zone: &str) -> Option<Instant> {
        let zone = TimeZone::get(zone).ok()?;
        let local = from.timestamp().to_zoned(zone.clone()).datetime();
        let mut date = local.date();
        for _ in 0..LONGEST_WAIT_DAYS {
            if self.names(date)
                && let Some(found) = self.times().find_map(|time| instant(date, time, &zone).filter(|at| *at >= from))
            {
                return Some(found);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn names(&self, date: Date) -> bool {
        let day = self.days >> date.day() & 1 == 1;
        let weekday = self.weekdays >> date.weekday().to_sunday_zero_offset() & 1 == 1;
        let month = self.months >> date.month() & 1 == 1;
        month && if self.either_day { day || weekday } else { day && weekday }
    }

    fn times(&self) -> impl Iterator<Item = Time> {
        let set = |bits: u64, until: i8| (0..until).filter(move |bit| bits >> bit & 1 == 1);
        let (hours, minutes) = (self.hours, self.minutes);
        set(hours, 24)
            .flat_map(move |hour| set(minutes, 60).filter_map(move |minute| Time::new(hour, minute, 0, 0).ok()))
    }
}

fn instant(date: Date, time: Time, zone: &TimeZone) -> Option<Instant> {
    let timestamp = zone.to_ambiguous_timestamp(DateTime::from_parts(date, time)).compatible().ok()?;
    Some(Instant::from(timestamp))
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let error = |reason: String| CronError { text: text.chars().take(100).collect(), reason };
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(error(format!("it has {} fields instead of five", fields.len())));
        };
        let field = |name: &str, field: &str, range: (u32, u32), names: &[&str]| {
            bits(field, range, names)
                .map_err(|found| error(format!("the {name} must be from {} to {}, found {found:?}", range.0, range.1)))
        };
        let weekdays = field("day of week", weekday, (0, 7), &WEEKDAYS)?;
        Ok(Self {
            text: fields.join(" "),
            minutes: field("minute", minute, (0, 59), &[])?,
            hours: field("hour", hour, (0, 23), &[])?,
            days: field("day of month", day, (1, 31), &[])?,
            months: field("month", month, (1, 12), &MONTHS)?,
            weekdays: weekdays | weekdays >> 7,
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
        })
    }
}

/// The values of a field as bits; what cannot be read, if it cannot.
fn bits(field: &str, (first, last): (u32, u32), names: &[&str]) -> Result<u64, String> {
    let value = |text: &str| {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|index| index as u32);
        // Months count from one, days of the week from zero.
        let value = named.map(|index| index + first).or_else(|| text.parse().ok());
        value.filter(|value| (first..=last).contains(value)).ok_or_else(|| text.to_string())
    };
    let mut bits = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step = step.parse().ok().filter(|step: &usize| *step > 0 && *step < 64);
                (range, step.ok_or_else(|| part.to_string())?)
            }
            None => (part, 1),
        };
        let (from, until) = match range.split_once('-') {
            _ if range == "*" => (first, last),
            Some((from, until)) => (value(from)?, value(until)?),
            None if part.contains('/') => (value(range)?, last),
            None => (value(range)?, value(range)?),
        };
        if from > until {
            return Err(part.to_string());
        }
        (from..=until).step_by(step).for_each(|value| bits |= 1 << value);
    }
    Ok(bits)
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Cron {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cron {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Cron {
    fn schema_name() -> Cow<'static, str> {
        "Cron".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "minute, hour, day of month, month and day of week, such as \"0 8 * * MON-FRI\"",
            "pattern": r"^\s*(\S+\s+){4}\S+\s*$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, from: &str, zone: &str) -> String {
        let cron: Cron = cron.parse().unwrap();
        cron.next_at_or_after(from.parse().unwrap(), zone).map_or("never".to_string(), |at| at.to_string())
    }

    #[test]
    fn the_next_time_is_found() {
        let monday = "2016-03-07T08:00:00Z";
        assert_eq!(next("0 8 * * MON-FRI", monday, "UTC"), monday, "the moment itself counts");
        assert_eq!(next("0 8 * * 1-5", "2016-03-11T08:00:01Z", "UTC"), "2016-03-14T08:00:00Z");
        assert_eq!(next("*/20 9-10,22 * * *", "2016-03-07T10:41:00Z", "UTC"), "2016-03-07T22:00:00Z");
        assert_eq!(next("30 5 1 feb,AUG *", monday, "UTC"), "2016-08-01T05:30:00Z");
        assert_eq!(next("0 0 13 * fri", monday, "UTC"), "2016-03-11T00:00:00Z", "either day is enough");
        assert_eq!(next("0 0 29 2 *", "2016-03-01T00:00:00Z", "UTC"), "2020-02-29T00:00:00Z");
        assert_eq!(next("0 0 30 2 *", monday, "UTC"), "never");
        assert_eq!(next("0 0 * * 7", monday, "UTC"), "2016-03-13T00:00:00Z");
    }

    #[test]
    fn clocks_of_a_zone_count() {
        assert_eq!(next("0 8 * * *", "2016-03-07T00:00:00Z", "Europe/Berlin"), "2016-03-07T07:00:00Z");
        assert_eq!(next("30 2 * * *", "2016-03-27T00:00:00Z", "Europe/Berlin"), "2016-03-27T01:30:00Z");
        assert_eq!(next("0 8 * * *", "2016-03-07T00:00:00Z", "Atlantis"), "never");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text: &str| text.parse::<Cron>().unwrap_err().to_string();
        assert!(error("0 8 * *").contains("4 fields"));
        assert!(error("0 24 * * *").contains("the hour must be from 0 to 23, found \"24\""));
        assert!(error("0 8 * * MON-SUN").contains("\"MON-SUN\""));
        assert!(error("*/0 8 * * *").contains("minute") && error("a 8 * * *").contains("\"a\""));
    }
}
