//! A study of eight mixes over a week, made up, for tests and pictures.

use crate::results::*;
use crate::units::{Currency, Duration, Money, Rate, SimTime};

/// A small generator of repeatable noise between 0 and 1.
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }
}

pub fn estimate(mean: f64, relative: f64) -> Estimate {
    let half = mean.abs() * relative;
    Estimate { mean, ci95: Some([mean - half, mean + half]), n: 30 }
}

fn shares(mean: f64, relative: f64) -> Estimate {
    let half = mean * relative;
    Estimate { mean, ci95: Some([(mean - half).max(0.0), (mean + half * 1.4).min(1.0)]), n: 30 }
}

/// A mix with its cost per month, late share and verdict.
pub fn mix(name: &str, per_month: f64, late: f64, met: ObjectiveMet) -> MixRecord {
    let total = per_month * 168.0 / 730.0;
    let (reserved, spot) = (total * 0.55, total * 0.15);
    let offered = 16_934_400.0;
    let failed = late * 0.004;
    MixRecord {
        name: name.into(),
        mix: name.into(),
        set: Default::default(),
        objective_met: met,
        cost: Cost {
            total: estimate(total, 0.02),
            reserved: estimate(reserved, 0.0),
            spot: estimate(spot, 0.03),
            on_demand: estimate(total - reserved - spot, 0.08),
            savings_plan: estimate(0.0, 0.0),
            other: estimate(0.0, 0.0),
            unused_commitment: estimate(reserved * 0.08, 0.05),
            sunk_commitment: estimate(0.0, 0.0),
            cash: estimate(total, 0.02),
            per_month: estimate(per_month, 0.02),
        },
        requests: Requests {
            offered: estimate(offered, 0.01),
            served: estimate(offered * (1.0 - failed), 0.01),
            rejected: estimate(offered * failed * 0.5, 0.2),
            timed_out: estimate(offered * failed * 0.4, 0.2),
            lost: estimate(offered * failed * 0.1, 0.5),
            in_system_at_end: estimate(0.0, 0.0),
        },
        latency_seconds: latencies(late),
        late_share: shares(late, 0.18),
        error_share: shares(failed, 0.3),
        attainment: shares(1.0 - late * 1.6, 0.004),
        attainment_by_requests: shares(1.0 - late * 2.0, 0.005),
        cpu_utilization: shares(0.47, 0.02),
        instances: counts(),
        by_replication: Default::default(),
        pools: vec![
            pool("reserved", "1y-no-upfront, 0.658 USD/h"),
            pool("spot", "market use1b, at most 0.40 USD/h"),
            pool("on_demand", "0.958 USD/h, 0 to 6 instances"),
        ],
        commitments: Vec::new(),
        named_replication: NamedReplication { index: 12, total: format!("{total:.9}") },
        patch_wave: None,
    }
}

fn pool(pool: &str, terms: &str) -> PoolRecord {
    PoolRecord { pool: pool.into(), instance_type: "m4.4xlarge".into(), terms: terms.into() }
}

fn latencies(late: f64) -> Latency {
    let p95 = 0.55 + late * 9.0;
    Latency {
        mean: estimate(p95 * 0.3, 0.03),
        p50: estimate(p95 * 0.22, 0.02),
        p90: estimate(p95 * 0.8, 0.03),
        p95: estimate(p95, 0.04),
        p99: estimate(p95 * 2.3, 0.08),
        p999: estimate(p95 * 6.0, 0.15),
        max: estimate(p95 * 30.0, 0.3),
    }
}

fn counts() -> InstanceCounts {
    InstanceCounts {
        hours: InstanceHours {
            reserved: estimate(504.0, 0.0),
            spot: estimate(310.0, 0.03),
            on_demand: estimate(96.0, 0.1),
        },
        launches: estimate(48.3, 0.1),
        launch_failures: estimate(0.0, 0.0),
        interruptions: estimate(7.4, 0.15),
        scale_outs: estimate(31.0, 0.1),
        scale_ins: estimate(29.0, 0.1),
        peak: estimate(8.2, 0.05),
    }
}

