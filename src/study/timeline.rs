//! The time line of a named replication, from its record.

use super::replicate::{Outcome, Prepared};
use crate::market::PricePath;
use crate::results::{CostByDay, Incidents, InterruptionMark, MarketLine, Timeline, TimelinePoint};
use crate::scenario::Scenario;
use crate::units::{Duration, SimTime};
use std::sync::Arc;

/// The length of a time line's intervals: 5 minutes up to two days, 15 up to two weeks, else an hour; a multiple of the
/// metric period and of a minute.
pub(super) fn bucket_length(scenario: &Scenario) -> Duration {
    let days = scenario.clock.horizon.as_hours_f64() / 24.0;
    let wanted = Duration::from_secs(if days <= 2.0 {
        300
    } else if days <= 14.0 {
        900
    } else {
        3600
    });
    let minute = Duration::from_secs(60);
    let period = scenario.scaling.metrics.period.rounded_up_to(minute);
    wanted.rounded_up_to(period)
}

/// Up to so many days the best mix has a time line of five minutes: more points than that no chart shows.
const MOST_FINE_DAYS: f64 = 62.0;

/// The length of the intervals of the best mix's time line.
pub(super) fn fine_bucket_length(scenario: &Scenario) -> Duration {
    let coarse = bucket_length(scenario);
    let fine = Duration::from_secs(300).rounded_up_to(minute_bucket_length(scenario));
    if scenario.clock.horizon.as_hours_f64() > 24.0 * MOST_FINE_DAYS { coarse } else { fine.min(coarse) }
}

/// The length of the intervals of incidents: a minute, or the metric period if that is longer.
pub(super) fn minute_bucket_length(scenario: &Scenario) -> Duration {
    scenario.scaling.metrics.period.rounded_up_to(Duration::from_secs(60))
}

/// The time line of a mix's replication, in which its markets had these prices.
pub(super) fn time_line(mix: &Prepared, outcome: &Outcome, replication: u32, prices: &[Arc<PricePath>]) -> Timeline {
    let candidate = mix.candidate;
    let plan = mix.plan.spot.as_ref();
    let markets = plan.map_or(&[][..], |plan| &plan.markets);
    let horizon = mix.plan.horizon;
    let days = horizon.since_start().rounded_up_to(Duration::DAY).nanos() / Duration::DAY.nanos();
    let by_day = outcome.ledger.by_day(days as usize);
    Timeline {
        mix: candidate.name.clone(),
        replication,
        points: points(outcome),
        markets: markets
            .iter()
            .zip(prices)
            .map(|(market, path)| MarketLine {
                market: market.name.clone(),
                prices: path.steps().iter().map(|(time, rate)| ((*time).max(SimTime::START), *rate)).collect(),
                max_price: market.max_price,
                on_demand_price: candidate.prices.types[&candidate.scenario.markets[&market.name].instance_type]
                    .on_demand
                    .rate,
            })
            .collect(),
        interruptions: outcome
            .run
            .interruptions
            .iter()
            .map(|(at, market)| InterruptionMark { at: *at, market: markets[*market].name.clone() })
            .collect(),
        incidents: Incidents::default(),
        cost_by_day: by_day
            .iter()
            .zip(0..)
            .map(|([reserved, spot, on_demand, savings_plan], day)| CostByDay {
                start: SimTime::START + Duration::DAY.times(day),
                reserved: *reserved,
                spot: *spot,
                on_demand: *on_demand,
                savings_plan: *savings_plan,
            })
            .collect(),
    }
}

fn points(outcome: &Outcome) -> Vec<TimelinePoint> {
    let mut start = SimTime::START;
    outcome
        .run
        .buckets
        .iter()
        .map(|bucket| {
            let [p50, p95, p99] = bucket.percentiles;
            let [reserved, spot, on_demand] = bucket.in_service;
            let [offered, late, failed] = bucket.requests;
            let point = TimelinePoint {
                start,
                end: bucket.end,
                offered,
                late,
                failed,
                p50,
                p95,
                p99,
                cpu: bucket.cpu,
                reserved,
                spot,
                on_demand,
            };
            start = bucket.end;
            point
        })
        .collect()
}
