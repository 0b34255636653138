//! Capacity of a market: numbers of instances from a trace file or from stated steps.

use super::counts::{Counts, parse_counts};
use super::{Axis, csv::CsvTrace};
use crate::input::Source;
use crate::input::source::{FileError, read_whole};
use crate::scenario::{CapacityStep, TraceFormat, TraceRef};
use crate::trace::{AfterEnd, CountSeries};
use crate::units::SimTime;
use std::path::Path;

/// Reads a capacity trace and places it. Equal neighbours become one step.
pub(in crate::input) fn read_capacity_trace(
    folder: &Path,
    trace: &TraceRef,
    axis: &Axis,
) -> Result<(CountSeries, Source), FileError> {
    let source = |sha256, rows| Source { role: String::new(), file: trace.file.clone(), sha256, rows };
    if let TraceFormat::Csv(_) = &trace.format {
        let mut rows = CsvTrace::open(folder, trace)?;
        let mut steps: Vec<(SimTime, u32)> = Vec::new();
        let mut end = SimTime::START;
        while let Some(row) = rows.next()? {
            let count = row.value.parse::<u32>().map_err(|_| {
                let found: String = row.value.chars().take(60).collect();
                FileError::at_line(&trace.file, row.line, format!("{found:?} is not a whole number of instances"))
            })?;
            end = axis.placed(row.time, trace, row.line)?;
            if steps.last().is_none_or(|(_, before)| *before != count) {
                steps.push((end, count));
            }
        }
        return Ok((series(steps, end, trace, axis)?, source(rows.sha256, rows.rows)));
    }
    let (counts, sha256) = read_counts(folder, &trace.file)?;
    let place = |nanos: i64| axis.placed(nanos, trace, 1);
    let steps = counts.steps.iter().map(|(nanos, count)| Ok((place(*nanos)?, *count))).collect::<Result<_, _>>()?;
    Ok((series(steps, place(counts.end)?, trace, axis)?, source(sha256, counts.rows)))
}

fn series(steps: Vec<(SimTime, u32)>, end: SimTime, trace: &TraceRef, axis: &Axis) -> Result<CountSeries, FileError> {
    let first = steps.first().map_or(SimTime::START, |(time, _)| *time);
    let after_end = axis.check_coverage(first, end, trace)?;
    Ok(CountSeries { steps, end, after_end })
}

/// Counts in a file, with its fingerprint.
fn read_counts(folder: &Path, file: &str) -> Result<(Counts, String), FileError> {
    let whole = read_whole(folder, file)?;
    let counts = parse_counts(&whole.text).map_err(|error| FileError {
        file: file.to_string(),
        line: error.line,
        message: error.message,
    })?;
    Ok((counts, whole.sha256))
}

/// Stated steps as a series; the last capacity holds.
pub(in crate::input) fn capacity_steps_as_series(steps: &[CapacityStep], axis: &Axis) -> CountSeries {
    let steps: Vec<(SimTime, u32)> = steps.iter().map(|step| (SimTime::START + step.from, step.instances)).collect();
    let last = steps.last().map_or(SimTime::START, |(time, _)| *time);
    CountSeries { steps, end: axis.horizon_end().max(last), after_end: AfterEnd::Hold }
}
