//! Reading the trace that is to be fitted.

use super::TraceError;
use super::fit::Common;
use crate::scenario::{Gaps, ValueIs};
use crate::trace::{AfterEnd, PriceSeries, RateSeries};
use crate::units::{Duration, Instant, Rate, SimTime};
use std::io::Read;

/// A demand trace, and the instant of its beginning.
pub(super) fn demand(common: &Common, value_is: ValueIs, gaps: Gaps) -> Result<(RateSeries, Instant), TraceError> {
    let rows = rows(common)?;
    let origin = common.from.unwrap_or(rows[0].0);
    let interval = value_is.interval();
    let mut per_second: Vec<f64> = Vec::new();
    let end = common.to.unwrap_or(rows[rows.len() - 1].0 + interval);
    let length = ((end.unix_nanos() - origin.unix_nanos()) / i128::from(interval.nanos())) as usize;
    for (time, value) in rows {
        let index = ((time.unix_nanos() - origin.unix_nanos()) / i128::from(interval.nanos())) as usize;
        if index > per_second.len() && matches!(gaps, Gaps::Error) {
            return Err(failure(common, format!("rows are missing before {time}")));
        }
        let filler = if matches!(gaps, Gaps::Hold) { per_second.last().copied().unwrap_or(0.0) } else { 0.0 };
        per_second.resize(index.max(per_second.len()), filler);
        per_second.push(match value_is {
            ValueIs::CountPer(interval) => value / interval.as_secs_f64(),
            ValueIs::PerSecondEvery(_) => value,
        });
    }
    per_second.resize(length, 0.0);
    Ok((RateSeries { start: SimTime::START, interval, per_second, after_end: AfterEnd::Undefined }, origin))
}

/// A price trace, its first row at the start.
pub(super) fn price(common: &Common) -> Result<PriceSeries, TraceError> {
    let rows = rows(common)?;
    let origin = rows[0].0.unix_nanos();
    let steps: Vec<_> = rows
        .iter()
        .map(|(time, value)| {
            let rate = Rate::from_f64(*value).unwrap_or(Rate::ZERO);
            (SimTime::START + Duration::from_nanos((time.unix_nanos() - origin) as i64), rate)
        })
        .collect();
    let end = steps[steps.len() - 1].0;
    Ok(PriceSeries { steps, end, after_end: AfterEnd::Undefined })
}

fn rows(common: &Common) -> Result<Vec<(Instant, f64)>, TraceError> {
    let bytes = std::fs::read(&common.file).map_err(|error| failure(common, error.to_string()))?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text)
    } else {
        (&bytes[..]).read_to_string(&mut text)
    }
    .map_err(|error| failure(common, error.to_string()))?;
    let columns = common.columns();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| failure(common, error.to_string()))?.clone();
    let index = |name: &str| {
        header.iter().position(|h| h == name).ok_or_else(|| failure(common, format!("there is no column `{name}`")))
    };
    let (time, value) = (index(&columns.time)?, index(&columns.value)?);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| failure(common, error.to_string()))?;
        let stamp = record[time].trim_end_matches('Z').replace(' ', "T") + "Z";
        let at: Instant = stamp.parse().map_err(|error| failure(common, format!("{error}")))?;
        if common.from.is_none_or(|from| at >= from) && common.to.is_none_or(|to| at < to) {
            rows.push((at, record[value].parse().map_err(|error| failure(common, format!("{error}")))?));
        }
    }
    if rows.is_empty() { Err(failure(common, "there are no rows".to_string())) } else { Ok(rows) }
}

fn failure(common: &Common, message: String) -> TraceError {
    TraceError::Read { path: common.file.clone(), message }
}
