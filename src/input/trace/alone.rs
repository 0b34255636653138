//! Traces without a scenario: on a time axis of their own.

use super::{Axis, Meaning, TableReading, csv::CsvTrace, read_metrics, read_price_trace, read_rate_trace};
use crate::input::source::FileError;
use crate::input::{Diagnostic, Problem};
use crate::scenario::{Arrivals, AtEnd, Clock, CsvColumns, Gaps, RateTrace, TraceFormat, TraceRef, ValueIs};
use crate::trace::{AfterEnd, PriceSeries, RateSeries, SizedRequests};
use crate::units::{Duration, Instant, SimTime};
use std::collections::BTreeMap;
use std::path::Path;

/// The part of a trace that is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// From this instant on; from the first row unless given.
    pub from: Option<Instant>,
    /// Before this instant; to the end unless given.
    pub to: Option<Instant>,
}

/// Reads a demand trace, and the instant that its [`SimTime::START`] is: that of its first row.
pub fn read_demand_alone(
    file: &Path,
    columns: CsvColumns,
    value_is: ValueIs,
    gaps: Gaps,
    window: Window,
) -> Result<(RateSeries, Instant), Diagnostic> {
    let trace = reference(file, columns, gaps);
    let read = || {
        let origin = first_instant(&trace)?;
        let demand = RateTrace { trace: trace.clone(), value_is, transform: Vec::new(), arrivals: Arrivals::default() };
        let (series, _) = read_rate_trace(Path::new(""), &demand, &own_axis(origin))?;
        let (from, to) = window.within(origin, series.start, series.end());
        Ok((rates_within(&series, from, to).ok_or_else(|| nothing_left(&trace))?, origin))
    };
    read().map_err(|error| diagnostic(&trace.file, &error))
}

/// How the demand in a file is found out, as far as it is not said.
#[derive(Debug, Clone, Default)]
pub struct DemandQuestion {
    /// How a table is read.
    pub reading: TableReading,
    /// Labels that the series must have.
    pub only: BTreeMap<String, String>,
    /// Length of an interval.
    pub every: Option<Duration>,
    /// What the values mean.
    pub meaning: Option<Meaning>,
}

/// Reads the demand of a file in any notation of metrics, and the instant that its [`SimTime::START`] is: that of its first row. With what was
/// understood of it, in words.
pub fn read_demand_found_out(
    file: &Path,
    question: &DemandQuestion,
    gaps: Gaps,
    window: Window,
) -> Result<(RateSeries, Instant, Vec<String>), Diagnostic> {
    let name = file.to_string_lossy();
    let metrics = read_metrics(file, &question.reading)?;
    let wrong = |message: String| Diagnostic::without_text(&*name, Problem::new(message));
    let demand = metrics.demand(&question.only, question.every, question.meaning).map_err(wrong)?;
    let even = &demand.series;
    let missing = even.missing();
    if missing > 0 && gaps == Gaps::Error {
        return Err(wrong(format!("a gap: {missing} of {} intervals have no value", even.values.len())));
    }
    let origin = Instant::from_unix_nanos(even.start);
    let per_second = demand.per_second_filled(gaps == Gaps::Hold);
    let whole =
        RateSeries { start: SimTime::START, interval: even.interval, per_second, after_end: AfterEnd::Undefined };
    let (from, to) = window.within(origin, whole.start, whole.end());
    let series = rates_within(&whole, from, to)
        .ok_or_else(|| wrong("the trace has nothing in the given window of time".to_string()))?;
    Ok((series, origin, metrics.remarks.iter().chain(&even.remarks).cloned().collect()))
}

/// Reads recorded requests with sizes, one a row, from the first to the last.
pub fn read_requests_alone(file: &Path, columns: CsvColumns, sizes: &[String]) -> Result<SizedRequests, Diagnostic> {
    let trace = reference(file, columns, Gaps::Zero);
    let read = || {
        let mut requests = SizedRequests::default();
        for name in sizes {
            let one = BTreeMap::from([(name.clone(), Duration::from_secs(1))]);
            let mut rows = CsvTrace::open(Path::new(""), &trace)?.allowing_equal_times().weighing(&one)?;
            let (mut first, mut seconds, mut values) = (None, Vec::new(), Vec::new());
            while let Some(row) = rows.next()? {
                let since = row.time - *first.get_or_insert(row.time);
                seconds.push(Duration::from_nanos(since).as_secs_f64());
                values.push(row.weighed);
            }
            requests.length = seconds.last().copied().unwrap_or(0.0);
            requests.seconds = seconds;
            requests.sizes.push((name.clone(), values));
        }
        Ok(requests)
    };
    read().map_err(|error| diagnostic(&trace.file, &error))
}

/// Reads a price trace, and the instant that its [`SimTime::START`] is: that of its first row.
pub fn read_price_alone(
    file: &Path,
    columns: CsvColumns,
    window: Window,
) -> Result<(PriceSeries, Instant), Diagnostic> {
    let trace = reference(file, columns, Gaps::Hold);
    let read = || {
        let origin = first_instant(&trace)?;
        let (series, _) = read_price_trace(Path::new(""), &trace, &own_axis(origin))?;
        let (from, to) = window.within(origin, series.steps[0].0, series.end);
        Ok((series.within(from, to).ok_or_else(|| nothing_left(&trace))?, origin))
    };
    read().map_err(|error| diagnostic(&trace.file, &error))
}

