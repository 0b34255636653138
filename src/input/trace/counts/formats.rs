//! The notations, one function each.

use super::stamp::{self, Zone};
use super::{CountError, CountFormat, Counts};
use crate::input::trace::MAX_ROWS;
use serde::Deserialize;
use std::collections::HashSet;

const SECOND: f64 = 1e9;
/// Times of a trace without a clock are at most this many nanoseconds: 70 years.
const LONGEST: f64 = 70.0 * 366.0 * 86_400.0 * SECOND;

/// Steps as they are read: of rows with the same time the last one counts.
struct Steps {
    format: CountFormat,
    steps: Vec<(i64, u32)>,
    last: i64,
    rows: u64,
}

impl Steps {
    fn new(format: CountFormat) -> Self {
        Self { format, steps: Vec::new(), last: 0, rows: 0 }
    }

    fn add(&mut self, line: u64, time: i64, count: u32) -> Result<(), CountError> {
        if self.rows > 0 && time < self.last {
            return Err(CountError::at(line, "the rows are unsorted: a time is before that of the row above"));
        }
        self.rows += 1;
        if self.rows > MAX_ROWS {
            return Err(CountError::at(line, format!("a trace has at most {MAX_ROWS} rows")));
        }
        self.last = time;
        if self.steps.last().is_some_and(|(before, _)| *before == time) {
            self.steps.pop();
        }
        if self.steps.last().is_none_or(|(_, before)| *before != count) {
            self.steps.push((time, count));
        }
        Ok(())
    }

    fn finish(self, end: i64, remarks: Vec<String>) -> Counts {
        Counts { format: self.format, steps: self.steps, end: end.max(self.last), rows: self.rows, remarks }
    }
}

#[derive(Deserialize)]
struct TickFile {
    metadata: TickMetadata,
    data: Vec<f64>,
}

#[derive(Deserialize)]
struct TickMetadata {
    gap_seconds: f64,
}

pub(super) fn ticks(text: &str) -> Result<Counts, CountError> {
    let file: TickFile = serde_json::from_str(text).map_err(|error| {
        CountError::at(error.line() as u64, format!("not {{\"metadata\": {{\"gap_seconds\"}}, \"data\"}}: {error}"))
    })?;
    let gap = file.metadata.gap_seconds * SECOND;
    let total = gap * file.data.len() as f64;
    if !(gap >= 1.0 && total <= LONGEST) {
        let message = "`gap_seconds` must be above 0, and the trace no longer than 70 years";
        return Err(CountError::new(format!("{message}, found {}", file.metadata.gap_seconds)));
    }
    let mut steps = Steps::new(CountFormat::Ticks);
    for (index, value) in file.data.iter().enumerate() {
        let count = whole(*value).map_err(|message| CountError::new(format!("data[{index}]: {message}")))?;
        steps.add(1, (index as f64 * gap).round() as i64, count)?;
    }
    Ok(steps.finish(total.round() as i64, Vec::new()))
}

pub(super) fn lengths(text: &str) -> Result<Counts, CountError> {
    let mut steps = Steps::new(CountFormat::Lengths);
    let mut end = 0;
    for (line, [start, available, length]) in rows::<3>(text)?.skip(1) {
        let at = |message| CountError::at(line, message);
        let (start, length) = (time(start, SECOND).map_err(at)?, time(length, SECOND).map_err(at)?);
        if steps.rows > 0 && start != end {
            return Err(at(
                "the row does not begin where the row above ends: `start_s` is its `start_s` + `length_s`".into()
            ));
        }
        steps.add(line, start, number(available).and_then(whole).map_err(at)?)?;
        end = start.saturating_add(length);
    }
    Ok(steps.finish(end, Vec::new()))
}

pub(super) fn hours(text: &str) -> Result<Counts, CountError> {
    let mut steps = Steps::new(CountFormat::Hours);
    for (line, [hours, count]) in rows::<2>(text)? {
        let at = |message| CountError::at(line, message);
        steps.add(line, time(hours, 3600.0 * SECOND).map_err(at)?, number(count).and_then(whole).map_err(at)?)?;
    }
    Ok(steps.finish(0, Vec::new()))
}