/// A record around these mixes; the baseline is the last one.
pub fn study(mixes: Vec<MixRecord>) -> Results {
    let best = mixes.iter().filter(|mix| mix.objective_met == ObjectiveMet::Met);
    let best = best.min_by(|a, b| a.cost.per_month.mean.total_cmp(&b.cost.per_month.mean)).map(|mix| mix.name.clone());
    let baseline = mixes.last().map(|mix| mix.name.clone());
    let comparisons = compared(&mixes, baseline.as_deref());
    Results {
        schema_version: SCHEMA_VERSION,
        fleetmix_version: "0.1.0".into(),
        scenario: ScenarioRecord {
            name: "web-3-5-7".into(),
            description: "A service that runs best on five servers, copes with three, and peaks at seven.".into(),
            start: "2016-03-07T00:00:00Z".parse().unwrap(),
            horizon_seconds: 604_800.0,
            seed: 7,
            replications: 30,
            fidelity: "request".into(),
            report_time_zone: "America/New_York".into(),
        },
        objective: ObjectiveRecord { latency_seconds: 1.0, late_share: 0.05, error_share: 0.001 },
        currency: Currency::USD,
        prices: "AWS price list of 2016-04-18, us-east-1".into(),
        varied_between_replications: vec!["days of demand and market, resampled jointly".into(), "requests".into()],
        demand_or_market_varied: true,
        mixes,
        baseline,
        best,
        comparisons,
        sources: vec![
            SourceRecord {
                role: "demand".into(),
                file: "demand.csv".into(),
                sha256: "9f86d081884c7d65".repeat(4),
                rows: 10_080,
            },
            SourceRecord {
                role: "market use1b".into(),
                file: "prices.csv.gz".into(),
                sha256: "60303ae22b998861".repeat(4),
                rows: 1_842,
            },
        ],
        assumptions: vec!["The week of demand is placed on the week of 7 March 2016 of the market.".into()],
        warnings: vec!["One week stands for a month.".into()],
    }
}

fn compared(mixes: &[MixRecord], baseline: Option<&str>) -> Vec<Comparison> {
    let Some(base) = mixes.iter().find(|mix| Some(mix.name.as_str()) == baseline) else { return Vec::new() };
    let others = mixes.iter().filter(|mix| mix.name != base.name);
    let comparison = |mix: &MixRecord| Comparison {
        a: mix.name.clone(),
        b: base.name.clone(),
        cost_difference: estimate(mix.cost.total.mean - base.cost.total.mean, 0.05),
        probability_a_cheaper: Some(Estimate { mean: 0.97, ci95: Some([0.83, 0.999]), n: 30 }),
    };
    others.map(comparison).collect()
}

/// Eight mixes over a week, and the time lines of three of them.
pub fn week() -> (Results, Vec<Timeline>) {
    use ObjectiveMet::{Met, Missed, Unclear};
    let results = study(vec![
        mix("2 reserved + 5 spot + on-demand", 2_310.0, 0.031, Met),
        mix("3 reserved + 2 spot + on-demand", 2_143.0, 0.028, Met),
        mix("3 reserved + 4 spot + on-demand", 2_395.0, 0.019, Met),
        mix("3 reserved + on-demand", 2_701.0, 0.035, Met),
        mix("3 reserved", 1_441.0, 0.21, Missed),
        mix("5 reserved + on-demand", 2_610.0, 0.004, Met),
        mix("7 reserved", 3_362.0, 0.0006, Met),
        mix("5 reserved", 2_402.0, 0.052, Unclear),
        mix("on-demand only", 3_630.0, 0.043, Met),
    ]);
    let names = ["3 reserved + 2 spot + on-demand", "5 reserved + on-demand", "on-demand only"];
    let timelines = names.map(|name| timeline(name, 2016, 300)).into();
    (results, timelines)
}

