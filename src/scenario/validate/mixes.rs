//! Checks of the candidate mixes and the baseline.

use super::{Findings, MAX_INSTANCES};
use crate::scenario::{CountRange, MAX_CANDIDATES, Mix, Scenario, suggestion};
use std::collections::BTreeMap;

/// All candidates, their names and the baseline.
pub(super) fn check_all(scenario: &Scenario, findings: &mut Findings) {
    findings.require(!scenario.mixes.is_empty(), "/mixes", || {
        "there is nothing to simulate; name at least one mix such as { \"mix\": \"3 reserved + 2 spot + on-demand\" }"
            .to_string()
    });
    let mut first_use: BTreeMap<String, usize> = BTreeMap::new();
    for (index, entry) in scenario.mixes.iter().enumerate() {
        let here = format!("/mixes/{index}");
        check_mix(scenario, &entry.mix, &format!("{here}/mix"), findings);
        let name = entry.display_name();
        let name_at = if entry.name.is_some() { format!("{here}/name") } else { format!("{here}/mix") };
        findings.require(!name.trim().is_empty(), name_at.clone(), || "the name is empty".to_string());
        if let Some(first) = first_use.get(&name) {
            let message = format!("mix {first} is named `{name}` too (counted from 0); give each its own `name`");
            findings.add(name_at, message);
        } else {
            first_use.insert(name, index);
        }
    }
    if let Some(baseline) = &scenario.baseline {
        findings.require(first_use.contains_key(baseline), "/baseline", || {
            let names = first_use.keys().map(String::as_str);
            format!("no mix is named `{baseline}`{}", suggestion(baseline, names, "named"))
        });
    }
}

/// What a planner may choose among.
pub(super) fn check_search(scenario: &Scenario, findings: &mut Findings) {
    let Some(search) = &scenario.search else { return };
    let mut range = |name: &str, range: Option<CountRange>, possible: bool| {
        let Some(CountRange { from, to }) = range else { return };
        let here = format!("/search/{name}");
        findings.require(from <= to, here.clone(), || format!("the range from {from} to {to} is empty"));
        findings.require(to <= MAX_INSTANCES, here.clone(), || {
            format!("a mix has at most {MAX_INSTANCES} instances of a kind, found {to}")
        });
        findings.require(to == 0 || possible, here, || {
            format!("there are no {name} instances; say what they are in `/pools/{name}`")
        });
    };
    range("reserved", search.reserved, scenario.pools.reserved.is_some());
    range("spot", search.spot, scenario.pools.spot.is_some());
    range("on_demand_max", search.on_demand_max, true);
    for (index, price) in search.spot_max_prices.iter().enumerate() {
        let here = format!("/search/spot_max_prices/{index}");
        findings.max_price(here, *price, scenario);
    }
    for (pointer, values) in &search.set {
        findings.require(!values.is_empty(), "/search/set", || format!("no value is given for `{pointer}`"));
    }
    let variants = search.set.values().map(|values| values.len() as f64).product::<f64>();
    findings.require(variants <= MAX_CANDIDATES as f64, "/search/set", || {
        format!("these are {variants} combinations; at most {MAX_CANDIDATES} candidates can be searched")
    });
}

/// One mix in a scenario.
pub(super) fn check_mix(scenario: &Scenario, mix: &Mix, here: &str, findings: &mut Findings) {
    let on_demand_most = mix.on_demand.map_or(0, |part| part.max.unwrap_or(u32::MAX));
    findings.require(mix.reserved > 0 || mix.spot_count() > 0 || on_demand_most > 0, here, || {
        format!("the mix `{mix}` never has an instance: add reserved, spot or on-demand")
    });
    let limited_on_demand = mix.on_demand.and_then(|part| part.max).unwrap_or(0);
    for (what, count) in [("reserved", mix.reserved), ("spot", mix.spot_count()), ("on-demand", limited_on_demand)] {
        findings.require(count <= MAX_INSTANCES, here, || {
            format!("a mix has at most {MAX_INSTANCES} instances of a kind, found {count} {what}")
        });
    }
    findings.require(mix.reserved == 0 || scenario.pools.reserved.is_some(), here, || {
        format!("the mix `{mix}` has reserved instances; say what they are in `/pools/reserved`")
    });
    findings.require(mix.spot.is_none() || scenario.pools.spot.is_some(), here, || {
        format!("the mix `{mix}` has spot instances; say what they are in `/pools/spot`")
    });
    findings.require(mix.spot_count() == 0 || scenario.pools.on_demand.warm_pool.is_none(), here, || {
        format!(
            "the mix `{mix}` has spot instances, and a warm pool cannot be combined with them (RULES R62): take \
             `/pools/on_demand/warm_pool` away, or give this mix a `set` that does"
        )
    });
    if let Some(price) = mix.spot.and_then(|spot| spot.max_price) {
        findings.max_price(here, price, scenario);
    }
}
