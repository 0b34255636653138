//! Checks of instance types, markets and pools.

use super::workload::{SeriesOf, check_series_ref, check_step_times};
use super::{Findings, MAX_INSTANCES, MAX_SLOTS};
use crate::scenario::{
    Allocation, BootStage, CapacityRebalancing, Gaps, InstanceType, Interruptions, Market, OnLoss, OnReturn,
    PriceProcess, Prices, Scenario, SpotBilling, SpotCapacity, SpotPool, pointer_child, suggestion,
};

/// Most spot instances beyond those of a mix.
const MAX_EXTRA_SPOT: u32 = 1_000;

/// Instance types.
pub(super) fn check_types(scenario: &Scenario, findings: &mut Findings) {
    for (name, instance_type) in &scenario.instance_types {
        check_type(instance_type, &pointer_child("/instance_types", name), findings);
    }
}

fn check_type(instance_type: &InstanceType, here: &str, findings: &mut Findings) {
    let InstanceType { slots, speed, idle_cpu, ref boot, drain_limit } = *instance_type;
    findings.require((1..=MAX_SLOTS).contains(&slots), format!("{here}/slots"), || {
        format!("an instance has 1 to {MAX_SLOTS} slots, found {slots}")
    });
    findings.require((1e-3..=1e3).contains(&speed), format!("{here}/speed"), || {
        format!("a speed must be above 0: from 0.001 to 1000, found {speed}")
    });
    findings.share_below_one(format!("{here}/idle_cpu"), idle_cpu);
    match (&boot.stages, boot.preset) {
        (Some(_), Some(_)) => {
            findings.add(format!("{here}/boot"), "a boot has either `stages` or a `preset`, found both")
        }
        (None, None) => findings.add(format!("{here}/boot"), "a boot needs `stages`, or a `preset`"),
        _ => {}
    }
    for (index, stage) in boot.stages.iter().flatten().enumerate() {
        let stage_at = format!("{here}/boot/stages/{index}");
        let key = match stage {
            BootStage::Provisioning(_) => "provisioning",
            BootStage::Os(_) => "os",
            BootStage::Configuration(_) => "configuration",
            BootStage::SecurityUpdates(_) => "security_updates",
            BootStage::HealthCheck(_) => "health_check",
        };
        findings.law(&format!("{stage_at}/{key}"), stage.law(), false);
        findings.require(key != "provisioning" || index == 0, stage_at, || {
            "`provisioning` must be the first stage and appear once: the instance is billed from its end".to_string()
        });
    }
    findings.share_below_one(format!("{here}/boot/failure_probability"), boot.failure_probability);
    findings.time(format!("{here}/drain_limit"), drain_limit);
}

/// Spot markets.
pub(super) fn check_markets(scenario: &Scenario, findings: &mut Findings) {
    for (name, market) in &scenario.markets {
        check_market(scenario, market, &pointer_child("/markets", name), findings);
    }
}

fn check_market(scenario: &Scenario, market: &Market, here: &str, findings: &mut Findings) {
    let type_at = format!("{here}/instance_type");
    findings.reference(type_at, "instance type", &market.instance_type, &scenario.instance_types);
    check_price_process(scenario, &market.price, &format!("{here}/price"), findings);
    check_capacity(&market.capacity, &format!("{here}/capacity"), findings);
    let mut parts = |name: &str, shared: f64, across: f64| {
        findings.share(format!("{here}/interruptions/{name}/shared"), shared);
        findings.share(format!("{here}/interruptions/{name}/across_markets"), across);
    };
    match market.interruptions {
        Interruptions::Hazard(hazard) => {
            parts("hazard", hazard.shared, hazard.across_markets);
            findings.share_below_one(format!("{here}/interruptions/hazard/monthly_share"), hazard.monthly_share);
        }
        Interruptions::Band(band) => parts("band", band.shared, band.across_markets),
        Interruptions::PriceOnly => {
            let modern = matches!(scenario.billing.spot, SpotBilling::Modern(_));
            let unlimited = market.capacity == SpotCapacity::Unlimited;
            findings.require(!(modern && unlimited), format!("{here}/interruptions"), || {
                "with `modern` billing prices alone never interrupt: state a `hazard`, or a capacity".to_string()
            });
        }
    }
    findings.time(format!("{here}/notice"), market.notice);
    findings.law(&format!("{here}/fulfilment"), &market.fulfilment, false);
    findings.share_below_one(format!("{here}/undelivered"), market.undelivered);
    if let Some(signals) = &market.rebalance_signals {
        let here = format!("{here}/rebalance_signals");
        findings.law(&format!("{here}/lead_time"), &signals.lead_time, false);
        findings.share(format!("{here}/announced"), signals.announced);
        let often = signals.false_alarms_per_month;
        findings.require((0.0..=10_000.0).contains(&often), format!("{here}/false_alarms_per_month"), || {
            format!("from 0 to 10000 a month, found {often}")
        });
    }
}

fn check_capacity(capacity: &SpotCapacity, here: &str, findings: &mut Findings) {
    let mut most = |instances: u32, pointer: String| {
        findings.require(instances <= MAX_INSTANCES, pointer, || {
            format!("at most {MAX_INSTANCES} instances, found {instances}")
        });
    };
    match capacity {
        SpotCapacity::Unlimited => {}
        SpotCapacity::Limit(limit) => most(*limit, format!("{here}/limit")),
        SpotCapacity::Trace(trace) => {
            check_series_ref(trace, SeriesOf::Capacity, &format!("{here}/trace"), findings);
            findings.require(trace.gaps == Gaps::Hold, format!("{here}/trace/gaps"), || {
                "a capacity holds until the next record, so `gaps` must be \"hold\" in a capacity trace".to_string()
            });
        }
        SpotCapacity::Steps(steps) => {
            for (index, step) in steps.iter().enumerate() {
                most(step.instances, format!("{here}/steps/{index}/instances"));
            }
            check_step_times(steps.iter().map(|step| step.from), &format!("{here}/steps"), findings);
        }
    }
}

