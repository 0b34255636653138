//! What a reader has to know, in words: what varied, what was assumed, what to be careful about.

use super::background;
use super::invoice::tariff;
use super::paths::Sampling;
use super::replicate::{Outcome, Prepared};
use crate::billing::Offer;
use crate::engine::Tables;
use crate::input::{Candidate, LoadedScenario};
use crate::market::HazardRates;
use crate::results::PoolRecord;
use crate::scenario::{CapacityRebalancing, Fidelity, InitialFleet, OnDemandBilling, OnLoss, Scenario, SpotBilling};
use crate::units::{Duration, Rate};

/// What differs between replications.
pub(super) fn varied(scenario: &Scenario, sampling: &Sampling, really: bool) -> Vec<String> {
    if scenario.run.replications == 1 {
        return Vec::new();
    }
    let mut words = Vec::new();
    if really {
        words.push(match (sampling.demand, sampling.markets) {
            (true, true) => "days of demand and of spot prices, drawn jointly from the traces with the weekday kept",
            (true, false) => "days of demand, drawn from the trace with the weekday kept",
            _ => "days of spot prices, drawn from the traces with the weekday kept",
        });
    }
    match (scenario.demand.arrivals(), scenario.demand.gives_sizes()) {
        (Some(_), _) => words.push("arrival times and work of requests"),
        (None, false) => words.push("work of requests"),
        (None, true) => {}
    }
    words.push("boot and fulfilment times, random interruptions");
    words.into_iter().map(str::to_string).collect()
}

/// Minutes in which more requests fail than this share are none that tables were measured in.
const MOST_FAILED: f64 = 0.01;

/// How far minutes that are served by tables can be trusted, and who was simulated by the request all the same.
fn by_minutes(scenario: &Scenario, mixes: &[Prepared], outcomes: &[Vec<Outcome>]) -> Vec<String> {
    let whole = Tables::check(scenario);
    let mut words = Vec::new();
    if whole.is_ok() && mixes.iter().any(|mix| mix.fits_minutes) {
        let allowed = scenario.objective.late_share;
        words.push(format!(
            "Minutes were served by tables in place of requests: against simulated requests, in a grid of 60 cases, the late share of a day was off by \
             at most {:.4} where the objective is nearly met and {:.4} elsewhere; latencies are pieced together from three percentiles of each minute, the \
             largest is that of the worst minute.",
            (0.1 * allowed).max(0.002),
            (0.1 * allowed).max(0.006)
        ));
    }
    for (mix, outcomes) in mixes.iter().zip(outcomes) {
        let name = &mix.candidate.name;
        if let Err(reason) = whole.clone().and_then(|()| Tables::check(&mix.candidate.scenario)) {
            words.push(format!(
                "{name} was simulated request by request, since minutes cannot stand for its requests: {reason}."
            ));
            continue;
        }
        let counts = outcomes.iter().map(|outcome| &outcome.run.counts);
        let (failed, offered) =
            counts.fold((0, 0), |(failed, offered), one| (failed + one.failed(), offered + one.offered));
        if failed as f64 > MOST_FAILED * offered as f64 {
            words.push(format!(
                "{name}: more than {:.0} % of the requests fail, which is outside what tables were measured for; simulate it with --fidelity request.",
                100.0 * MOST_FAILED
            ));
        }
    }
    words
}

