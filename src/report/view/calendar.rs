//! Simulated time as dates of the report's time zone.

use crate::results::ScenarioRecord;
use crate::units::{Instant, SimTime};
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

/// A mark on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where.
    pub value: f64,
    /// What it says.
    pub label: String,
}

/// The scenario's start and the time zone of labels.
#[derive(Debug, Clone)]
pub struct Calendar {
    start: Instant,
    zone: TimeZone,
    /// The name of the time zone, as reports say it.
    pub zone_name: String,
}

impl Calendar {
    /// The calendar of a scenario; a time zone that is not known falls back to UTC.
    pub fn new(scenario: &ScenarioRecord) -> Self {
        match TimeZone::get(&scenario.report_time_zone) {
            Ok(zone) => Self { start: scenario.start, zone, zone_name: scenario.report_time_zone.clone() },
            Err(_) => Self { start: scenario.start, zone: TimeZone::UTC, zone_name: "UTC".into() },
        }
    }

    fn at(&self, seconds: f64) -> Zoned {
        let nanos = (seconds * 1e9).clamp(-4e18, 4e18) as i64;
        let instant = self.start + SimTime::from_nanos(nanos).since_start();
        instant.timestamp().to_zoned(self.zone.clone())
    }

    fn seconds(&self, time: &Zoned) -> f64 {
        (time.timestamp().as_nanosecond() - self.start.unix_nanos()) as f64 / 1e9
    }

    /// The day: `Mon 7 Mar`.
    pub fn day(&self, seconds: f64) -> String {
        self.at(seconds).strftime("%a %-d %b").to_string()
    }

    /// The day with its year: `7 Mar 2016`.
    pub fn date(&self, seconds: f64) -> String {
        self.at(seconds).strftime("%-d %b %Y").to_string()
    }

    /// Day and minute: `Mon 7 Mar 14:05`.
    pub fn minute(&self, seconds: f64) -> String {
        self.at(seconds).strftime("%a %-d %b %H:%M").to_string()
    }

    /// Marks at each `step` seconds of the clock; midnight names the day.
    pub fn clock_marks(&self, from: f64, to: f64, step: u32) -> Vec<Tick> {
        let mut marks = Vec::new();
        for day in self.midnights(from, to, 1) {
            for second in (0..86_400).step_by(step as usize) {
                let clock = day.checked_add(Span::new().seconds(second)).ok();
                let Some(time) = clock.and_then(|clock| clock.to_zoned(self.zone.clone()).ok()) else { continue };
                let format = if second == 0 { "%a %-d %b" } else { "%H:%M" };
                marks.push(Tick { value: self.seconds(&time), label: time.strftime(format).to_string() });
            }
        }
        inside(marks, from, to)
    }

    /// Marks at the beginnings of days, every `step` of them; with whole weeks, on Mondays.
    pub fn day_marks(&self, from: f64, to: f64, step: i32) -> Vec<Tick> {
        let format = if step >= 28 { "%-d %b %Y" } else { "%a %-d %b" };
        let mark = |day: DateTime| {
            let time = day.to_zoned(self.zone.clone()).ok()?;
            Some(Tick { value: self.seconds(&time), label: time.strftime(format).to_string() })
        };
        inside(self.midnights(from, to, step).into_iter().filter_map(mark).collect(), from, to)
    }

    /// Marks at the beginnings of months, every `step` of them.
    pub fn month_marks(&self, from: f64, to: f64, step: i32) -> Vec<Tick> {
        let first = self.at(from).datetime();
        let Ok(mut month) =
            first.date().first_of_month().with().month(1).build().map(|date| date.to_datetime(Default::default()))
        else {
            return Vec::new();
        };
        let mut marks = Vec::new();
        while marks.len() < 2000 {
            let Ok(time) = month.to_zoned(self.zone.clone()) else { break };
            let value = self.seconds(&time);
            if value > to {
                break;
            }
            marks.push(Tick { value, label: time.strftime("%b %Y").to_string() });
            let Ok(next) = month.checked_add(Span::new().months(step)) else { break };
            month = next;
        }
        inside(marks, from, to)
    }

    /// Local midnights from the day of `from` to that of `to`.
    fn midnights(&self, from: f64, to: f64, step: i32) -> Vec<DateTime> {
        let mut date = self.at(from).date();
        if step % 7 == 0 {
            let since_monday = i32::from(date.weekday().since(Weekday::Monday));
            date = date.checked_sub(Span::new().days(since_monday)).unwrap_or(date);
        }
        let last = self.at(to).date();
        let mut days = Vec::new();
        while date <= last && days.len() < 4000 {
            days.push(date.to_datetime(Default::default()));
            match date.checked_add(Span::new().days(step)) {
                Ok(next) => date = next,
                Err(_) => break,
            }
        }
        days
    }
}

fn inside(marks: Vec<Tick>, from: f64, to: f64) -> Vec<Tick> {
    let air = (to - from) * 1e-9;
    marks.into_iter().filter(|mark| mark.value >= from - air && mark.value <= to + air).collect()
}
