//! A study of eight mixes over a week, made up, for tests and pictures.

use crate::results::*;
use crate::units::{Currency, Duration, Money, Rate, SimTime, Term};

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
        pools: vec![
            pool("reserved", "1y-no-upfront, 0.658 USD/h"),
            pool("spot", "market use1b, at most 0.40 USD/h"),
            pool("on_demand", "0.958 USD/h, 0 to 6 instances"),
        ],
        commitments: Vec::new(),
        named_replication: NamedReplication { index: 12, total: format!("{total:.9}") },
        patch_wave: None,
        causes: None,
        background: None,
        by_replication: by_replication(total, late),
    }
}

/// Thirty replications whose costs and late requests scatter about these.
fn by_replication(total: f64, late: f64) -> ReplicationValues {
    let mut noise = Noise((total * 100.0) as u64);
    let mut about = |mean: f64| (0..30).map(|_| mean * (0.9 + 0.2 * noise.next())).collect::<Vec<f64>>();
    ReplicationValues {
        cost: about(total),
        offered: vec![16_934_400; 30],
        late: about(late * 16_934_400.0).into_iter().map(|count| count as u64).collect(),
        failed: about(late * 67_737.6).into_iter().map(|count| count as u64).collect(),
        p95_seconds: about(0.55 + late * 9.0),
    }
}

/// What came of work that could wait, with containers that start in `start` seconds.
pub fn background(start: f64, lost_hours: f64) -> BackgroundRecord {
    serde_json::from_value(serde_json::json!({
        "work_done_seconds": estimate(36e5, 0.02),
        "work_lost_seconds": estimate(3600.0 * lost_hours, 0.1),
        "starting_seconds": estimate(9000.0, 0.1),
        "tasks_done": estimate(6000.0, 0.02),
        "containers_killed": estimate(800.0, 0.1),
        "containers_started_for_requests": estimate(900.0, 0.1),
        "container_start_seconds": start,
        "work_per_hour": estimate(6.0, 0.02),
        "host_utilization": shares(0.93, 0.01),
        "cost_per_useful_hour": estimate(0.05, 0.02),
    }))
    .expect("a record")
}

