//! Numbers of instances over time, in every notation in which they are published.
//!
//! [`parse_counts`] is pure: a text in, counts out. The notation is recognised by the content.

mod formats;
#[cfg(test)]
mod tests;

use super::stamp;

/// The notation of a file of counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountFormat {
    /// `{"metadata": {"gap_seconds": 150}, "data": [4, 4, 0]}`: one value a tick.
    Ticks,
    /// `start_s,available,length_s`: how long each value held.
    Lengths,
    /// `0.030,9`: hours since the beginning and a count; two rows with the same time are the corners of a step.
    Hours,
    /// `480000,add,node1`: milliseconds, `add` or `remove`, and the name of a node.
    Nodes,
    /// `2021-12-11, 11:11:30, 55`: date, time and count, in any order.
    Stamped,
    /// `time,instances`: an instant and a count, as `fleetmix trace convert` writes it.
    Table,
}

impl CountFormat {
    /// The notation in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ticks => "JSON ticks: one count every so many seconds",
            Self::Lengths => "counts and how long each held",
            Self::Hours => "hours since the beginning with counts",
            Self::Nodes => "nodes added and removed, in milliseconds",
            Self::Stamped => "counts with date and time",
            Self::Table => "a table of times and counts",
        }
    }
}

/// Counts of instances as they stand in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// The notation that was found.
    pub format: CountFormat,
    /// Nanoseconds since 1970, or since the beginning where the notation has no clock, strictly rising; and the count from then on.
    pub steps: Vec<(i64, u32)>,
    /// Where the last count ends; the last row's time where the notation does not say.
    pub end: i64,
    /// Rows that were read.
    pub rows: u64,
    /// What was strange about the rows and how it was understood.
    pub remarks: Vec<String>,
}

/// Why a text holds no counts, and the line where that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CountError {
    /// Line, from 1; of a JSON text where the parser stopped.
    pub line: Option<u64>,
    /// What is wrong.
    pub message: String,
}

impl CountError {
    fn new(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }

    fn at(line: u64, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(message) }
    }
}

/// Reads counts of instances in whatever notation `text` has.
pub fn parse_counts(text: &str) -> Result<Counts, CountError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let format = detect(text).ok_or_else(|| {
        CountError::new(
            "these are no counts of instances that are known: JSON with `gap_seconds` and `data`, or rows like \
             `start_s,available,length_s`, `0.030,9`, `480000,add,node1`, `2021-12-11, 11:11:30, 55` or `time,instances`",
        )
    })?;
    let counts = match format {
        CountFormat::Ticks => formats::ticks(text),
        CountFormat::Lengths => formats::lengths(text),
        CountFormat::Hours => formats::hours(text),
        CountFormat::Nodes => formats::nodes(text),
        CountFormat::Stamped => formats::stamped(text),
        CountFormat::Table => formats::table(text),
    }?;
    if counts.steps.is_empty() {
        return Err(CountError::new("there is not a single count"));
    }
    Ok(counts)
}

/// The notation, by the first character or the first line.
fn detect(text: &str) -> Option<CountFormat> {
    if text.trim_start().starts_with('{') {
        return Some(CountFormat::Ticks);
    }
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let fields: Vec<&str> = first.split(',').map(str::trim).collect();
    match fields[..] {
        ["start_s", "available", "length_s"] => Some(CountFormat::Lengths),
        ["time", "instances"] => Some(CountFormat::Table),
        [_, "add" | "remove", _] => Some(CountFormat::Nodes),
        [date, _, _] if date.len() == 10 && date.as_bytes()[4] == b'-' => Some(CountFormat::Stamped),
        [time, count] if time.parse::<f64>().is_ok() && count.parse::<f64>().is_ok() => Some(CountFormat::Hours),
        _ => None,
    }
}