pub(super) fn nodes(text: &str) -> Result<Counts, CountError> {
    let mut steps = Steps::new(CountFormat::Nodes);
    let mut live = HashSet::new();
    for (line, [milliseconds, what, node]) in rows::<3>(text)? {
        let at = |message: String| CountError::at(line, message);
        let time = time(milliseconds, 1e6).map_err(at)?;
        let name = || node.chars().take(60).collect::<String>();
        match what {
            "add" if !live.insert(node) => return Err(at(format!("{} is added but is there already", name()))),
            "remove" if !live.remove(node) => return Err(at(format!("{} is removed but was not there", name()))),
            "add" | "remove" => {}
            _ => return Err(at("the second field is `add` or `remove`".into())),
        }
        if steps.rows == 0 && time > 0 {
            steps.add(line, 0, 0)?;
            steps.rows = 0;
        }
        steps.add(line, time, live.len() as u32)?;
    }
    Ok(steps.finish(0, Vec::new()))
}

pub(super) fn stamped(text: &str) -> Result<Counts, CountError> {
    let zone = Zone::named("UTC").map_err(CountError::new)?;
    let mut found = Vec::new();
    for (line, [date, time, count]) in rows::<3>(text)? {
        let at = |message| CountError::at(line, message);
        let nanos = zone.read(&format!("{date} {time}"), None).map_err(at)?;
        found.push((nanos, line, number(count).and_then(whole).map_err(at)?));
    }
    let back = found.windows(2).filter(|pair| pair[1].0 < pair[0].0).count();
    found.sort_by_key(|(nanos, line, _)| (*nanos, *line));
    let twice = found.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
    let mut steps = Steps::new(CountFormat::Stamped);
    for (nanos, line, count) in &found {
        steps.add(*line, *nanos, *count)?;
    }
    let mut remarks = Vec::new();
    if back > 0 {
        remarks.push(format!("rows go back in time {back} times; they were sorted"));
    }
    if twice > 0 {
        remarks.push(format!("{twice} rows repeat a time; of these the last in the file counts"));
    }
    Ok(steps.finish(0, remarks))
}

pub(super) fn table(text: &str) -> Result<Counts, CountError> {
    let zone = Zone::named("UTC").map_err(CountError::new)?;
    let mut steps = Steps::new(CountFormat::Table);
    let mut previous = None;
    for (line, [time, count]) in rows::<2>(text)?.skip(1) {
        let at = |message| CountError::at(line, message);
        let nanos = zone.read(time, None).map_err(at)?;
        if let Some(before) = previous.filter(|before| nanos < *before) {
            return Err(at(stamp::unsorted(before, nanos)));
        }
        previous = Some(nanos);
        steps.add(line, nanos, number(count).and_then(whole).map_err(at)?)?;
    }
    Ok(steps.finish(0, Vec::new()))
}

/// Number and `N` fields of each line that is not empty.
fn rows<const N: usize>(text: &str) -> Result<std::vec::IntoIter<(u64, [&str; N])>, CountError> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let mut found = Vec::new();
    for (number, line) in lines {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let fields: [&str; N] = fields.try_into().map_err(|fields: Vec<&str>| {
            CountError::at(number, format!("{} fields where {N} are expected", fields.len()))
        })?;
        found.push((number, fields));
    }
    Ok(found.into_iter())
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("{:?} is not a number", text.chars().take(60).collect::<String>()))
}

/// A time in a unit of `nanos` nanoseconds.
fn time(text: &str, nanos: f64) -> Result<i64, String> {
    let value = number(text)? * nanos;
    if (0.0..=LONGEST).contains(&value) {
        return Ok(value.round() as i64);
    }
    Err(format!("a time is at least 0 and at most 70 years, found {text}"))
}

fn whole(value: f64) -> Result<u32, String> {
    const MOST: f64 = 1e9;
    if value.fract() == 0.0 && (0.0..=MOST).contains(&value) {
        return Ok(value as u32);
    }
    Err(format!("a count is a whole number from 0 to {MOST}, found {value}"))
}
