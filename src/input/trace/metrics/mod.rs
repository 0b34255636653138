//! Metrics as monitors hand them out: requests, CPU or latency over time, of several things in one file and in any order.
//!
//! A notation is a file here that turns a text into records; they are put together in one place.

mod cloudwatch;
mod demand;
mod grid;
mod joined;
mod prometheus;
mod table;
#[cfg(test)]
mod tests;

pub use demand::{DemandMetric, Meaning};
pub use grid::EvenSeries;
pub use joined::{Quantity, measured};
pub use table::TableReading;

use super::{TextError, stamps};
use crate::input::source::{FileError, read_whole};
use crate::input::{Diagnostic, Source};
use crate::scenario::{MetricSelection, suggestion};
use crate::units::Duration;
use std::collections::BTreeMap;
use std::path::Path;

/// The notation of a file of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricNotation {
    /// `aws cloudwatch get-metric-statistics` (RULES R75): stamped with the start of its period.
    CloudWatchStatistics,
    /// `aws cloudwatch get-metric-data` (RULES R76): stamped with the start of its period.
    CloudWatchData,
    /// Prometheus `query_range` (RULES R90): functions of ranges look back, so a value stands for the step that ends at its stamp.
    Prometheus,
    /// Rows with columns.
    Table,
}

impl MetricNotation {
    /// The notation in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::CloudWatchStatistics => "CloudWatch statistics (JSON of get-metric-statistics)",
            Self::CloudWatchData => "CloudWatch metric data (JSON of get-metric-data)",
            Self::Prometheus => "Prometheus range query (JSON)",
            Self::Table => "a table of metrics",
        }
    }
}

/// One metric of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSeries {
    /// What tells it apart from the others of the file.
    pub labels: BTreeMap<String, String>,
    /// Nanoseconds since 1970, strictly rising, and the value: a finite number.
    pub samples: Vec<(i64, f64)>,
}

/// All metrics of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// The notation that was found.
    pub notation: MetricNotation,
    /// The series, in order of their labels.
    pub series: Vec<MetricSeries>,
    /// Records that were read.
    pub rows: u64,
    /// What was found out about the file, or strange and how it was understood.
    pub remarks: Vec<String>,
}

/// A record: the labels of its series, its time and its value.
type Record = (BTreeMap<String, String>, i64, f64);

impl Metrics {
    /// Records in any order, put together. Of several values for one time the last one in the file counts.
    fn new(notation: MetricNotation, records: Vec<Record>, mut remarks: Vec<String>) -> Result<Self, TextError> {
        let rows = records.len() as u64;
        let mut missing = 0;
        let mut series: BTreeMap<BTreeMap<String, String>, Vec<(i64, f64)>> = BTreeMap::new();
        for (labels, time, value) in records {
            let samples = series.entry(labels).or_default();
            if value.is_finite() {
                samples.push((time, value));
            } else {
                missing += 1;
            }
        }
        series.retain(|_, samples| !samples.is_empty());
        if series.is_empty() {
            return Err(TextError::new("there is not a single value"));
        }
        if missing > 0 {
            remarks.push(format!("{missing} samples are no number (NaN, infinite or empty): they count as missing"));
        }
        let mut unsorted = false;
        let mut contradicted = 0;
        for samples in series.values_mut() {
            unsorted |= samples.windows(2).any(|pair| pair[1].0 < pair[0].0);
            samples.sort_by_key(|(time, _)| *time);
            contradicted += samples.windows(2).filter(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1).count();
            let mut kept: Vec<(i64, f64)> = Vec::with_capacity(samples.len());
            for sample in samples.drain(..) {
                match kept.last_mut() {
                    Some(last) if last.0 == sample.0 => *last = sample,
                    _ => kept.push(sample),
                }
            }
            *samples = kept;
        }
        if unsorted {
            remarks.push("the samples were not in order of time and have been sorted".to_string());
        }
        if contradicted > 0 {
            remarks.push(format!("{contradicted} times have two different values: the later one in the file is used"));
        }
        let series = series.into_iter().map(|(labels, samples)| MetricSeries { labels, samples }).collect();
        Ok(Self { notation, series, rows, remarks })
    }

