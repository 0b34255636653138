//! A trace file of which nothing is known: what it holds is seen by its content.

use super::advisor::{AdvisorEntry, parse_advisor};
use super::counts::{CountFormat, Counts, parse_counts};
use super::metrics::{Metrics, TableReading, parse_answer, parse_metrics};
use super::offers::{PriceTable, parse_prices};
use crate::input::source::read_whole;
use crate::input::{Diagnostic, Problem};
use crate::trace::{AfterEnd, CountSeries, PriceSeries, StepSeries};
use crate::units::{Instant, SimTime};
use std::collections::BTreeMap;
use std::path::Path;

/// What a trace file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum TraceContent {
    /// Prices of one or more series.
    Prices(PriceTable),
    /// Numbers of instances.
    Counts(Counts),
    /// Metrics of a monitor: requests, CPU, latency.
    Metrics(Metrics),
    /// Bands of interruption: no trace, but what a market's hazard may be.
    Advisor(Vec<AdvisorEntry>),
}

/// Reads a file of prices, counts or metrics in any notation that is known.
pub fn read_any(file: &Path) -> Result<TraceContent, Diagnostic> {
    let name = file.to_string_lossy();
    let read = || {
        let text = read_whole(Path::new(""), &name)?.text;
        if let Some(entries) = parse_advisor(&text) {
            return entries.map(TraceContent::Advisor).map_err(|error| error.of(&name));
        }
        if let Some(metrics) = parse_answer(&text) {
            return metrics.map(TraceContent::Metrics).map_err(|error| error.of(&name));
        }
        if let Some(table) = parse_prices(&text) {
            return table.map(TraceContent::Prices).map_err(|error| error.of(&name));
        }
        // What is neither is told as a file of counts: the notations of a monitor have been ruled out, but for a table.
        let counts = parse_counts(&text);
        let table = counts.is_err().then(|| parse_metrics(&text, &TableReading::default()).ok()).flatten();
        match (counts, table) {
            (Err(_), Some(metrics)) => Ok(TraceContent::Metrics(metrics)),
            (counts, _) => counts.map(TraceContent::Counts).map_err(|error| error.of(&name)),
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
                Ok(on_own_axis(records, end))
            }
            Self::Counts(_) => Err(Problem::new("the file holds numbers of instances, not prices")),
            Self::Metrics(_) => Err(Problem::new("the file holds metrics, not prices")),
            Self::Advisor(_) => Err(Problem::new("the file holds bands of interruption, not prices")),
        }
    }

    /// The numbers of instances, and the instant of [`SimTime::START`]: 1970 where the trace has no clock.
    pub fn count_series(&self) -> Result<(CountSeries, Instant), Problem> {
        match self {
            Self::Counts(counts) => Ok(on_own_axis(&counts.steps, counts.end)),
            Self::Prices(_) => Err(Problem::new("the file holds prices, not numbers of instances")),
            Self::Metrics(_) => Err(Problem::new("the file holds metrics, not numbers of instances")),
            Self::Advisor(_) => Err(Problem::new("the file holds bands of interruption, not numbers of instances")),
        }
    }

    /// The notation in words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Prices(table) => table.words,
            Self::Counts(counts) => counts.format.words(),
            Self::Metrics(metrics) => metrics.notation.words(),
            Self::Advisor(_) => "Spot Instance Advisor",
        }
    }

    /// Whether the times are instants; else they count from the trace's own beginning.
    pub fn has_clock(&self) -> bool {
        match self {
            Self::Prices(_) | Self::Metrics(_) | Self::Advisor(_) => true,
            Self::Counts(counts) => matches!(counts.format, CountFormat::Stamped | CountFormat::Table),
        }
    }
}

/// Records as a series that begins with the first; equal neighbours become one step.
fn on_own_axis<T: Copy + PartialEq>(records: &[(i64, T)], end: i64) -> (StepSeries<T>, Instant) {
    let first = records.first().map_or(0, |(time, _)| *time);
    let origin = Instant::from_unix_nanos(first);
    let mut steps: Vec<(SimTime, T)> = Vec::new();
    for (time, value) in records {
        if steps.last().is_none_or(|(_, before)| before != value) {
            steps.push((SimTime::from_nanos(time - first), *value));
        }
    }
    (StepSeries { steps, end: SimTime::from_nanos(end - first), after_end: AfterEnd::Undefined }, origin)
}
