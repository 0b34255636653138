//! Demand: rates from a trace file or from stated steps.

use super::{Axis, csv::CsvTrace, metrics::read_answer, stamp};
use crate::input::Source;
use crate::input::source::FileError;
use crate::scenario::{Gaps, RateStep, RateTrace, TraceFormat, ValueIs};
use crate::trace::{AfterEnd, MAX_INTERVALS, RateSeries, transformed};
use crate::units::{Duration, SimTime};
use std::path::Path;

/// Reads a rate trace, places it and applies its transformations.
pub(in crate::input) fn read_rate_trace(
    folder: &Path,
    demand: &RateTrace,
    axis: &Axis,
) -> Result<(RateSeries, Source), FileError> {
    let trace = &demand.trace;
    let interval = demand.value_is.interval();
    let mut grid = Grid { demand, first: None, previous: None, per_second: Vec::new() };
    let source = match &trace.format {
        TraceFormat::CloudWatch(selection) | TraceFormat::Prometheus(selection) => {
            let (samples, source) = read_answer(folder, &trace.file, selection, interval)?;
            for (time, value) in samples {
                let fail = |message: String| FileError::new(&trace.file, message);
                let rate = rate(value, demand.value_is).map_err(fail)?;
                if grid.first.is_none() {
                    grid.first = Some(axis.placed(time, trace, 1)?);
                }
                grid.add(time, rate).map_err(fail)?;
            }
            source
        }
        _ => {
            let mut rows = CsvTrace::open(folder, trace)?;
            while let Some(row) = rows.next()? {
                let fail = |message: String| FileError::at_line(&trace.file, row.line, message);
                let rate = number(row.value).and_then(|value| rate(value, demand.value_is)).map_err(fail)?;
                if grid.first.is_none() {
                    grid.first = Some(axis.placed(row.time, trace, row.line)?);
                }
                grid.add(row.time, rate).map_err(fail)?;
            }
            Source { role: "demand".into(), file: trace.file.clone(), sha256: rows.sha256, rows: rows.rows }
        }
    };
    let start = grid.first.unwrap_or(SimTime::START);
    let end = start + Duration::from_nanos(interval.nanos().saturating_mul(grid.per_second.len() as i64));
    let after_end = axis.check_coverage(start, end, trace)?;
    let intervals = axis.horizon_end().since_start().nanos() / interval.nanos();
    if intervals as u64 > MAX_INTERVALS {
        let message =
            format!("the horizon holds {intervals} intervals of {interval}; at most {MAX_INTERVALS} can be simulated");
        return Err(FileError::new(&trace.file, message));
    }
    let series = RateSeries { start, interval, per_second: grid.per_second, after_end };
    let series = transformed(series, &demand.transform, axis.horizon_end())
        .map_err(|error| FileError::new(&trace.file, error.to_string()))?;
    Ok((series, source))
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("{:?} is not a number", text.chars().take(60).collect::<String>()))
}

/// A value as requests per second.
fn rate(value: f64, value_is: ValueIs) -> Result<f64, String> {
    if !value.is_finite() {
        return Err(format!("a value must be finite, found {value}"));
    }
    if value < 0.0 {
        return Err(format!("a value must not be negative, found {value}"));
    }
    Ok(match value_is {
        ValueIs::CountPer(interval) => value / interval.as_secs_f64(),
        ValueIs::PerSecondEvery(_) => value,
    })
}

/// Rows put on the grid that the first row anchors.
struct Grid<'a> {
    demand: &'a RateTrace,
    first: Option<SimTime>,
    /// Time and rate of the row before.
    previous: Option<(i64, f64)>,
    per_second: Vec<f64>,
}

impl Grid<'_> {
    fn add(&mut self, time: i64, rate: f64) -> Result<(), String> {
        if let Some((before, held)) = self.previous {
            self.fill(before, time, held)?;
        }
        self.per_second.push(rate);
        self.previous = Some((time, rate));
        Ok(())
    }

    /// Fills the intervals between two rows as `gaps` says.
    fn fill(&mut self, before: i64, time: i64, held: f64) -> Result<(), String> {
        let interval = self.demand.value_is.interval();
        let distance = i128::from(time) - i128::from(before);
        let (steps, off) = (distance / i128::from(interval.nanos()), distance % i128::from(interval.nanos()));
        if off != 0 {
            return Err(format!(
                "{} is not a multiple of {interval} after the row before, {}; rows must be {interval} apart",
                stamp::name(time),
                stamp::name(before)
            ));
        }
        let missing = (steps - 1) as u64;
        if self.per_second.len() as u64 + missing >= MAX_INTERVALS {
            return Err(format!("the trace has more than {MAX_INTERVALS} intervals of {interval}"));
        }
        let value = match self.demand.trace.gaps {
            Gaps::Error if missing > 0 => {
                let what = if missing == 1 { "interval" } else { "intervals" };
                let are = if missing == 1 { "is" } else { "are" };
                return Err(format!(
                    "a gap: {missing} {what} of {interval} {are} missing from {} to {}; set `gaps` to \"hold\" or \
                     \"zero\" if that is what they mean",
                    stamp::name(before + interval.nanos()),
                    stamp::name(time)
                ));
            }
            Gaps::Error | Gaps::Hold => held,
            Gaps::Zero => 0.0,
        };
        self.per_second.extend(std::iter::repeat_n(value, missing as usize));
        Ok(())
    }
}

/// Stated steps as a series whose interval divides all of them; the last rate holds.
pub(in crate::input) fn steps_as_series(steps: &[RateStep], horizon: Duration) -> Result<RateSeries, String> {
    let inside = steps.iter().filter(|step| step.from < horizon);
    let interval = inside.fold(horizon.nanos(), |divisor, step| greatest_common_divisor(divisor, step.from.nanos()));
    let count = horizon.nanos() / interval;
    if count as u64 > MAX_INTERVALS {
        let interval = Duration::from_nanos(interval);
        return Err(format!(
            "the steps and the horizon only fit intervals of {interval}, {count} of them; at most {MAX_INTERVALS} are \
             possible: choose rounder times"
        ));
    }
    let interval = Duration::from_nanos(interval);
    let mut per_second = Vec::with_capacity(count as usize);
    let mut current = 0;
    for index in 0..count {
        let time = interval.times(index);
        while steps.get(current + 1).is_some_and(|next| next.from <= time) {
            current += 1;
        }
        per_second.push(steps[current].per_second);
    }
    Ok(RateSeries { start: SimTime::START, interval, per_second, after_end: AfterEnd::Hold })
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