/// What was assumed of who replaces what.
fn control(scenario: &Scenario) -> Vec<String> {
    let mut words = Vec::new();
    let on_loss = scenario.pools.spot.as_ref().map_or(OnLoss::AlarmOnly, |pool| pool.on_loss);
    let stands_in = match on_loss {
        OnLoss::AlarmOnly => None,
        OnLoss::OnNotice => Some("from the notice on".to_string()),
        OnLoss::After(time) => Some(format!("when it has been missing for {time}")),
        OnLoss::Overprovision { extra } => {
            Some(format!("and {extra} more spot instances are asked for than the mix has"))
        }
    };
    words.extend(stands_in.map(|when| {
        format!("On-demand stands in for missing spot {when}: a rule of the team's own controller, no cloud does it by itself.")
    }));
    let replaced = match scenario.pools.spot.as_ref().map(|pool| pool.capacity_rebalancing) {
        None | Some(CapacityRebalancing::Off) => None,
        Some(CapacityRebalancing::Launch) => Some("the old one stays until it is taken"),
        Some(CapacityRebalancing::LaunchBeforeTerminate) => Some("the old one is ended when the new one serves"),
    };
    words.extend(replaced.map(|old| {
        format!("Another spot instance is asked for when one is at risk (if another market accepts) or has its notice; {old}.")
    }));
    if let Some(wave) = &scenario.patch_wave {
        words.push(format!(
            "A vulnerability becomes known {} after the start; every instance without the updates is replaced.",
            wave.at
        ));
    }
    if scenario.pools.on_demand.warm_pool.is_some() {
        words.push(
            "On-demand instances come from a warm pool while it lasts; disks of stopped ones are not priced."
                .to_string(),
        );
    }
    words
}

/// What was assumed.
pub(super) fn assumptions(input: &LoadedScenario) -> Vec<String> {
    let scenario = &input.scenario;
    let mut words = input.notes.clone();
    words.push(match scenario.billing.on_demand {
        OnDemandBilling::PerHour {} => "On-demand is billed in whole started hours of each run.".to_string(),
        OnDemandBilling::PerSecond { minimum } => {
            format!("On-demand is billed per second, at least {minimum} at each start.")
        }
    });
    words.push(match scenario.billing.spot {
        SpotBilling::Bid2015(_) => {
            "Spot is billed in whole hours at the market price of each hour's start; the hour that \
             the cloud breaks is free."
                .to_string()
        }
        SpotBilling::Modern(rule) if rule.free_if_interrupted_within.is_positive() => format!(
            "Spot is billed per second at the market price; an instance that the cloud takes within its first {} is free.",
            rule.free_if_interrupted_within
        ),
        SpotBilling::Modern(_) => "Spot is billed per second at the market price, whoever ends it.".to_string(),
    });
    words.push(
        "Commitments are due for every hour of the horizon; upfront payments are spread evenly over the term. In each clock \
         hour they cover base and on-demand instances that match, then savings plans are spent."
            .to_string(),
    );
    words.extend(control(scenario));
    words.extend(background::assumptions(scenario));
    if scenario.billing.sustained_use.is_some() {
        words.push("On-demand instances that run long within a calendar month (UTC) get a discount.".to_string());
    }
    if !scenario.commitments_owned.is_empty() {
        words.push(
            "Commitments that were owned before are no part of the costs: their money is sunk, their coverage counts."
                .to_string(),
        );
    }
    if !scenario.capacity_reservations.is_empty() {
        words.push(
            "Reserved capacity is paid at the on-demand price, used or not; launches in it do not fail. What is unused counts as \
             on-demand."
                .to_string(),
        );
    }
    words.push(match scenario.run.initial_fleet {
        InitialFleet::MixInService => format!(
            "Each run starts with the mix in service and warms up for {} that is not counted.",
            scenario.run.warm_up
        ),
        InitialFleet::Empty => "Each run starts with nothing running.".to_string(),
    });
    words.push(
        "Instances that run at the horizon are billed to it; a started hour of a whole-hour rule is billed whole."
            .to_string(),
    );
    words
}

/// What a study says that was cancelled before its time lines were made.
pub(super) const WITHOUT_TIME_LINES: &str = "Stopped before all charts over time were made: some mixes have none.";

/// What a study that was cancelled has to say first.
pub(super) fn stopped_early(finished: u32, wanted: u32) -> String {
    format!("Stopped after {finished} of {wanted} replications: intervals are wider than they were meant to be.")
}

