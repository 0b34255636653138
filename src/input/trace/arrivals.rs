//! Demand: recorded requests.

use super::seconds::SecondsTrace;
use super::{Axis, MAX_ROWS, csv::CsvTrace, stamp};
use crate::input::Source;
use crate::input::source::FileError;
use crate::scenario::{ArrivalTrace, MAX_TIME, Sizes, Span, TraceFormat};
use crate::trace::{AfterEnd, ArrivalSeries};
use crate::units::{Duration, SimTime};
use std::path::Path;

/// How often a trace may be repeated within the horizon.
const MAX_ROUNDS: i64 = 1_000_000;

/// Reads an arrival trace and places it.
pub(in crate::input) fn read_arrival_trace(
    folder: &Path,
    demand: &ArrivalTrace,
    axis: &Axis,
) -> Result<(ArrivalSeries, Source), FileError> {
    let trace = &demand.trace;
    let mut requests = Requests::new(demand, axis);
    let sha256 = match &trace.format {
        TraceFormat::Csv(_) => {
            let mut rows = CsvTrace::open(folder, trace)?.allowing_equal_times();
            if let Sizes::FromColumns(columns) = &demand.sizes {
                rows = rows.weighing(columns)?;
            }
            while let Some(row) = rows.next()? {
                let work = match demand.sizes {
                    Sizes::Drawn => Ok(None),
                    Sizes::FromTrace => work(row.value).map(Some),
                    Sizes::FromColumns(_) => Ok(Some(row.weighed)),
                };
                let work = work.map_err(|message| FileError::at_line(&trace.file, row.line, message))?;
                requests.add(row.line, row.time, work)?;
            }
            rows.sha256
        }
        TraceFormat::Seconds {} => {
            let mut rows = SecondsTrace::open(folder, &trace.file)?;
            while let Some(row) = rows.next()? {
                requests.add(row.line, row.time, row.value)?;
            }
            rows.sha256
        }
        TraceFormat::Counts {}
        | TraceFormat::SpotPriceHistory(_)
        | TraceFormat::SpotDataFeed(_)
        | TraceFormat::CloudWatch(_)
        | TraceFormat::Prometheus(_) => {
            return Err(FileError::new(&trace.file, "an arrival trace has one request a row: use `csv` or `seconds`"));
        }
    };
    requests.finish(sha256)
}

fn work(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("{:?} is not a number of seconds", text.chars().take(60).collect::<String>()))
}

/// Requests as they are read.
struct Requests<'a> {
    demand: &'a ArrivalTrace,
    axis: &'a Axis,
    with_sizes: bool,
    /// From a trace's instant, in nanoseconds since 1970, to what the file covers.
    covers: Option<(i128, i128)>,
    previous: i64,
    arrivals: Vec<SimTime>,
    works: Vec<f64>,
}

impl<'a> Requests<'a> {
    fn new(demand: &'a ArrivalTrace, axis: &'a Axis) -> Self {
        let covers = demand.covers.map(|Span { from, to }| (from.unix_nanos(), to.unix_nanos()));
        let with_sizes = demand.sizes != Sizes::Drawn;
        Self { demand, axis, with_sizes, covers, previous: i64::MIN, arrivals: Vec::new(), works: Vec::new() }
    }

    fn fail<T>(&self, line: u64, message: String) -> Result<T, FileError> {
        Err(FileError::at_line(&self.demand.trace.file, line, message))
    }

    fn add(&mut self, line: u64, time: i64, work: Option<f64>) -> Result<(), FileError> {
        if time < self.previous {
            return self.fail(line, stamp::unsorted(self.previous, time));
        }
        self.previous = time;
        if self.covers.is_some_and(|(from, to)| !(from..to).contains(&i128::from(time))) {
            return self.fail(line, format!("{} lies outside of what the file `covers`", stamp::name(time)));
        }
        if self.arrivals.len() as u64 == MAX_ROWS {
            return self.fail(line, format!("a trace has at most {MAX_ROWS} rows"));
        }
        self.arrivals.push(self.axis.placed(time, &self.demand.trace, line)?);
        if self.with_sizes {
            match work {
                Some(work) if (0.0..=MAX_TIME.as_secs_f64()).contains(&work) => self.works.push(work),
                Some(work) => {
                    return self.fail(line, format!("a request's work must be 0 s to {MAX_TIME}, found {work} s"));
                }
                None => {
                    return self.fail(line, "the request has no size; write a comma and its work in seconds".into());
                }
            }
        }
        Ok(())
    }