    /// The one series whose labels have the values that are asked for.
    pub fn select(&self, only: &BTreeMap<String, String>) -> Result<&MetricSeries, String> {
        let names = || self.series.iter().flat_map(|series| series.labels.keys().map(String::as_str));
        if let Some(unknown) = only.keys().find(|name| !names().any(|known| known == *name)) {
            let mut known: Vec<&str> = names().collect();
            known.sort_unstable();
            known.dedup();
            return Err(format!("nothing is called `{unknown}` here{}", suggestion(unknown, known, "the file has")));
        }
        let fits = |series: &&MetricSeries| only.iter().all(|(name, value)| series.labels.get(name) == Some(value));
        let found: Vec<&MetricSeries> = self.series.iter().filter(fits).collect();
        match found[..] {
            [series] => Ok(series),
            [] => Err(format!("no series is what is asked for; there are {}", listed(self.series.iter()))),
            _ => Err(format!("{} series fit: choose one of {}", found.len(), listed(found.iter().copied()))),
        }
    }
}

impl MetricSeries {
    /// Its labels, as they can be asked for.
    pub fn name(&self) -> String {
        let words: Vec<String> = self.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if words.is_empty() { "values".to_string() } else { words.join(" ") }
    }
}

/// How many series are listed in a message.
const MOST_LISTED: usize = 12;

fn listed<'a>(series: impl Iterator<Item = &'a MetricSeries>) -> String {
    let all: Vec<String> = series.map(|series| format!("`{}`", series.name())).collect();
    let mut text = all[..all.len().min(MOST_LISTED)].join(", ");
    if all.len() > MOST_LISTED {
        text += &format!(" and {} more", all.len() - MOST_LISTED);
    }
    text
}

/// The metrics of a text in JSON; `None` if it is no answer of a monitor.
pub(super) fn parse_answer(text: &str) -> Option<Result<Metrics, TextError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    if text.contains("\"Datapoints\"") {
        Some(cloudwatch::statistics(text))
    } else if text.contains("\"MetricDataResults\"") {
        Some(cloudwatch::data(text))
    } else if text.contains("\"resultType\"") || text.contains("\"errorType\"") {
        Some(prometheus::parse(text))
    } else {
        None
    }
}

/// The metrics of a text in whatever notation it has; `reading` says how columns of a table are understood.
pub fn parse_metrics(text: &str, reading: &TableReading) -> Result<Metrics, TextError> {
    match parse_answer(text) {
        Some(metrics) => metrics,
        None if text.trim_start().starts_with(['{', '[']) => Err(TextError::new(
            "this JSON is no answer of get-metric-statistics, get-metric-data or a Prometheus range query",
        )),
        None => table::parse(text, reading),
    }
}

/// Reads a file of metrics.
pub fn read_metrics(file: &Path, reading: &TableReading) -> Result<Metrics, Diagnostic> {
    let name = file.to_string_lossy();
    let read = || parse_metrics(&read_whole(Path::new(""), &name)?.text, reading).map_err(|error| error.of(&name));
    read().map_err(|error| super::alone::diagnostic(&name, &error))
}

/// The series that a trace of a scenario names, stamped with the beginnings of its intervals.
pub(in crate::input) fn read_answer(
    folder: &Path,
    file: &str,
    selection: &MetricSelection,
    interval: Duration,
) -> Result<(Vec<(i64, f64)>, Source), FileError> {
    let whole = read_whole(folder, file)?;
    let metrics = parse_metrics(&whole.text, &TableReading::default()).map_err(|error| error.of(file))?;
    let series = metrics.select(&selection.only).map_err(|message| FileError::new(file, message))?;
    let back = if metrics.notation == MetricNotation::Prometheus { interval.nanos() } else { 0 };
    let samples = series.samples.iter().map(|(time, value)| (time.saturating_sub(back), *value)).collect();
    let source = Source { role: "demand".into(), file: file.into(), sha256: whole.sha256, rows: metrics.rows };
    Ok((samples, source))
}
