//! Which instances leave when a group shrinks (RULES R55).

use crate::units::Duration;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How the instance is chosen, after the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerminationPolicy {
    /// The oldest template first, then the closest to the next billing hour, then the lowest number where a cloud draws one.
    Default,
    /// What keeps least with the allocation strategy first: the dearest of a unit.
    AllocationStrategy,
    /// The oldest launch template or launch configuration.
    OldestLaunchTemplate,
    /// The one whose instance-hour ends first.
    ClosestToNextInstanceHour,
    /// The youngest.
    NewestInstance,
    /// The oldest.
    OldestInstance,
}

/// An instance that might leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaver<'a> {
    /// Its number.
    pub number: u32,
    /// Its zone.
    pub zone: &'a str,
    /// Time since it began to run.
    pub age: Duration,
    /// Version of its launch template; a lower one is older.
    pub template: u32,
    /// Rank of its market by the allocation strategy, 0 for the best.
    pub rank: u32,
}

/// Numbers of the `count` instances that leave, in order: each from the zone that holds the most at that moment, there by the policy.
///
/// The split into on-demand and spot comes before this choice: the candidates are of the part that has too many.
pub fn choose_leavers(policy: TerminationPolicy, candidates: &[Leaver], count: usize) -> Vec<u32> {
    let mut zones: BTreeMap<&str, Vec<&Leaver>> = BTreeMap::new();
    candidates.iter().for_each(|leaver| zones.entry(leaver.zone).or_default().push(leaver));
    // In each zone the next one to leave is the last.
    zones.values_mut().for_each(|zone| zone.sort_by_key(|leaver| Reverse(standing(policy, leaver))));
    let mut chosen = Vec::new();
    while chosen.len() < count {
        let largest = zones.values().map(Vec::len).max().unwrap_or(0);
        let of_these = zones.values_mut().filter(|zone| zone.len() == largest);
        let zone = of_these.min_by_key(|zone| zone.last().map(|leaver| standing(policy, leaver)));
        let Some(leaver) = zone.and_then(Vec::pop) else { break };
        chosen.push(leaver.number);
    }
    chosen
}

/// Who has the lowest leaves first.
fn standing(policy: TerminationPolicy, leaver: &Leaver) -> (i64, i64, u32) {
    let to_next_hour = Duration::HOUR.nanos() - leaver.age.nanos().rem_euclid(Duration::HOUR.nanos());
    let (first, second) = match policy {
        TerminationPolicy::Default => (i64::from(leaver.template), to_next_hour),
        TerminationPolicy::AllocationStrategy => (-i64::from(leaver.rank), to_next_hour),
        TerminationPolicy::OldestLaunchTemplate => (i64::from(leaver.template), 0),
        TerminationPolicy::ClosestToNextInstanceHour => (to_next_hour, 0),
        TerminationPolicy::NewestInstance => (leaver.age.nanos(), 0),
        TerminationPolicy::OldestInstance => (-leaver.age.nanos(), 0),
    };
    (first, second, leaver.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaver(number: u32, zone: &str, minutes: i64, template: u32) -> Leaver<'_> {
        Leaver { number, zone, age: Duration::from_secs(minutes * 60), template, rank: number }
    }

    #[test]
    fn zones_come_before_policies() {
        let group = [leaver(0, "a", 10, 1), leaver(1, "b", 55, 2), leaver(2, "b", 70, 2)];
        let first = |policy| choose_leavers(policy, &group, 1);
        assert_eq!(first(TerminationPolicy::Default), [1], "zone b has more; 1 is closer to its next hour");
        assert_eq!(first(TerminationPolicy::OldestInstance), [2]);
        assert_eq!(first(TerminationPolicy::NewestInstance), [1]);
        assert_eq!(
            choose_leavers(TerminationPolicy::OldestLaunchTemplate, &group, 2),
            [1, 0],
            "then both zones are even"
        );
        assert_eq!(choose_leavers(TerminationPolicy::AllocationStrategy, &group, 9), [2, 1, 0]);
    }
}