fn check_price_process(scenario: &Scenario, price: &PriceProcess, here: &str, findings: &mut Findings) {
    match price {
        PriceProcess::Trace(trace) => {
            check_series_ref(trace, SeriesOf::Price, &format!("{here}/trace"), findings);
            findings.require(trace.gaps == Gaps::Hold, format!("{here}/trace/gaps"), || {
                "a price holds until the next record, so `gaps` must be \"hold\" in a price trace".to_string()
            });
        }
        PriceProcess::Constant(price) => {
            findings.hourly_price(format!("{here}/constant"), *price, scenario.prices.currency(), false);
        }
        PriceProcess::Steps(steps) => {
            let here = format!("{here}/steps");
            check_step_times(steps.iter().map(|step| step.from), &here, findings);
            for (index, step) in steps.iter().enumerate() {
                findings.hourly_price(format!("{here}/{index}/price"), step.price, scenario.prices.currency(), false);
            }
        }
    }
}

/// What the parts of a mix are made of.
pub(super) fn check_pools(scenario: &Scenario, findings: &mut Findings) {
    let pools = &scenario.pools;
    if let Some(pool) = &pools.reserved {
        let type_at = "/pools/reserved/instance_type";
        check_priced_type(scenario, &pool.instance_type, type_at, findings);
        if let Prices::Inline(prices) = &scenario.prices
            && let Some(prices) = prices.types.get(&pool.instance_type)
        {
            let what = format!("reserved offer of {}", pool.instance_type);
            if let Some(commitment) = &pool.commitment {
                findings.reference("/pools/reserved/commitment", &what, commitment, &prices.reserved);
            }
        }
    }
    if let Some(pool) = &pools.spot {
        check_spot_pool(scenario, pool, findings);
    }
    check_priced_type(scenario, &pools.on_demand.instance_type, "/pools/on_demand/instance_type", findings);
    if let Some(pool) = &pools.on_demand.warm_pool {
        findings.law("/pools/on_demand/warm_pool/start", &pool.start, false);
        if let Some(most) = pool.max_prepared {
            findings.require(most <= MAX_INSTANCES, "/pools/on_demand/warm_pool/max_prepared", || {
                format!("at most {MAX_INSTANCES} instances, found {most}")
            });
        }
    }
}

fn check_spot_pool(scenario: &Scenario, pool: &SpotPool, findings: &mut Findings) {
    findings.require(!pool.markets.is_empty(), "/pools/spot/markets", || "name at least one market".to_string());
    for (index, name) in pool.markets.iter().enumerate() {
        let pointer = format!("/pools/spot/markets/{index}");
        findings.require(!pool.markets[..index].contains(name), pointer.clone(), || {
            format!("the market `{name}` is named twice")
        });
        let known = findings.reference(pointer.clone(), "market", name, &scenario.markets);
        if known && pool.max_price.is_none() {
            let instance_type = &scenario.markets[name].instance_type;
            findings.require(is_priced(scenario, instance_type), pointer, || {
                format!(
                    "the maximum price is the on-demand price unless given, and the price list has none for \
                     {instance_type}: state `max_price`"
                )
            });
        }
    }
    if let Some(price) = pool.max_price {
        findings.max_price("/pools/spot/max_price", price, scenario);
    }
    match pool.on_loss {
        OnLoss::AlarmOnly | OnLoss::OnNotice => {}
        OnLoss::After(time) => findings.positive_time("/pools/spot/on_loss/after", time),
        OnLoss::Overprovision { extra } => {
            findings.require((1..=MAX_EXTRA_SPOT).contains(&extra), "/pools/spot/on_loss/overprovision/extra", || {
                format!("1 to {MAX_EXTRA_SPOT} spot instances can be asked for beyond those of the mix, found {extra}")
            });
        }
    }
    if let OnReturn::After(time) = pool.on_return {
        findings.positive_time("/pools/spot/on_return/after", time);
        findings.require(pool.capacity_rebalancing == CapacityRebalancing::Off, "/pools/spot/on_return", || {
            "with `capacity_rebalancing` another instance is asked for at the signal or the notice, and not after a time: leave one of \
             them out"
                .to_string()
        });
    }
    let mut used = pool.markets.iter().filter_map(|name| scenario.markets.get(name)).peekable();
    let by_capacity = matches!(pool.allocation, Allocation::CapacityOptimized | Allocation::PriceCapacityOptimized);
    let unknown = used.peek().is_some() && used.all(|market| market.capacity == SpotCapacity::Unlimited);
    findings.require(!(by_capacity && unknown), "/pools/spot/allocation", || {
        "none of the pool's markets states a `capacity`, so there is nothing to choose by: state it, or use \"lowest-price\" or \
         \"diversified\""
            .to_string()
    });
}

/// Whether the price list has the type; true as long as the list is a file that has not been read.
fn is_priced(scenario: &Scenario, instance_type: &str) -> bool {
    match &scenario.prices {
        Prices::Inline(prices) => prices.types.contains_key(instance_type),
        Prices::List(_) => true,
    }
}

fn check_priced_type(scenario: &Scenario, name: &str, pointer: &str, findings: &mut Findings) {
    let known = findings.reference(pointer, "instance type", name, &scenario.instance_types);
    if known && let Prices::Inline(prices) = &scenario.prices {
        findings.require(is_priced(scenario, name), pointer, || {
            format!(
                "the price list has no price for `{name}`{}",
                suggestion(name, prices.types.keys().map(String::as_str), "priced")
            )
        });
    }
}