    /// The series, if it covers what is simulated.
    fn finish(mut self, sha256: String) -> Result<(ArrivalSeries, Source), FileError> {
        let trace = &self.demand.trace;
        let (Some(&first), Some(&last)) = (self.arrivals.first(), self.arrivals.last()) else {
            return Err(FileError::new(&trace.file, "the trace is empty: there is no request"));
        };
        let (start, end) = match self.demand.covers {
            Some(span) => (self.placed_end(span.from.unix_nanos())?, self.placed_end(span.to.unix_nanos())?),
            None => (first, last + Duration::from_nanos(1)),
        };
        let after_end = self.axis.check_coverage(start, end, trace).map_err(|error| match self.demand.covers {
            Some(_) => error,
            None => FileError {
                message: format!(
                    "{}; if nothing came before the first request or after the last, tell with `covers` from when to when \
                     the file holds every request",
                    error.message
                ),
                ..error
            },
        })?;
        let rounds = (self.axis.horizon_end() - start).nanos() / (end - start).nanos();
        if after_end == AfterEnd::Repeat && rounds > MAX_ROUNDS {
            let message = format!("the trace would be repeated {rounds} times; at most {MAX_ROUNDS} are possible");
            return Err(FileError::new(&trace.file, message));
        }
        self.arrivals.shrink_to_fit();
        self.works.shrink_to_fit();
        let rows = self.arrivals.len() as u64;
        let works = self.with_sizes.then_some(self.works);
        let series = ArrivalSeries { arrivals: self.arrivals, works, start, end, after_end };
        Ok((series, Source { role: "demand".into(), file: trace.file.clone(), sha256, rows }))
    }