/// What to be careful about.
pub(super) fn warnings(
    input: &LoadedScenario,
    mixes: &[Prepared],
    outcomes: &[Vec<Outcome>],
    really_varied: bool,
) -> Vec<String> {
    let scenario = &input.scenario;
    let mut words = Vec::new();
    let committed = mixes.iter().any(|mix| mix.plan.reserved.is_some());
    if committed && scenario.clock.horizon < Duration::DAY.times(90) {
        words.push(format!(
            "{} of demand decide here on commitments of a year or more: season and growth are not in these figures.",
            scenario.clock.horizon
        ));
    }
    if outcomes.iter().flatten().all(|outcome| outcome.run.counts.offered == 0) {
        words.push("No request was offered: latencies and shares of requests say nothing here.".to_string());
    }
    if scenario.clock.horizon < Duration::DAY {
        words.push(format!(
            "A horizon of {} is short: hours that were begun weigh too much in the cost of a month.",
            scenario.clock.horizon
        ));
    }
    if scenario.run.replications == 1 {
        words.push("One replication has no interval: whether the objective is met stays unclear.".to_string());
    }
    let resampled = scenario.run.between_replications != crate::scenario::BetweenReplications::FixedTraces;
    if resampled && !really_varied {
        words.push(
            "The traces hold one block for each part of the week: resampling could not vary anything.".to_string(),
        );
    }
    if scenario.run.fidelity == Fidelity::Interval {
        words.extend(by_minutes(scenario, mixes, outcomes));
    }
    words.extend(markets_that_cannot_interrupt(mixes, outcomes));
    let mut of_prices: Vec<String> = mixes.iter().flat_map(|mix| strange_prices(mix.candidate)).collect();
    of_prices.dedup();
    of_prices.sort();
    of_prices.dedup();
    words.extend(of_prices);
    for (mix, outcomes) in mixes.iter().zip(outcomes) {
        let stuck: u64 = outcomes.iter().map(|outcome| outcome.run.counts.in_system_at_end).sum();
        if stuck > 0 {
            let name = &mix.candidate.name;
            words.push(format!("{name}: {stuck} requests were never completed because no instance was left."));
        }
    }
    words
}

/// Share of the on-demand price that no real offer saves.
const MOST_SAVED: f64 = 0.9;

/// The same of spot: clouds promise up to 91 %.
const MOST_SAVED_BY_SPOT: f64 = 0.95;

/// What is strange about an offer, if anything is: it saves nothing, or more than any real one.
pub(super) fn strange_offer(name: &str, instance_type: &str, offer: &Offer, on_demand: Rate) -> Option<String> {
    let saving = 1.0 - offer.break_even_utilisation(on_demand)?;
    let percent = (saving * 100.0).round();
    if saving <= 0.0 {
        return Some(format!(
            "The offer {name} of {instance_type} costs more than on-demand, used every hour (a saving of {percent} %): is it right?"
        ));
    }
    (saving > MOST_SAVED).then(|| format!("The offer {name} of {instance_type} saves {percent} %: is it right?"))
}

