//! Recorded jobs: a row each, in any order.

use super::{MAX_ROWS, csv_failure, find_column, stamp};
use crate::input::Source;
use crate::input::source::{FileError, open};
use crate::scenario::{Clock, JobTimeUnit, JobTrace, ListedJob, MAX_JOBS, MAX_TIME};
use crate::units::Duration;
use csv::{ByteRecord, Position, ReaderBuilder};
use std::path::Path;

/// Reads the jobs that are released within the horizon, in order of release.
pub(in crate::input) fn read_jobs(
    folder: &Path,
    trace: &JobTrace,
    clock: &Clock,
) -> Result<(Vec<ListedJob>, Source), FileError> {
    let file = &trace.file;
    let source = open(folder, file)?;
    let mut reader = ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(source.bytes);
    let header = reader.byte_headers().map_err(|error| csv_failure(file, &error))?.clone();
    let find = |name: &str| find_column(&header, name).map_err(|message| FileError::at_line(file, 1, message));
    let (release_column, work_column) = (find(&trace.release)?, find(&trace.work)?);
    let begin = trace.trace_start.unix_nanos();
    let (mut jobs, mut rows, mut span) = (Vec::new(), 0u64, None::<(i64, i64)>);
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| csv_failure(file, &error))? {
        rows += 1;
        let line = record.position().map_or(0, Position::line);
        let fail = |message: String| FileError::at_line(file, line, message);
        if rows > MAX_ROWS {
            return Err(fail(format!("a trace has at most {MAX_ROWS} rows")));
        }
        let number = |column: usize, name: &str| nanos(&record, column, name, trace.unit).map_err(fail);
        let (released, work) = (number(release_column, &trace.release)?, number(work_column, &trace.work)?);
        if !(0..=MAX_TIME.nanos()).contains(&work) {
            let found = Duration::from_nanos(work);
            return Err(fail(format!("a job runs for 0s to {MAX_TIME}, found {found}")));
        }
        span = span.map_or(Some((released, released)), |(first, last)| Some((first.min(released), last.max(released))));
        let since = i128::from(released) - begin;
        if since < 0 || since >= i128::from(clock.horizon.nanos()) || work == 0 || work < trace.shortest.nanos() {
            continue;
        }
        if jobs.len() == MAX_JOBS {
            return Err(fail(format!("at most {MAX_JOBS} jobs are allowed within the horizon")));
        }
        jobs.push(ListedJob::with_slack(Duration::from_nanos(since as i64), Duration::from_nanos(work), trace.slack));
    }
    if jobs.is_empty() {
        return Err(FileError::new(file, nothing_found(trace, clock, span)));
    }
    jobs.sort_by_key(|job| job.release);
    let rows = jobs.len() as u64;
    Ok((jobs, Source { role: "jobs".into(), file: file.clone(), sha256: source.sha256, rows }))
}

fn nothing_found(trace: &JobTrace, clock: &Clock, span: Option<(i64, i64)>) -> String {
    match span {
        None => "the trace is empty: there is no row below the header".to_string(),
        Some((first, last)) => format!(
            "no job of at least {} is released within {} from {} on; the file has releases from {} to {}",
            trace.shortest,
            clock.horizon,
            trace.trace_start,
            stamp::name(first),
            stamp::name(last)
        ),
    }
}

/// A field in nanoseconds.
fn nanos(record: &ByteRecord, column: usize, name: &str, unit: JobTimeUnit) -> Result<i64, String> {
    let text = std::str::from_utf8(record.get(column).unwrap_or(&[])).unwrap_or("").trim();
    let (words, scale) = match unit {
        JobTimeUnit::Seconds => ("seconds", 1e9),
        JobTimeUnit::Milliseconds => ("milliseconds", 1e6),
    };
    let wrong = || {
        let shown: String = text.chars().take(60).collect();
        format!("column `{name}`: {shown:?} is not a number of {words} since 1970, or of {words}")
    };
    let value: f64 = text.parse().map_err(|_| wrong())?;
    let scaled = (value * scale).round();
    if scaled.is_finite() && scaled.abs() < 9e18 { Ok(scaled as i64) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, unit: JobTimeUnit) -> Result<Vec<ListedJob>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("jobs.csv"), text).unwrap();
        let trace = JobTrace {
            file: "jobs.csv".into(),
            release: "submitted".into(),
            work: "ran".into(),
            unit,
            trace_start: "2022-07-01T00:00:00Z".parse().unwrap(),
            slack: 0.5,
            shortest: Duration::from_secs(60),
        };
        let clock = Clock {
            start: "2016-03-07T00:00:00Z".parse().unwrap(),
            horizon: Duration::HOUR,
            report_time_zone: "UTC".into(),
        };
        read_jobs(folder.path(), &trace, &clock).map(|(jobs, _)| jobs).map_err(|error| error.to_string())
    }

    #[test]
    fn jobs_in_any_order_are_placed_and_those_outside_are_left_out() {
        let text = "id,submitted,ran\n1,1656634200000,600000\n2,1656633600000,120000\n3,1656633600000,59000\n\
                    4,1656633599999,120000\n5,1656637200000,120000\n";
        let job = |release, work| ListedJob {
            release: Duration::from_secs(release),
            work: Duration::from_secs(work),
            deadline: Duration::from_secs(release + work + work / 2),
        };
        assert_eq!(read(text, JobTimeUnit::Milliseconds), Ok(vec![job(0, 120), job(600, 600)]));
        let error = read(text, JobTimeUnit::Seconds).unwrap_err();
        assert!(error.contains("line 2") && error.contains("is not a number of seconds"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let error = |text| read(text, JobTimeUnit::Seconds).unwrap_err();
        assert!(error("submitted,run\n").contains("line 1: there is no column `ran`"));
        assert!(error("submitted,ran\n").contains("there is no row below the header"));
        assert!(error("submitted,ran\n1656633600,x\n").contains("line 2: column `ran`: \"x\""));
        assert!(error("submitted,ran\n1656633600,-5\n").contains("line 2: a job runs for 0s"));
        assert!(error("submitted,ran\n5,100\n").contains("the file has releases from 1970-01-01T00:00:05Z"));
        assert!(error("submitted,ran\n1656633600\n").contains("line 2"));
    }
}