fn pool(pool: &str, terms: &str) -> PoolRecord {
    PoolRecord {
        pool: pool.into(),
        instance_type: "m4.4xlarge".into(),
        terms: terms.into(),
        on_demand_hourly: Some(0.958),
    }
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
        sensitivity: None,
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
    let mut results = study(vec![
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
    results.mixes[1].causes = Some(causes());
    results.mixes[1].commitments.push(commitment());
    let on_demand = results.mixes.last_mut().expect("there are mixes");
    on_demand.pools.retain(|pool| pool.pool == "on_demand");
    let cost = &mut on_demand.cost;
    (cost.on_demand, cost.reserved, cost.spot) = (cost.total, estimate(0.0, 0.0), estimate(0.0, 0.0));
    let names = ["3 reserved + 2 spot + on-demand", "5 reserved + on-demand", "on-demand only"];
    let mut timelines: Vec<Timeline> = names.map(|name| timeline(name, 2016, 300)).into();
    timelines[0].incidents = Incidents { found: 3, worst: vec![incident(names[0])] };
    (results, timelines)
}

/// Why requests of a mix are late: five parts that add up.
pub fn causes() -> CausesRecord {
    let split = |parts: [f64; 5]| {
        let [interruption, boot_delay, alarm_delay, too_small_a_fleet, interaction] =
            parts.map(|part| estimate(part, 0.3));
        CauseSplit {
            total: estimate(parts.iter().sum(), 0.2),
            interruption,
            boot_delay,
            alarm_delay,
            too_small_a_fleet,
            interaction,
        }
    };
    let late = split([61_200.0, 98_400.0, 187_300.0, 402_100.0, -83_500.0]);
    CausesRecord::new(late, estimate(171_000.0, 0.01), split([412.0, 0.0, 0.0, 3.0, 0.0]))
}

fn commitment() -> CommitmentRecord {
    CommitmentRecord {
        id: "reserved-m4.4xlarge-1y".into(),
        count: 3,
        owned: false,
        term: Term::OneYear,
        payment: "no_upfront".into(),
        upfront: 0.0,
        hourly: 0.658,
        effective_hourly: 0.658,
        utilization: Some(0.92),
        break_even_utilization: Some(0.687),
        break_even_months: None,
        net_present_value: None,
        return_on_upfront: None,
    }
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
        incidents: Incidents::default(),
        points,
        markets: vec![market],
        interruptions,
    }
}

/// The evening of the third day by the minute, when many more came than usual.
pub fn incident(name: &str) -> Timeline {
    let whole = timeline(name, 7 * 1440, 60);
    let points = whole.points[3690..3850].to_vec();
    let (from, to) = (points[0].start, points[159].end);
    let interruptions = whole.interruptions.into_iter().filter(|mark| mark.at >= from && mark.at < to).collect();
    Timeline { points, interruptions, markets: Vec::new(), cost_by_day: Vec::new(), ..whole }
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

/// A sensitivity study in which each factor moves the cost by half as much as the one before.
pub fn sensitivity(factors: &[Factor], largest: f64) -> SensitivityRecord {
    let reaction = |change: f64, late: f64| Reaction {
        name: "3 reserved + 2 spot(max 0.40 USD/h) + on-demand".into(),
        per_month: estimate(2000.0 + change, 0.02),
        cost_change: estimate(change, 0.1),
        late_share: shares(late, 0.1),
        late_change: estimate(late - 0.011, 0.1),
        error_share: shares(1e-5, 0.1),
        objective_met: if late <= 0.05 { ObjectiveMet::Met } else { ObjectiveMet::Missed },
    };
    let factor = |(index, factor): (usize, &Factor)| {
        let effect = largest / f64::from(1u32 << index);
        let variation = |change: &str, effect: f64, late: f64| Variation {
            change: change.into(),
            mix: reaction(effect, late),
            rival: None,
        };
        // Of one factor both changes cost more.
        let low = if index == 2 { effect } else { -0.8 * effect };
        FactorRecord {
            factor: *factor,
            low: variation("−20 %", low, 0.008),
            high: variation("+20 %", effect, 0.06 / f64::from(1 + index as u32)),
        }
    };
    let (results, _) = week();
    SensitivityRecord {
        schema_version: SENSITIVITY_SCHEMA_VERSION,
        fleetmix_version: "0.1.0".into(),
        scenario: "week".into(),
        seed: 1,
        replications: 5,
        currency: Currency::USD,
        objective: results.objective,
        findings: Vec::new(),
        mix: reaction(0.0, 0.011),
        rival: None,
        factors: factors.iter().enumerate().map(factor).collect(),
        interruptions: None,
        commitments: Vec::new(),
        assumptions: Vec::new(),
        sources: Vec::new(),
    }
}

/// What a report shows beside the results, with a bill of two months for each time line.
pub fn stored(timelines: &[Timeline]) -> StoredReport {
    StoredReport {
        schema_version: STORED_REPORT_VERSION,
        command: "fleetmix compare scenarios/web-3-5-7/scenario.json --seed 7".into(),
        timelines: timelines.to_vec(),
        invoices: timelines.iter().map(|timeline| invoice(&timeline.mix)).collect(),
    }
}

fn invoice(mix: &str) -> MixInvoice {
    let line = |month: &str, item: &str, option, amortised: f64, billed: f64| {
        let money = |amount: f64| Money::from_nano((amount * 1e9) as i128);
        InvoiceLine {
            month: month.into(),
            item: item.into(),
            option,
            owned: item.contains("owned"),
            quantity: money(amortised * 1.5),
            unit: "Hours".into(),
            amortised: money(amortised),
            billed: money(billed),
            list: money(amortised * 1.4),
        }
    };
    let lines = vec![
        line("2016-03", "m4.4xlarge covered by 1y-no-upfront", ChargedAs::Reserved, 300.123_456_789, 0.0),
        line("2016-03", "Hourly part of 3 × 1y-no-upfront", ChargedAs::Reserved, 0.0, 331.6),
        line("2016-03", "Spot m4.4xlarge in use1b", ChargedAs::Spot, 55.000_000_001, 55.000_000_001),
        line("2016-04", "On-demand m4.4xlarge", ChargedAs::OnDemand, 41.2, 41.2),
        line("2016-04", "Hourly part of owned-1", ChargedAs::Reserved, 7.0, 7.0),
    ];
    MixInvoice { mix: mix.into(), replication: 12, lines }
}
