//! What two studies were set to, where it differs.

use super::ChangedSetting;
use crate::results::{MixRecord, PoolRecord, Results};

/// Everything that a record tells of its scenario and that is not the same in both.
pub(super) fn changed(old: &Results, new: &Results) -> Vec<ChangedSetting> {
    let mut changes = Vec::new();
    let mut add = |what: &str, old: String, new: String| {
        if old != new {
            changes.push(ChangedSetting { what: what.to_string(), old, new });
        }
    };
    for (what, setting) in SETTINGS {
        add(what, setting(old), setting(new));
    }
    let roles = |results: &Results| results.sources.iter().map(|source| source.role.clone()).collect::<Vec<_>>();
    let mut all = roles(old);
    all.extend(roles(new));
    all.sort();
    all.dedup();
    for role in all {
        let file = |results: &Results| {
            let of_role = results.sources.iter().filter(|source| source.role == role);
            let words: Vec<String> = of_role
                .map(|source| format!("{} ({})", source.file, source.sha256.get(..12).unwrap_or(&source.sha256)))
                .collect();
            if words.is_empty() { "none".to_string() } else { words.join(", ") }
        };
        add(&format!("file of {role}"), file(old), file(new));
    }
    for mix in &new.mixes {
        let Some(before) = old.mixes.iter().find(|other| other.name == mix.name) else { continue };
        add(&format!("mix {}", mix.name), before.mix.clone(), mix.mix.clone());
        let own = |mix: &MixRecord| serde_json::Value::Object(mix.set.clone()).to_string();
        add(&format!("settings of {}", mix.name), own(before), own(mix));
    }
    changes.extend(pools(old, new));
    changes
}

/// Pools whose type or terms differ; the same change of several mixes is told once.
fn pools(old: &Results, new: &Results) -> Vec<ChangedSetting> {
    let words = |pools: &[&PoolRecord]| -> String {
        let of = |pool: &&PoolRecord| format!("{}, {}", pool.instance_type, pool.terms);
        if pools.is_empty() { "none".to_string() } else { pools.iter().map(of).collect::<Vec<_>>().join("; ") }
    };
    let mut found: Vec<(&str, [String; 2], Vec<&str>)> = Vec::new();
    for mix in &new.mixes {
        let Some(before) = old.mixes.iter().find(|other| other.name == mix.name) else { continue };
        for kind in ["reserved", "spot", "on_demand"] {
            let of = |mix: &'_ MixRecord| words(&mix.pools.iter().filter(|pool| pool.pool == kind).collect::<Vec<_>>());
            let change = [of(before), of(mix)];
            if change[0] == change[1] {
                continue;
            }
            match found.iter_mut().find(|(other, same, _)| *other == kind && *same == change) {
                Some((_, _, names)) => names.push(&mix.name),
                None => found.push((kind, change, vec![&mix.name])),
            }
        }
    }
    let setting = |(kind, [old, new], names): (&str, [String; 2], Vec<&str>)| {
        let whose = if let [name] = names[..] { name.to_string() } else { format!("{} mixes", names.len()) };
        ChangedSetting { what: format!("{} of {whose}", kind.replace('_', "-")), old, new }
    };
    found.into_iter().map(setting).collect()
}

type Setting = (&'static str, fn(&Results) -> String);

const SETTINGS: [Setting; 12] = [
    ("fleetmix", |results| results.fleetmix_version.clone()),
    ("scenario", |results| results.scenario.name.clone()),
    ("seed", |results| results.scenario.seed.to_string()),
    ("replications", |results| results.scenario.replications.to_string()),
    ("start", |results| results.scenario.start.to_string()),
    ("simulated hours", |results| (results.scenario.horizon_seconds / 3600.0).to_string()),
    ("fidelity", |results| results.scenario.fidelity.clone()),
    ("objective, seconds", |results| results.objective.latency_seconds.to_string()),
    ("objective, late share", |results| results.objective.late_share.to_string()),
    ("objective, error share", |results| results.objective.error_share.to_string()),
    ("prices", |results| results.prices.clone()),
    ("varied between replications", |results| results.varied_between_replications.join("; ")),
];
