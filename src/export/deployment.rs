//! What is to be applied, in the words of EC2 Auto Scaling, for all formats.

use super::policies::{self, GroupAlarm, GroupPolicy, Schedule};
use super::purchases::{self, Purchase};
use crate::scenario::{
    Allocation, CapacityRebalancing, InlinePrices, Mix, OnLoss, OnReturn, Policy, Scenario, WarmPool, WarmState,
};
use std::collections::{BTreeMap, BTreeSet};

/// A mix as it is applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Name of the launch template; groups, alarms and policies begin with it.
    pub name: String,
    /// The mix, in its notation.
    pub mix: String,
    /// Base and on-demand instances.
    pub(super) steady: SteadyGroup,
    /// Spot instances.
    pub(super) spot: Option<SpotGroup>,
    /// Alarms by name.
    pub(super) alarms: BTreeMap<String, GroupAlarm>,
    /// Policies of the steady group by name.
    pub(super) policies: BTreeMap<String, GroupPolicy>,
    /// Scheduled actions of the steady group by name.
    pub(super) schedules: BTreeMap<String, Schedule>,
    /// What a person has to buy.
    pub(super) purchases: Vec<Purchase>,
    /// What AWS does otherwise than the simulation.
    pub remarks: Vec<String>,
}

/// The group of base and on-demand instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SteadyGroup {
    /// Instance types, the preferred first.
    pub instance_types: Vec<String>,
    /// Instances that always run.
    pub base: u32,
    /// Fewest instances.
    pub min: u32,
    /// Most instances.
    pub max: u32,
    /// Instances at the start.
    pub desired: u32,
    /// Seconds after entering service in which an instance does not count for metrics.
    pub warm_up: i64,
    /// `Stopped` or `Running`, and the most instances that are prepared.
    pub warm_pool: Option<(&'static str, Option<u32>)>,
}

/// The group of spot instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SpotGroup {
    /// Instance types.
    pub instance_types: Vec<String>,
    /// How many.
    pub size: u32,
    /// How markets are chosen, in the words of AWS.
    pub strategy: &'static str,
    /// Over how many of the cheapest pools instances are spread, where the strategy asks for it.
    pub pools: Option<u32>,
    /// Highest price per hour, a plain decimal; the on-demand price unless given.
    pub max_price: Option<String>,
    /// Whether instances are replaced on a recommendation.
    pub rebalance: bool,
}

/// What AWS is to be told of a mix.
pub fn deployment(scenario: &Scenario, mix: &Mix, prices: &InlinePrices) -> Deployment {
    let mut remarks = Vec::new();
    let steady = steady_group(scenario, mix, &mut remarks);
    let spot = spot_group(scenario, mix, &mut remarks);
    // Schedules can move the limits of a group that has on-demand instances.
    let fixed = steady.min == steady.max && (mix.on_demand.is_none() || !has_schedules(scenario));
    let policies::Policies { alarms, policies, schedules } = if fixed {
        let (alarms, policies) = (&scenario.scaling.alarms, &scenario.scaling.policies);
        let names: Vec<String> = alarms.keys().chain(policies.keys()).map(|name| format!("`{name}`")).collect();
        if !names.is_empty() {
            remarks.push(format!(
                "the steady group has {} instances whatever happens, so nothing scales it: left out are {}",
                steady.min,
                names.join(", ")
            ));
        }
        policies::Policies::default()
    } else {
        policies::of(scenario, spot.as_ref().map_or(0, |spot| spot.size), &mut remarks)
    };
    remarks
        .extend(foreign_types(steady.instance_types.iter().chain(spot.iter().flat_map(|spot| &spot.instance_types))));
    Deployment {
        name: scenario.name.clone(),
        mix: mix.to_string(),
        steady,
        spot,
        alarms,
        policies,
        schedules,
        purchases: purchases::of(scenario, mix, prices),
        remarks,
    }
}

fn has_schedules(scenario: &Scenario) -> bool {
    scenario.scaling.policies.values().any(|policy| matches!(policy, Policy::Scheduled(_)))
}

/// What is to be said of types that are not written as EC2 writes them, a family and a size: `m5.large`.
fn foreign_types<'a>(types: impl Iterator<Item = &'a String>) -> Option<String> {
    let foreign: BTreeSet<String> = types.filter(|name| !name.contains('.')).map(|name| format!("`{name}`")).collect();
    let names: Vec<String> = foreign.into_iter().collect();
    (!names.is_empty()).then(|| {
        format!("{} is no instance type of EC2: put the one that takes its place into the files", names.join(", "))
    })
}

