//! A trace file of which nothing is known: what it holds is seen by its content.

use super::counts::{CountFormat, Counts, parse_counts};
use super::offers::{PriceTable, parse_prices};
use crate::input::source::{FileError, read_whole};
use crate::input::{Diagnostic, Problem};
use crate::trace::{AfterEnd, CountSeries, PriceSeries, StepSeries};
use crate::units::{Duration, Instant, SimTime};
use std::collections::BTreeMap;
use std::path::Path;

/// What a trace file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceContent {
    /// Prices of one or more series.
    Prices(PriceTable),
    /// Numbers of instances.
    Counts(Counts),
}

/// Reads a file of prices or of counts in any notation that is known.
pub fn read_any(file: &Path) -> Result<TraceContent, Diagnostic> {
    let name = file.to_string_lossy();
    let read = || {
        let text = read_whole(Path::new(""), &name)?.text;
        let fail = |line, message| FileError { file: name.to_string(), line, message };
        match parse_prices(&text) {
            Some(table) => table.map(TraceContent::Prices).map_err(|(line, message)| fail(line, message)),
            None => parse_counts(&text).map(TraceContent::Counts).map_err(|error| fail(error.line, error.message)),
        }
    };
    read().map_err(|error| super::alone::diagnostic(&name, &error))
}

impl TraceContent {
    /// The one series of prices whose columns have the values that are asked for, and the instant of [`SimTime::START`].
    pub fn price_series(&self, only: &BTreeMap<String, String>) -> Result<(PriceSeries, Instant), Problem> {
        match self {
            Self::Prices(table) => {
                let records = table.selected(only).map_err(Problem::new)?;
                let end = records.last().map_or(0, |(time, _)| *time);
                on_own_axis(records, end)
            }
            Self::Counts(_) => Err(Problem::new("the file holds numbers of instances, not prices")),
        }
    }

    /// The numbers of instances, and the instant of [`SimTime::START`]: 1970 where the trace has no clock.
    pub fn count_series(&self) -> Result<(CountSeries, Instant), Problem> {
        match self {
            Self::Counts(counts) => on_own_axis(&counts.steps, counts.end),
            Self::Prices(_) => Err(Problem::new("the file holds prices, not numbers of instances")),
        }
    }

    /// The notation in words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Prices(table) => table.words,
            Self::Counts(counts) => counts.format.words(),
        }
    }

    /// Whether the times are instants; else they count from the trace's own beginning.
    pub fn has_clock(&self) -> bool {
        match self {
            Self::Prices(_) => true,
            Self::Counts(counts) => matches!(counts.format, CountFormat::Stamped | CountFormat::Table),
        }
    }
}

/// Records as a series that begins with the first; equal neighbours become one step.
fn on_own_axis<T: Copy + PartialEq>(records: &[(i64, T)], end: i64) -> Result<(StepSeries<T>, Instant), Problem> {
    let first = records.first().map_or(0, |(time, _)| *time);
    let second = Instant::from_unix_seconds(first.div_euclid(1_000_000_000));
    let origin = second.ok_or_else(|| Problem::new("the first record is outside the calendar"))?
        + Duration::from_nanos(first.rem_euclid(1_000_000_000));
    let mut steps: Vec<(SimTime, T)> = Vec::new();
    for (time, value) in records {
        if steps.last().is_none_or(|(_, before)| before != value) {
            steps.push((SimTime::from_nanos(time - first), *value));
        }
    }
    Ok((StepSeries { steps, end: SimTime::from_nanos(end - first), after_end: AfterEnd::Undefined }, origin))
}