impl Window {
    /// The window on the axis of a trace that begins at `origin`, no larger than the trace.
    pub fn within(&self, origin: Instant, first: SimTime, end: SimTime) -> (SimTime, SimTime) {
        let time = |instant: Instant| {
            let nanos = (instant.unix_nanos() - origin.unix_nanos()).clamp(-i128::from(i64::MAX), i128::from(i64::MAX));
            SimTime::from_nanos(nanos as i64).clamp(first, end)
        };
        (self.from.map_or(first, time), self.to.map_or(end, time))
    }
}

/// The intervals that begin in the window.
fn rates_within(series: &RateSeries, from: SimTime, to: SimTime) -> Option<RateSeries> {
    let index = |time: SimTime| {
        let offset = (time - series.start).nanos();
        (offset.div_euclid(series.interval.nanos()) + i64::from(offset % series.interval.nanos() != 0)) as usize
    };
    let (first, end) = (index(from), index(to));
    (first < end).then(|| RateSeries {
        start: series.start + series.interval.times(first as i64),
        interval: series.interval,
        per_second: series.per_second[first..end].to_vec(),
        after_end: AfterEnd::Undefined,
    })
}

fn reference(file: &Path, columns: CsvColumns, gaps: Gaps) -> TraceRef {
    let file = file.to_string_lossy().into_owned();
    TraceRef { file, format: TraceFormat::Csv(columns), place: None, gaps, at_end: AtEnd::Hold }
}

/// An axis that begins with the trace and asks for no length.
fn own_axis(origin: Instant) -> Axis {
    Axis::new(&Clock { start: origin, horizon: Duration::ZERO, report_time_zone: "UTC".to_string() })
}

fn first_instant(trace: &TraceRef) -> Result<Instant, FileError> {
    let mut rows = CsvTrace::open(Path::new(""), trace)?;
    Ok(Instant::from_unix_nanos(rows.next()?.map_or(0, |row| row.time)))
}

fn nothing_left(trace: &TraceRef) -> FileError {
    FileError::new(&trace.file, "the trace has nothing in the given window of time")
}

/// A problem with a file that no document names.
pub(super) fn diagnostic(file: &str, error: &FileError) -> Diagnostic {
    let place = error.line.map_or(String::new(), |line| format!("line {line}: "));
    Diagnostic::without_text(file, Problem::new(format!("{place}{}", error.message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> CsvColumns {
        CsvColumns {
            time: "t".into(),
            value: Some("v".into()),
            time_zone: "UTC".into(),
            time_format: None,
            only: Default::default(),
        }
    }

    #[test]
    fn demand_is_found_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        std::fs::write(
            &file,
            "when,requests\n2016-03-07 00:00:00,60\n2016-03-07 00:01:00,120\n2016-03-07 00:03:00,240\n",
        )
        .unwrap();
        let question = DemandQuestion::default();
        let found = |gaps| read_demand_found_out(&file, &question, gaps, Window::default());
        let (series, origin, words) = found(Gaps::Hold).unwrap();
        assert_eq!(series.per_second, [1.0, 2.0, 2.0, 4.0]);
        assert_eq!(origin.to_string(), "2016-03-07T00:00:00Z");
        assert!(words.iter().any(|words| words.contains("requests in each interval")), "{words:?}");
        assert_eq!(found(Gaps::Zero).unwrap().0.per_second[2], 0.0);
        assert!(found(Gaps::Error).unwrap_err().to_string().contains("a gap: 1 of 4"));
        let seconds = DemandQuestion { meaning: Some(Meaning::PerSecond), ..DemandQuestion::default() };
        let (series, ..) = read_demand_found_out(&file, &seconds, Gaps::Zero, Window::default()).unwrap();
        assert_eq!(series.per_second[0], 60.0);
    }

    #[test]
    fn a_window_is_cut_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        std::fs::write(&file, "t,v\n2016-03-07 00:00:00,60\n2016-03-07 00:01:00,120\n2016-03-07 00:03:00,240\n")
            .unwrap();
        let instant = |text: &str| Some(text.parse::<Instant>().unwrap());
        let window = Window { from: instant("2016-03-07T00:01:00Z"), to: instant("2016-03-07T00:03:00Z") };
        let minute = ValueIs::CountPer(Duration::from_secs(60));
        let (series, origin) = read_demand_alone(&file, columns(), minute, Gaps::Zero, window).unwrap();
        assert_eq!(series.per_second, [2.0, 0.0]);
        assert_eq!((origin + series.start.since_start()).to_string(), "2016-03-07T00:01:00Z");
        let (prices, _) = read_price_alone(&file, columns(), window).unwrap();
        assert_eq!(prices.steps.iter().map(|(_, rate)| rate.to_f64()).collect::<Vec<_>>(), [120.0, 240.0]);
        assert_eq!(prices.end, SimTime::from_secs(180));
        let late = Window { from: instant("2017-01-01T00:00:00Z"), to: None };
        let error = read_price_alone(&file, columns(), late).unwrap_err().to_string();
        assert!(error.contains("nothing in the given window"), "{error}");
        let error = read_demand_alone(&file, columns(), minute, Gaps::Error, window).unwrap_err().to_string();
        assert!(error.contains("line 4") && error.contains("gap"), "{error}");
    }
}