fn steady_group(scenario: &Scenario, mix: &Mix, remarks: &mut Vec<String>) -> SteadyGroup {
    let pools = &scenario.pools;
    let on_demand = mix.on_demand.unwrap_or_default();
    let base = mix.reserved;
    let spot = mix.spot_count();
    let scaling = &scenario.scaling;
    let scales = mix.on_demand.is_some();
    let fixed = base + on_demand.min;
    let min = if scales { scaling.min_total.saturating_sub(spot).max(fixed) } else { base };
    let room = if scales { scaling.max_total.saturating_sub(spot) } else { base };
    let max = on_demand.max.map_or(room, |most| room.min(base + most)).max(min);
    let mut instance_types = Vec::new();
    if base > 0 {
        instance_types.extend(pools.reserved.as_ref().map(|pool| pool.instance_type.clone()));
    }
    if instance_types.first() != Some(&pools.on_demand.instance_type) {
        instance_types.push(pools.on_demand.instance_type.clone());
    }
    if instance_types.len() > 1 {
        remarks.push(format!(
            "base and on-demand instances are of different types ({}): one group starts the first that can be had, whatever it is for",
            instance_types.join(", ")
        ));
    }
    if spot > 0 && scales {
        remarks.push(format!(
            "`max_total` {} counts all instances in the simulation, so that lost spot frees room for on-demand; here on-demand may grow to \
             {} beside {spot} spot instances, whether these run or not",
            scaling.max_total,
            max - base
        ));
    }
    let failures = scenario.instance_types.values().any(|kind| kind.boot.failure_probability > 0.0);
    if failures {
        remarks.push("launches that fail are simulated; a group tries again by itself".to_string());
    }
    SteadyGroup {
        instance_types,
        base,
        min,
        max,
        desired: min,
        warm_up: policies::default_warm_up(scenario),
        warm_pool: pools.on_demand.warm_pool.as_ref().map(warm_pool),
    }
}

fn warm_pool(pool: &WarmPool) -> (&'static str, Option<u32>) {
    let state = match pool.state {
        WarmState::Stopped => "Stopped",
        WarmState::Running => "Running",
    };
    (state, pool.max_prepared)
}

fn spot_group(scenario: &Scenario, mix: &Mix, remarks: &mut Vec<String>) -> Option<SpotGroup> {
    let part = mix.spot.filter(|part| part.count > 0)?;
    let pool = scenario.pools.spot.as_ref()?;
    let markets: Vec<_> = pool.markets.iter().filter_map(|name| scenario.markets.get(name)).collect();
    let mut instance_types: Vec<String> = Vec::new();
    for market in &markets {
        if !instance_types.contains(&market.instance_type) {
            instance_types.push(market.instance_type.clone());
        }
    }
    let zones: Vec<&str> = markets.iter().map(|market| market.zone.as_str()).filter(|zone| !zone.is_empty()).collect();
    if !zones.is_empty() {
        remarks.push(format!(
            "spot markets are those of {}: give the spot group subnets of these zones only",
            zones.join(", ")
        ));
    }
    remarks.extend(match pool.on_loss {
        OnLoss::AlarmOnly if mix.on_demand.is_none() => None,
        OnLoss::AlarmOnly => Some("alarms start on-demand where spot is missing, as simulated; they see it only in the CPU of the steady group \
                              and in the balancer's latency"
            .to_string()),
        OnLoss::OnNotice => Some(missing_policy("on-demand that stands in for spot from its notice on")),
        OnLoss::After(time) => Some(missing_policy(&format!("on-demand that stands in for spot after {time}"))),
        OnLoss::Overprovision { extra } => {
            Some(missing_policy(&format!("{extra} more spot instances than the mix, and on-demand for each that is not in service")))
        }
    });
    if let OnReturn::After(time) = pool.on_return {
        remarks.push(format!("a group asks for lost spot again at once, not after {time} as simulated"));
    }
    let (strategy, pools) = match pool.allocation {
        Allocation::LowestPrice => ("lowest-price", Some(1)),
        Allocation::Diversified => ("lowest-price", Some(markets.len().clamp(1, 20) as u32)),
        Allocation::CapacityOptimized => ("capacity-optimized", None),
        Allocation::PriceCapacityOptimized => ("price-capacity-optimized", None),
    };
    Some(SpotGroup {
        instance_types,
        size: part.count + pool.on_loss.extra(),
        strategy,
        pools,
        max_price: part.max_price.or(pool.max_price).map(|price| price.rate.to_string()),
        rebalance: pool.capacity_rebalancing != CapacityRebalancing::Off,
    })
}

fn missing_policy(what: &str) -> String {
    format!(
        "{what} is the simulation's own policy: no auto-scaling group does this by itself, a controller of your own has to"
    )
}
