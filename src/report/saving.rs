//! Where a mix's saving against buying everything on-demand comes from.

use super::ranking::{named, ranked};
use crate::results::{MixRecord, ObjectiveMet, Results};
use crate::units::MONTH_SECONDS;

/// What a step of the way from all on-demand to a mix stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Instances run for more or fewer hours; both sides at on-demand prices.
    Hours,
    /// Commitments in place of on-demand prices, their unused part included.
    Committed,
    /// Spot prices in place of on-demand prices.
    Spot,
    /// What belongs to no purchase option.
    Other,
}

/// A mix beside one that buys everything on-demand, in money a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Saving<'a> {
    /// The mix that buys everything on-demand.
    pub reference: &'a MixRecord,
    /// What each step adds to its cost; together they lead to the cost of the mix.
    pub steps: Vec<(Step, f64)>,
}

/// The way from all on-demand to a mix; `None` if no mix of the study buys everything on-demand, or the mix is that one.
///
/// With hours h and on-demand prices p, the mix costs its on-demand part, plus h·p of the other pools, plus what commitments and spot
/// differ from that h·p. All are means over replications, so the steps add up exactly.
pub fn saving<'a>(results: &'a Results, mix: &MixRecord) -> Option<Saving<'a>> {
    let reference = all_on_demand(results)?;
    if reference.name == mix.name {
        return None;
    }
    let months = results.scenario.horizon_seconds / MONTH_SECONDS;
    let list = |pool: &str, hours: f64| -> Option<f64> {
        match mix.pools.iter().filter(|one| one.pool == pool).map(|one| one.on_demand_hourly).next() {
            Some(price) => Some(hours * price?),
            None => Some(0.0),
        }
    };
    let cost = &mix.cost;
    let committed = cost.reserved.mean + cost.savings_plan.mean;
    // A base without commitments is charged on-demand.
    let committed_list = if committed > 0.0 { list("reserved", mix.instances.hours.reserved.mean)? } else { 0.0 };
    let spot_list = list("spot", mix.instances.hours.spot.mean)?;
    let hours = cost.on_demand.mean + committed_list + spot_list - reference.cost.total.mean;
    let steps = [
        (Step::Hours, hours),
        (Step::Committed, committed - committed_list),
        (Step::Spot, cost.spot.mean - spot_list),
        (Step::Other, cost.other.mean),
    ];
    let steps = steps.into_iter().filter(|(_, amount)| *amount != 0.0).map(|(step, amount)| (step, amount / months));
    Some(Saving { reference, steps: steps.collect() })
}

/// The mix that buys everything on-demand: the baseline if it does, else the cheapest that meets the objective, else the cheapest.
fn all_on_demand(results: &Results) -> Option<&MixRecord> {
    let only = |mix: &&MixRecord| !mix.pools.is_empty() && mix.pools.iter().all(|pool| pool.pool == "on_demand");
    let bought = |mix: &&MixRecord| mix.cost.reserved.mean == 0.0 && mix.cost.savings_plan.mean == 0.0;
    if let Some(base) = named(results, results.baseline.as_deref()).filter(|mix| only(mix) && bought(mix)) {
        return Some(base);
    }
    let candidates: Vec<&MixRecord> = ranked(results).into_iter().filter(only).filter(bought).collect();
    candidates.iter().find(|mix| mix.objective_met == ObjectiveMet::Met).or(candidates.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_steps_lead_from_one_cost_to_the_other() {
        let (results, _) = sample::week();
        let mix = named(&results, results.best.as_deref()).unwrap();
        let saving = saving(&results, mix).unwrap();
        assert_eq!(saving.reference.name, "on-demand only");
        let way: f64 = saving.steps.iter().map(|(_, amount)| amount).sum();
        let gap = mix.cost.per_month.mean - saving.reference.cost.per_month.mean;
        assert!((way - gap).abs() < 1e-6, "{way} {gap}");
    }

    #[test]
    fn without_a_mix_all_on_demand_there_is_nothing_to_save_against() {
        let (mut results, _) = sample::week();
        results.mixes.retain(|mix| mix.name != "on-demand only");
        assert_eq!(saving(&results, &results.mixes[0]), None);
    }
}
