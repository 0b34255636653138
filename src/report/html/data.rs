//! The numbers behind the charts, for the page's script: what a reader sees when pointing at a chart.

use super::columns::{Columns, Number};
use crate::report::ranking::chosen;
use crate::report::view::{Calendar, verdict};
use crate::results::{CostByDay, Estimate, MarketLine, MixRecord, Results, Timeline, TimelinePoint};
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
    /// What lines name by their places.
    columns: Columns,
}

#[derive(Serialize)]
struct MixData<'a> {
    name: &'a str,
    /// The element that tells more of it.
    anchor: String,
    verdict: &'static str,
    cost: [Number; 3],
    late: [Number; 3],
    p95: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<LineData<'a>>,
    /// Stretches of it by the minute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    incidents: Vec<LineData<'a>>,
}

/// A time line by columns; times in seconds since the start of simulated time.
#[derive(Serialize)]
struct LineData<'a> {
    from: Number,
    interval: Number,
    offered: usize,
    late: usize,
    p50: usize,
    p95: usize,
    p99: usize,
    reserved: usize,
    spot: usize,
    on_demand: usize,
    /// Beginning, reserved, spot, on-demand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    days: Vec<[Number; 4]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    markets: Vec<MarketData<'a>>,
}

#[derive(Serialize)]
struct MarketData<'a> {
    name: &'a str,
    max: f64,
    /// When prices begin; empty if each is the highest of an interval.
    times: usize,
    prices: usize,
}

fn with_ends(estimate: &Estimate) -> [Number; 3] {
    let [low, high] = estimate.ci95.unwrap_or([f64::NAN; 2]);
    [estimate.mean, low, high].map(Number::exact)
}

/// The data of the page as JSON that may stand inside a script element.
pub(super) fn json(results: &Results, timelines: &[Timeline], anchor: impl Fn(&MixRecord) -> String) -> String {
    let calendar = Calendar::new(&results.scenario);
    let chosen = chosen(results).map(|mix| mix.name.as_str());
    let mut columns = Columns::default();
    let mut mix = |record| {
        let record: &MixRecord = record;
        let timeline = timelines.iter().find(|timeline| timeline.mix == record.name);
        let incidents = timeline.map_or(&[][..], |timeline| &timeline.incidents.worst);
        MixData {
            name: &record.name,
            anchor: anchor(record),
            verdict: verdict(record.objective_met),
            cost: with_ends(&record.cost.per_month),
            late: with_ends(&record.late_share),
            p95: Number::rounded(record.latency_seconds.p95.mean),
            line: timeline.map(|timeline| line(&mut columns, timeline, chosen == Some(record.name.as_str()))),
            incidents: incidents.iter().map(|incident| line(&mut columns, incident, true)).collect(),
        }
    };
    let mixes = results.mixes.iter().map(&mut mix).collect();
    let data = PageData {
        start: results.scenario.start.unix_nanos() as f64 / 1e6,
        zone: calendar.zone_name,
        currency: results.currency.to_string(),
        objective: results.objective.latency_seconds,
        mixes,
        columns,
    };
    let text = serde_json::to_string(&data).expect("the data is made of what JSON can hold");
    // A name must not end the element.
    text.replace('<', "\\u003c")
}

fn line<'a>(columns: &mut Columns, timeline: &'a Timeline, exact: bool) -> LineData<'a> {
    let points = &timeline.points;
    let mut column = |value: fn(&TimelinePoint) -> Number| columns.place(points.iter().map(value));
    let day = |day: &CostByDay| {
        let [reserved, spot, on_demand] =
            [day.committed(), day.spot, day.on_demand].map(|part| Number::money(part.to_f64()));
        [Number::exact(day.start.as_secs_f64()), reserved, spot, on_demand]
    };
    let length = points.first().map_or(0.0, |point| (point.end - point.start).as_secs_f64());
    LineData {
        from: Number::exact(points.first().map_or(0.0, |point| point.start.as_secs_f64())),
        interval: Number::exact(length),
        offered: column(|point| Number::exact(point.offered as f64)),
        late: column(|point| Number::exact(point.late as f64)),
        p50: column(|point| Number::rounded(point.p50)),
        p95: column(|point| Number::rounded(point.p95)),
        p99: column(|point| Number::rounded(point.p99)),
        reserved: column(|point| Number::rounded(point.reserved)),
        spot: column(|point| Number::rounded(point.spot)),
        on_demand: column(|point| Number::rounded(point.on_demand)),
        days: timeline.cost_by_day.iter().map(day).collect(),
        markets: timeline.markets.iter().map(|one| market(columns, timeline, one, exact)).collect(),
    }
}

/// The prices of a market: each of them, or the highest of each interval of the time line, which is a tenth of the size.
fn market<'a>(columns: &mut Columns, timeline: &Timeline, market: &'a MarketLine, exact: bool) -> MarketData<'a> {
    let all = || market.prices.iter().map(|(at, price)| (at.as_secs_f64(), price.to_f64()));
    let (times, prices): (Vec<Number>, Vec<Number>) = if exact {
        all().map(|(at, price)| (Number::exact(at), Number::money(price))).unzip()
    } else {
        (Vec::new(), peaks(timeline, &all().collect::<Vec<_>>()))
    };
    MarketData {
        name: &market.market,
        max: market.max_price.to_f64(),
        times: columns.place(times),
        prices: columns.place(prices),
    }
}

/// The highest price in each interval; prices hold until the next.
fn peaks(timeline: &Timeline, prices: &[(f64, f64)]) -> Vec<Number> {
    let mut next = 0;
    let mut held = f64::NAN;
    let peak = |point: &TimelinePoint| {
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
        Number::money(peak)
    };
    timeline.points.iter().map(peak).collect()
}