    /// The scenario's time of one end of what the file covers.
    fn placed_end(&self, unix_nanos: i128) -> Result<SimTime, FileError> {
        let trace = &self.demand.trace;
        let time = i64::try_from(unix_nanos).ok().and_then(|nanos| self.axis.place(nanos, trace));
        time.ok_or_else(|| FileError::new(&trace.file, "`covers` ends more than 70 years from the scenario's start"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{AtEnd, Clock, CsvColumns, Gaps, Placement, TraceRef};
    use crate::trace::AfterEnd;
    use flate2::{Compression, write::GzEncoder};
    use std::collections::BTreeMap;
    use std::io::Write;

    const START: &str = "2016-03-07T00:00:00Z";

    /// An hour from the start, recorded completely, with sizes.
    fn hour(format: TraceFormat) -> ArrivalTrace {
        let place = Placement { trace_time: "1970-01-01T00:00:00Z".parse().unwrap(), at: START.parse().unwrap() };
        let place = (format == TraceFormat::Seconds {}).then_some(place);
        let (from, to) = match place {
            Some(_) => ("1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z"),
            None => (START, "2016-03-07T01:00:00Z"),
        };
        ArrivalTrace {
            trace: TraceRef { file: "t".into(), format, place, gaps: Gaps::Zero, at_end: AtEnd::Error },
            sizes: Sizes::FromTrace,
            covers: Some(Span { from: from.parse().unwrap(), to: to.parse().unwrap() }),
        }
    }

    fn csv(value: Option<&str>) -> TraceFormat {
        TraceFormat::Csv(CsvColumns {
            time: "at".into(),
            value: value.map(String::from),
            time_zone: "UTC".into(),
            time_format: None,
            only: Default::default(),
        })
    }

    fn read(bytes: &[u8], demand: &ArrivalTrace) -> Result<ArrivalSeries, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("t"), bytes).unwrap();
        let horizon = Duration::HOUR;
        let axis = Axis::new(&Clock { start: START.parse().unwrap(), horizon, report_time_zone: "UTC".into() });
        read_arrival_trace(folder.path(), demand, &axis).map(|(series, _)| series).map_err(|error| error.to_string())
    }

    fn nanos(series: &ArrivalSeries) -> Vec<i64> {
        series.arrivals.iter().map(|time| time.nanos()).collect()
    }

    #[test]
    fn numbers_and_time_stamps_give_the_same_requests() {
        let seconds = read(b"0.5,0.25\n0.5,1\n3599.999999999,2e-3\n", &hour(TraceFormat::Seconds {})).unwrap();
        assert_eq!(nanos(&seconds), [500_000_000, 500_000_000, 3_599_999_999_999]);
        assert_eq!(seconds.works.as_deref(), Some(&[0.25, 1.0, 0.002][..]));
        assert_eq!((seconds.start, seconds.end), (SimTime::START, SimTime::START + Duration::HOUR));
        let stamps =
            b"at,x,work\n2016-03-07 00:00:00.5,a,0.25\n1457308800.5,b,1\n2016-03-07T00:59:59.999999999Z,c,2e-3\n";
        assert_eq!(read(stamps, &hour(csv(Some("work")))).unwrap(), seconds);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(stamps).unwrap();
        assert_eq!(read(&encoder.finish().unwrap(), &hour(csv(Some("work")))).unwrap(), seconds);
    }

    #[test]
    fn sizes_can_be_sums_over_columns() {
        let tokens = BTreeMap::from([
            ("in".to_string(), Duration::from_millis(1)),
            ("out".to_string(), Duration::from_millis(25)),
        ]);
        let demand = ArrivalTrace { sizes: Sizes::FromColumns(tokens), ..hour(csv(None)) };
        let found = read(b"at,in,out\n2016-03-07 00:00:01,100,4\n2016-03-07 00:00:02,0,0\n", &demand).unwrap();
        assert_eq!(found.works.as_deref(), Some(&[0.2, 0.0][..]));
        let error = read(b"at,in,out\n2016-03-07 00:00:01,100,-4\n", &demand).unwrap_err();
        assert!(error.contains("line 2") && error.contains("\"-4\" is not a number of 0 or more"), "{error}");
        let error = read(b"at,in,ou\n2016-03-07 00:00:01,100,4\n", &demand).unwrap_err();
        assert!(error.contains("there is no column `out`"), "{error}");
    }

    #[test]
    fn without_sizes_a_second_column_may_be_there() {
        for (text, format) in
            [("1\n2\n", TraceFormat::Seconds {}), ("1,x\n2,\n", csv(None)), ("1,5\n2,7\n", TraceFormat::Seconds {})]
        {
            let text = if format == (TraceFormat::Seconds {}) { text.into() } else { format!("at,y\n{text}") };
            let mut demand = ArrivalTrace { sizes: Sizes::Drawn, covers: None, ..hour(format) };
            demand.trace.at_end = AtEnd::Repeat;
            demand.trace.place =
                Some(Placement { trace_time: "1970-01-01T00:00:01Z".parse().unwrap(), at: START.parse().unwrap() });
            let series = read(text.as_bytes(), &demand).unwrap();
            assert_eq!((nanos(&series), &series.works), (vec![0, 1_000_000_000], &None));
            assert_eq!((series.end.nanos(), series.after_end), (1_000_000_001, AfterEnd::Repeat));
        }
    }

    #[test]
    fn wrong_rows_are_named_by_line() {
        let seconds = hour(TraceFormat::Seconds {});
        for (text, message) in [
            ("2,1\n1,1\n", "line 2: the rows are unsorted: 1970-01-01T00:00:01Z comes after 1970-01-01T00:00:02Z"),
            ("1,1\n2\n", "line 2: the request has no size"),
            ("1,-1\n", "line 1: a request's work must be 0 s to 365d, found -1 s"),
            ("1,NaN\n", "line 1: a request's work must be"),
            ("1,1e99\n", "line 1: a request's work must be"),
            ("1,1\n3600,1\n", "line 2: 1970-01-01T01:00:00Z lies outside of what the file `covers`"),
            ("", "the trace is empty"),
            ("seconds,work\n", "the trace is empty"),
        ] {
            let error = read(text.as_bytes(), &seconds).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
        let stamps = hour(csv(Some("work")));
        let unsorted = b"at,work\n2016-03-07 00:00:02,1\n2016-03-07 00:00:01,1\n";
        assert!(read(unsorted, &stamps).unwrap_err().contains("line 3: the rows are unsorted"));
        assert!(
            read(b"at,work\n2016-03-07 00:00:02,x\n", &stamps).unwrap_err().contains("line 2: \"x\" is not a number")
        );
    }

    #[test]
    fn an_hour_that_is_not_covered_is_told() {
        let short = ArrivalTrace { covers: None, ..hour(TraceFormat::Seconds {}) };
        let error = read(b"1,1\n2,1\n", &short).unwrap_err();
        assert!(error.contains("begins at 2016-03-07T00:00:01Z") && error.contains("`covers`"), "{error}");
        let error = read(b"0,1\n2,1\n", &short).unwrap_err();
        assert!(error.contains("longer than the trace") && error.contains("`covers`"), "{error}");
        let mut quick = hour(TraceFormat::Seconds {});
        quick.trace.at_end = AtEnd::Repeat;
        quick.covers = quick.covers.map(|span| Span { to: span.from + Duration::from_nanos(10), ..span });
        assert!(read(b"0,1\n", &quick).unwrap_err().contains("at most 1000000 are possible"));
    }
}