/// A time line of `intervals` intervals of so many seconds.
pub fn timeline(name: &str, intervals: usize, seconds: i64) -> Timeline {
    let mut noise = Noise(intervals as u64 + 17);
    let market = market(&mut noise, intervals, seconds);
    let point = |index: usize| point(&mut noise, &market, index, seconds);
    let points: Vec<TimelinePoint> = (0..intervals).map(point).collect();
    let mut interruptions = Vec::new();
    for pair in market.prices.windows(2) {
        if pair[0].1 <= market.max_price && pair[1].1 > market.max_price {
            interruptions.extend([(); 2].map(|()| InterruptionMark { at: pair[1].0, market: market.market.clone() }));
        }
    }
    Timeline {
        mix: name.into(),
        replication: 12,
        cost_by_day: days(&points),
        points,
        markets: vec![market],
        interruptions,
    }
}

fn point(noise: &mut Noise, market: &MarketLine, index: usize, seconds: i64) -> TimelinePoint {
    let start = SimTime::from_secs(index as i64 * seconds);
    let day = start.as_secs_f64() / 86_400.0;
    let weekend = if day.rem_euclid(7.0) >= 5.0 { 0.7 } else { 1.0 };
    let flash = if (2.58..2.66).contains(&day.rem_euclid(7.0)) { 2.1 } else { 1.0 };
    let rate = (29.0 - 18.0 * (day * std::f64::consts::TAU).cos()) * weekend * flash * (0.94 + 0.12 * noise.next());
    let price = market.prices.iter().take_while(|step| step.0 <= start).last().map_or(Rate::ZERO, |step| step.1);
    let spot = if price > market.max_price { 0.0 } else { 2.0 };
    let on_demand = (rate / 9.2 - 3.0 - spot).clamp(0.0, 5.0).ceil();
    let load = rate / (9.8 * (3.0 + spot + on_demand));
    let p95 = 0.28 / (1.02 - load.min(0.97)) * (0.8 + 0.4 * noise.next()) * if spot == 0.0 { 1.5 } else { 1.0 };
    let offered = (rate * seconds as f64) as u64;
    TimelinePoint {
        start,
        end: start + Duration::from_secs(seconds),
        offered,
        late: if p95 > 1.0 { offered / 12 } else { offered / 200 },
        failed: 0,
        p50: p95 * 0.24,
        p95,
        p99: p95 * (1.8 + noise.next()),
        cpu: load.min(1.0),
        reserved: 3.0,
        spot,
        on_demand,
    }
}

fn market(noise: &mut Noise, intervals: usize, seconds: i64) -> MarketLine {
    let steps = (intervals * 2 / 5).max(1);
    let price = |index: usize| {
        let at = SimTime::from_secs((index * intervals / steps) as i64 * seconds);
        let spike = if index % 97 > 91 { 3.5 } else { 1.0 };
        (at, Rate::from_f64((0.15 + 0.05 * noise.next()) * spike).unwrap())
    };
    let rate = |price: f64| Rate::from_f64(price).unwrap();
    MarketLine {
        market: "use1b".into(),
        prices: (0..steps).map(price).collect(),
        max_price: rate(0.4),
        on_demand_price: rate(0.958),
    }
}

fn days(points: &[TimelinePoint]) -> Vec<CostByDay> {
    let day_of = |point: &TimelinePoint| point.start.nanos() / 86_400_000_000_000;
    let cost = |chunk: &[TimelinePoint]| {
        let money = |price: f64, count: fn(&TimelinePoint) -> f64| {
            let hours: f64 = chunk.iter().map(|point| count(point) * (point.end - point.start).as_hours_f64()).sum();
            Money::from_nano((hours * price * 1e9) as i128)
        };
        CostByDay {
            start: SimTime::from_secs(day_of(&chunk[0]) * 86_400),
            reserved: money(0.658, |point| point.reserved),
            spot: money(0.18, |point| point.spot),
            on_demand: money(0.958, |point| point.on_demand),
            savings_plan: Money::ZERO,
        }
    };
    points.chunk_by(|a, b| day_of(a) == day_of(b)).map(cost).collect()
}
