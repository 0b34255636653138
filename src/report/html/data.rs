//! The numbers behind the charts, for the page's script: what a reader sees when pointing at a chart.

use crate::report::view::{Calendar, verdict};
use crate::results::{Estimate, MarketLine, MixRecord, Results, Timeline};
use serde::Serialize;

#[derive(Serialize)]
struct PageData<'a> {
    /// Start of simulated time in milliseconds since 1970.
    start: f64,
    zone: String,
    currency: String,
    objective: f64,
    /// In the order of the record, which is that of the frontier's points.
    mixes: Vec<MixData<'a>>,
}

#[derive(Serialize)]
struct MixData<'a> {
    name: &'a str,
    /// The element that tells more of it.
    anchor: String,
    verdict: &'static str,
    cost: [Option<f64>; 3],
    late: [Option<f64>; 3],
    p95: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<LineData<'a>>,
}

/// A time line by columns; times in seconds since the start.
#[derive(Serialize)]
struct LineData<'a> {
    interval: f64,
    end: f64,
    offered: Vec<u64>,
    late: Vec<u64>,
    p50: Vec<Option<f64>>,
    p95: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
    reserved: Vec<Option<f64>>,
    spot: Vec<Option<f64>>,
    on_demand: Vec<Option<f64>>,
    /// Beginning, reserved, spot, on-demand.
    days: Vec<[Option<f64>; 4]>,
    markets: Vec<MarketData<'a>>,
}

#[derive(Serialize)]
struct MarketData<'a> {
    name: &'a str,
    max: f64,
    /// When prices begin; empty if each is the highest of an interval.
    times: Vec<f64>,
    prices: Vec<Option<f64>>,
}

/// A number with three figures: more cannot be read off a chart.
fn rounded(value: f64) -> Option<f64> {
    if value.is_finite() { format!("{value:.2e}").parse().ok() } else { None }
}

/// An amount with four figures.
fn rounded_money(value: f64) -> Option<f64> {
    if value.is_finite() { format!("{value:.3e}").parse().ok() } else { None }
}

fn with_ends(estimate: &Estimate) -> [Option<f64>; 3] {
    let ends = estimate.ci95.map_or([None, None], |ends| ends.map(Some));
    [Some(estimate.mean), ends[0], ends[1]].map(|value| value.filter(|value| value.is_finite()))
}

/// The data of the page as JSON that may stand inside a script element.
pub(super) fn json(results: &Results, timelines: &[Timeline], anchor: impl Fn(&MixRecord) -> String) -> String {
    let calendar = Calendar::new(&results.scenario);
    let chosen = results.best.as_deref();
    let mix = |mix| {
        let record: &MixRecord = mix;
        let of_mix = timelines.iter().find(|timeline| timeline.mix == record.name);
        MixData {
            name: &record.name,
            anchor: anchor(record),
            verdict: verdict(record.objective_met),
            cost: with_ends(&record.cost.per_month),
            late: with_ends(&record.late_share),
            p95: rounded(record.latency_seconds.p95.mean),
            line: of_mix.map(|timeline| line(timeline, chosen == Some(record.name.as_str()))),
        }
    };
    let data = PageData {
        start: results.scenario.start.unix_nanos() as f64 / 1e6,
        zone: calendar.zone_name,
        currency: results.currency.to_string(),
        objective: results.objective.latency_seconds,
        mixes: results.mixes.iter().map(mix).collect(),
    };
    let text = serde_json::to_string(&data).expect("the data is made of what JSON can hold");
    // A name must not end the element.
    text.replace('<', "\\u003c")
}

fn line(timeline: &Timeline, exact: bool) -> LineData<'_> {
    let points = &timeline.points;
    let column = |value: fn(&crate::results::TimelinePoint) -> f64| points.iter().map(|p| rounded(value(p))).collect();
    let day = |day: &crate::results::CostByDay| {
        let money = [day.committed(), day.spot, day.on_demand].map(|part| rounded_money(part.to_f64()));
        [Some(day.start.as_secs_f64()), money[0], money[1], money[2]]
    };
    LineData {
        interval: points.first().map_or(0.0, |point| (point.end - point.start).as_secs_f64()),
        end: points.last().map_or(0.0, |point| point.end.as_secs_f64()),
        offered: points.iter().map(|point| point.offered).collect(),
        late: points.iter().map(|point| point.late).collect(),
        p50: column(|point| point.p50),
        p95: column(|point| point.p95),
        p99: column(|point| point.p99),
        reserved: column(|point| point.reserved),
        spot: column(|point| point.spot),
        on_demand: column(|point| point.on_demand),
        days: timeline.cost_by_day.iter().map(day).collect(),
        markets: timeline.markets.iter().map(|one| market(timeline, one, exact)).collect(),
    }
}

/// The prices of a market: each of them, or the highest of each interval of the time line, which is a tenth of the size.
fn market<'a>(timeline: &Timeline, market: &'a MarketLine, exact: bool) -> MarketData<'a> {
    let all = || market.prices.iter().map(|(at, price)| (at.as_secs_f64(), price.to_f64()));
    let (times, prices) = if exact {
        all().map(|(at, price)| (at, rounded_money(price))).unzip()
    } else {
        (Vec::new(), peaks(timeline, &all().collect::<Vec<_>>()))
    };
    MarketData { name: &market.market, max: market.max_price.to_f64(), times, prices }
}

/// The highest price in each interval; prices hold until the next.
fn peaks(timeline: &Timeline, prices: &[(f64, f64)]) -> Vec<Option<f64>> {
    let mut next = 0;
    let mut held = f64::NAN;
    let peak = |point: &crate::results::TimelinePoint| {
        let (start, end) = (point.start.as_secs_f64(), point.end.as_secs_f64());
        while prices.get(next).is_some_and(|(at, _)| *at <= start) {
            held = prices[next].1;
            next += 1;
        }
        let mut peak = held;
        while prices.get(next).is_some_and(|(at, _)| *at < end) {
            held = prices[next].1;
            peak = peak.max(held);
            next += 1;
        }
        rounded_money(peak)
    };
    timeline.points.iter().map(peak).collect()
}