/// Prices and commitments of a candidate that may be mistakes.
fn strange_prices(candidate: &Candidate) -> Vec<String> {
    let scenario = &candidate.scenario;
    let mut words = Vec::new();
    let base = scenario.pools.reserved.as_ref().filter(|_| candidate.mix.reserved > 0);
    if let Some((pool, name)) = base.and_then(|pool| Some((pool, pool.commitment.as_ref()?))) {
        let prices = &candidate.prices.types[&pool.instance_type];
        let offer = Offer::from(&prices.reserved[name]);
        words.extend(strange_offer(name, &pool.instance_type, &offer, prices.on_demand.rate));
    }
    for name in candidate.spot_pool().iter().flat_map(|pool| &pool.markets) {
        let kind = &scenario.markets[name].instance_type;
        let Some(on_demand) = candidate.prices.types.get(kind).map(|prices| prices.on_demand.rate) else { continue };
        let mut prices = candidate.markets[name].steps.iter().map(|(_, price)| *price);
        if prices.clone().all(|price| price >= on_demand) {
            words.push(format!("The prices of the market {name} never lie below the on-demand price of {kind}."));
        }
        if prices.all(|price| price.to_f64() < (1.0 - MOST_SAVED_BY_SPOT) * on_demand.to_f64()) {
            words.push(format!(
                "The prices of the market {name} never reach {} % of the on-demand price of {kind}: are both per hour and in one unit?",
                ((1.0 - MOST_SAVED_BY_SPOT) * 100.0).round()
            ));
        }
    }
    let tariff = tariff(candidate, &[]);
    let end = tariff.horizon;
    for commitment in tariff.commitments.iter().filter(|commitment| commitment.owned) {
        if !tariff.may_cover(commitment) {
            words.push(format!("{} covers none of the instance types of {}.", commitment.id, candidate.name));
        }
        if commitment.until < end {
            words.push(format!("{} ends within the horizon; from then on it covers nothing.", commitment.id));
        }
    }
    for reserved in tariff.capacity.iter().filter(|reserved| !tariff.runs_in(reserved)) {
        let kind = &reserved.pool.instance_type;
        let place = if reserved.pool.zone.is_empty() { String::new() } else { format!(" in {}", reserved.pool.zone) };
        words.push(format!(
            "{} holds {kind}{place}, and {} has no base or on-demand instance of that: it is paid for nothing.",
            reserved.id, candidate.name
        ));
    }
    words
}

/// Mixes with spot that was never taken away, although only its price could.
fn markets_that_cannot_interrupt(mixes: &[Prepared], outcomes: &[Vec<Outcome>]) -> Option<String> {
    let safe: Vec<&str> = mixes
        .iter()
        .zip(outcomes)
        .filter(|(mix, outcomes)| {
            let no_hazard = mix
                .plan
                .spot
                .as_ref()
                .is_some_and(|spot| spot.markets.iter().all(|market| market.hazard == HazardRates::default()));
            let chaos = mix.candidate.scenario.chaos.is_some();
            no_hazard
                && !chaos
                && mix.candidate.capacities.is_empty()
                && outcomes.iter().all(|outcome| outcome.run.interruptions.is_empty())
        })
        .map(|(mix, _)| mix.candidate.name.as_str())
        .collect();
    (!safe.is_empty()).then(|| {
        format!(
            "Spot was never interrupted in: {}. Its prices stay within the maximum and nothing else can interrupt it here.",
            safe.join("; ")
        )
    })
}

/// What the parts of a mix are made of.
pub(super) fn pools(candidate: &Candidate) -> Vec<PoolRecord> {
    let scenario = &candidate.scenario;
    let mut records = Vec::new();
    let mut add = |pool: &str, instance_type: &str, terms: String| {
        let on_demand_hourly = candidate.prices.types.get(instance_type).map(|prices| prices.on_demand.rate.to_f64());
        records.push(PoolRecord {
            pool: pool.to_string(),
            instance_type: instance_type.to_string(),
            terms,
            on_demand_hourly,
        });
    };
    if let Some(pool) = scenario.pools.reserved.as_ref().filter(|_| candidate.mix.reserved > 0) {
        let prices = &candidate.prices.types[&pool.instance_type];
        let terms = match &pool.commitment {
            Some(name) => {
                let offer = &prices.reserved[name];
                let upfront = if offer.upfront.amount == crate::units::Money::ZERO {
                    String::new()
                } else {
                    format!("{} upfront + ", offer.upfront)
                };
                format!("{name}: {upfront}{}", offer.hourly)
            }
            None => format!("no commitment bought: {} where none covers it", prices.on_demand),
        };
        add("reserved", &pool.instance_type, terms);
    }
    if let Some(pool) = candidate.spot_pool() {
        for name in &pool.markets {
            let kind = &scenario.markets[name].instance_type;
            let max = candidate.mix.max_spot_price(pool, candidate.prices.types[kind].on_demand);
            add("spot", kind, format!("market {name}, maximum {max}"));
        }
    }
    if candidate.mix.on_demand.is_some() {
        let kind = &scenario.pools.on_demand.instance_type;
        add("on_demand", kind, candidate.prices.types[kind].on_demand.to_string());
    }
    records
}
