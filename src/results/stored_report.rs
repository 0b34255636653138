//! `report.json`: what a report shows beside `results.json`, so that it can be drawn again without simulating.

use super::store::other_version;
use super::{
    CostByDay, Incidents, InterruptionMark, MarketLine, MixInvoice, StoreError, Timeline, TimelinePoint, read_record,
};
use crate::units::{Duration, Rate, SimTime};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the shape of `report.json`.
pub const STORED_REPORT_VERSION: u32 = 1;

/// Time lines and bills of the named replications, and the command that made them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredReport {
    /// Version of this shape.
    pub schema_version: u32,
    /// The command that makes these results again.
    pub command: String,
    /// Time lines, in the order of the record.
    pub timelines: Vec<Timeline>,
    /// Bills, in the order of the record.
    pub invoices: Vec<MixInvoice>,
}

impl StoredReport {
    /// Reads `report.json` again.
    ///
    /// # Errors
    /// If it cannot be read, or is no such file of this version.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        let report: Self = read_record(path)?;
        if report.schema_version != STORED_REPORT_VERSION {
            return Err(other_version(path, report.schema_version, STORED_REPORT_VERSION));
        }
        Ok(report)
    }

    /// It as compact JSON.
    pub fn json(&self) -> String {
        let mut json = serde_json::to_string(self).expect("a report is made of what JSON can hold");
        json.push('\n');
        json
    }
}

/// A time line by columns, which is a third of the size of rows. Times are nanoseconds since the start.
#[derive(Serialize, Deserialize)]
pub(super) struct Columns {
    mix: String,
    replication: u32,
    /// Of an incident only.
    #[serde(default, skip_serializing_if = "is_zero")]
    start: i64,
    interval: i64,
    end: i64,
    offered: Vec<u64>,
    late: Vec<u64>,
    failed: Vec<u64>,
    p50: Vec<Option<f64>>,
    p95: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
    cpu: Vec<Option<f64>>,
    reserved: Vec<Option<f64>>,
    spot: Vec<Option<f64>>,
    on_demand: Vec<Option<f64>>,
    markets: Vec<Market>,
    interruptions: Vec<(i64, String)>,
    cost_by_day: Vec<CostByDay>,
    #[serde(default, skip_serializing_if = "Incidents::is_empty")]
    incidents: Incidents,
}

fn is_zero(time: &i64) -> bool {
    *time == 0
}

/// A market; prices are nano-units per hour.
#[derive(Serialize, Deserialize)]
struct Market {
    market: String,
    max_price: i64,
    on_demand_price: i64,
    prices: Vec<(i64, i64)>,
}

fn rate(nano: i64) -> Rate {
    Rate::from_nano_per_hour(nano)
}

impl From<Timeline> for Columns {
    fn from(line: Timeline) -> Self {
        let points = &line.points;
        let column = |value: fn(&TimelinePoint) -> f64| -> Vec<Option<f64>> {
            points.iter().map(value).map(|value| value.is_finite().then_some(value)).collect()
        };
        let market = |market: MarketLine| Market {
            market: market.market,
            max_price: market.max_price.nano_per_hour(),
            on_demand_price: market.on_demand_price.nano_per_hour(),
            prices: market.prices.iter().map(|(time, price)| (time.nanos(), price.nano_per_hour())).collect(),
        };
        Columns {
            start: points.first().map_or(0, |point| point.start.nanos()),
            interval: points.first().map_or(0, |point| (point.end - point.start).nanos()),
            end: points.last().map_or(0, |point| point.end.nanos()),
            offered: points.iter().map(|point| point.offered).collect(),
            late: points.iter().map(|point| point.late).collect(),
            failed: points.iter().map(|point| point.failed).collect(),
            p50: column(|point| point.p50),
            p95: column(|point| point.p95),
            p99: column(|point| point.p99),
            cpu: column(|point| point.cpu),
            reserved: column(|point| point.reserved),
            spot: column(|point| point.spot),
            on_demand: column(|point| point.on_demand),
            mix: line.mix,
            replication: line.replication,
            markets: line.markets.into_iter().map(market).collect(),
            interruptions: line.interruptions.into_iter().map(|mark| (mark.at.nanos(), mark.market)).collect(),
            cost_by_day: line.cost_by_day,
            incidents: line.incidents,
        }
    }
}

impl TryFrom<Columns> for Timeline {
    type Error = &'static str;

    fn try_from(columns: Columns) -> Result<Self, Self::Error> {
        let points = points(&columns)?;
        let market = |market: Market| MarketLine {
            market: market.market,
            prices: market.prices.into_iter().map(|(at, price)| (SimTime::from_nanos(at), rate(price))).collect(),
            max_price: rate(market.max_price),
            on_demand_price: rate(market.on_demand_price),
        };
        let mark = |(at, market)| InterruptionMark { at: SimTime::from_nanos(at), market };
        Ok(Timeline {
            mix: columns.mix,
            replication: columns.replication,
            points,
            markets: columns.markets.into_iter().map(market).collect(),
            interruptions: columns.interruptions.into_iter().map(mark).collect(),
            cost_by_day: columns.cost_by_day,
            incidents: columns.incidents,
        })
    }
}

/// The rows of the columns.
fn points(columns: &Columns) -> Result<Vec<TimelinePoint>, &'static str> {
    let count = columns.offered.len();
    let lengths = [&columns.p50, &columns.p95, &columns.p99, &columns.cpu].into_iter();
    let lengths = lengths.chain([&columns.reserved, &columns.spot, &columns.on_demand]).map(Vec::len);
    if lengths.chain([columns.late.len(), columns.failed.len()]).any(|length| length != count) {
        return Err("the columns of a time line differ in length");
    }
    let place = |index: i64| columns.interval.checked_mul(index)?.checked_add(columns.start);
    let fits = |index: i64| place(index).is_some_and(|start| start < columns.end);
    if count > 0 && !(columns.interval > 0 && fits(count as i64 - 1)) {
        return Err("the intervals of a time line do not fit its end");
    }
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let interval = Duration::from_nanos(columns.interval);
    let point = |index: usize| {
        let start = SimTime::from_nanos(columns.start) + interval.times(index as i64);
        let full = start.nanos().checked_add(columns.interval);
        TimelinePoint {
            start,
            end: SimTime::from_nanos(full.unwrap_or(columns.end).min(columns.end)),
            offered: columns.offered[index],
            late: columns.late[index],
            failed: columns.failed[index],
            p50: number(columns.p50[index]),
            p95: number(columns.p95[index]),
            p99: number(columns.p99[index]),
            cpu: number(columns.cpu[index]),
            reserved: number(columns.reserved[index]),
            spot: number(columns.spot[index]),
            on_demand: number(columns.on_demand[index]),
        }
    };
    Ok((0..count).map(point).collect())
}
