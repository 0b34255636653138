//! Spot prices: step functions from a trace file or from stated steps.

use super::{Axis, csv::CsvTrace, offers::read_offer};
use crate::input::Source;
use crate::input::source::FileError;
use crate::scenario::{PriceStep, TraceFormat, TraceRef};
use crate::trace::{AfterEnd, PriceSeries};
use crate::units::{Rate, SimTime};
use std::path::Path;

/// Reads a price trace and places it. Equal neighbours become one step.
pub(in crate::input) fn read_price_trace(
    folder: &Path,
    trace: &TraceRef,
    axis: &Axis,
) -> Result<(PriceSeries, Source), FileError> {
    let mut steps: Vec<(SimTime, Rate)> = Vec::new();
    let mut end = SimTime::START;
    let mut add = |time: i64, price: Rate, line: u64| {
        end = axis.placed(time, trace, line)?;
        if steps.last().is_none_or(|(_, before)| *before != price) {
            steps.push((end, price));
        }
        Ok(())
    };
    let (sha256, rows) = if let TraceFormat::Csv(_) = &trace.format {
        let mut rows = CsvTrace::open(folder, trace)?;
        while let Some(row) = rows.next()? {
            let price = price(row.value).map_err(|message| FileError::at_line(&trace.file, row.line, message))?;
            add(row.time, price, row.line)?;
        }
        (rows.sha256, rows.rows)
    } else {
        let (records, sha256) = read_offer(folder, &trace.file, &trace.format)?;
        records.iter().try_for_each(|(time, price)| add(*time, *price, 1))?;
        (sha256, records.len() as u64)
    };
    let first = steps.first().map_or(SimTime::START, |(time, _)| *time);
    let after_end = axis.check_coverage(first, end, trace)?;
    let source = Source { role: String::new(), file: trace.file.clone(), sha256, rows };
    Ok((PriceSeries { steps, end, after_end }, source))
}

/// A price per hour in plain decimals.
pub(super) fn price(text: &str) -> Result<Rate, String> {
    let found = || text.chars().take(60).collect::<String>();
    let price: Rate = text.parse().map_err(|_| {
        format!("{:?} is not a price; write a plain decimal with at most nine decimals such as 0.0958", found())
    })?;
    if price < Rate::ZERO { Err(format!("a price must not be negative, found {}", found())) } else { Ok(price) }
}

/// Stated steps as a series; the last price holds.
pub(in crate::input) fn price_steps_as_series(steps: &[PriceStep], axis: &Axis) -> PriceSeries {
    let steps: Vec<(SimTime, Rate)> = steps.iter().map(|step| (SimTime::START + step.from, step.price.rate)).collect();
    let last = steps.last().map_or(SimTime::START, |(time, _)| *time);
    PriceSeries { steps, end: axis.horizon_end().max(last), after_end: AfterEnd::Hold }
}
