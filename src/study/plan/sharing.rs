//! Candidates that cannot behave differently in a replication: simulated once.
//!
//! Three things make candidates the same without looking at what they do. Settings of which the engine knows nothing, such as commitments, change
//! bills only. Maximum prices between the same two prices that a market really has in the replication admit and end the same instances. And a
//! run that never had more than m on-demand instances would have been the same with any limit from m up to its own: see
//! [`RunRecord::most_on_demand`].

use crate::engine::{MixPlan, Overrun, RunRecord};
use crate::input::Candidate;
use crate::market::MarketPath;
use crate::scenario::{Mix, OnDemandPart, SpotPart};
use crate::units::Rate;
use std::collections::HashMap;
use std::sync::Arc;

/// What a replication of a candidate comes to, or what it had come to when it was given up.
pub(super) type Run = Result<RunRecord, Overrun>;

/// What the behaviour of a candidate depends on, its on-demand limit aside.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Behaviour {
    /// Which settings and markets.
    settings: usize,
    reserved: u32,
    spot: u32,
    least_on_demand: u32,
    /// The highest price of each market that is within the maximum.
    admitted: Vec<Option<Rate>>,
}

/// Candidates of equal behaviour but for their on-demand limits, by index, the highest limit first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kin(Vec<(u32, usize)>);

/// The candidates in groups of kin, in order of their first ones. `markets` gives those of a candidate's spot pool in the replication.
pub(super) fn kin<'a>(candidates: &[&Candidate], markets: impl Fn(&Candidate) -> &'a Vec<MarketPath>) -> Vec<Kin> {
    let mut settings = Settings::default();
    let mut place_of = HashMap::new();
    let mut groups: Vec<Kin> = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let Mix { reserved, on_demand, .. } = candidate.mix;
        let markets = markets(candidate);
        let behaviour = Behaviour {
            settings: settings.number(candidate, markets),
            reserved,
            spot: candidate.mix.spot_count(),
            least_on_demand: on_demand.map_or(0, |part| part.min),
            admitted: admitted(candidate, markets),
        };
        let limit = on_demand.map_or(0, |part| part.max.unwrap_or(u32::MAX));
        let place = *place_of.entry(behaviour).or_insert_with(|| {
            groups.push(Kin(Vec::new()));
            groups.len() - 1
        });
        groups[place].0.push((limit, index));
    }
    // A stable sort: of equal limits the first candidate stays the first.
    groups.iter_mut().for_each(|group| group.0.sort_by_key(|one| std::cmp::Reverse(one.0)));
    groups
}

impl Kin {
    /// Runs as few of them as it takes: `run` simulates the candidate of an index, `take` gets a run with the indices of those whose run it is.
    /// Stops where `run` gives nothing. A run that was given up shares its beginning, which is all that is known of it.
    pub(super) fn simulate(
        &self,
        run: impl Fn(usize) -> Option<Run>,
        mut take: impl FnMut(&Run, &[usize]),
    ) -> Option<()> {
        let mut left = &self.0[..];
        while let Some((_, first)) = left.first() {
            let run = run(*first)?;
            let most_on_demand = run.as_ref().map_or_else(|overrun| overrun.most_on_demand, |run| run.most_on_demand);
            // Its own limit counts, too, whatever it had.
            let same = left.partition_point(|(limit, _)| *limit >= most_on_demand.min(left[0].0));
            let indices: Vec<usize> = left[..same].iter().map(|(_, index)| *index).collect();
            take(&run, &indices);
            left = &left[same..];
        }
        Some(())
    }
}

/// The highest price that each market has at any time among those within the candidate's maximum.
fn admitted(candidate: &Candidate, markets: &[MarketPath]) -> Vec<Option<Rate>> {
    let scenario = &candidate.scenario;
    let Some(pool) = &scenario.pools.spot else { return Vec::new() };
    let of_market = |(name, path): (&String, &MarketPath)| {
        let on_demand = candidate.prices.types[&scenario.markets[name].instance_type].on_demand;
        let maximum = candidate.mix.max_spot_price(pool, on_demand).rate;
        path.price.steps().iter().map(|(_, price)| *price).filter(|price| *price <= maximum).max()
    };
    pool.markets.iter().zip(markets).map(of_market).collect()
}

/// Settings that make different plans for the engine, numbered.
#[derive(Default)]
struct Settings {
    of_scenario: HashMap<usize, usize>,
    known: HashMap<String, usize>,
}

impl Settings {
    fn number(&mut self, candidate: &Candidate, markets: &[MarketPath]) -> usize {
        // What is searched makes one scenario for all its mixes; their markets differ only where some have no spot.
        let scenario = Arc::as_ptr(&candidate.scenario) as usize;
        if let Some(number) = self.of_scenario.get(&scenario).filter(|_| markets.is_empty()) {
            return *number;
        }
        let pools = &candidate.scenario.pools;
        let mix = Mix {
            reserved: u32::from(pools.reserved.is_some()),
            spot: pools.spot.as_ref().map(|_| SpotPart { count: 1, max_price: None }),
            on_demand: Some(OnDemandPart::default()),
        };
        let mut plan = MixPlan::new(&candidate.scenario, &mix, &candidate.prices);
        let spot = plan.spot.iter_mut().flat_map(|spot| &mut spot.markets);
        spot.for_each(|market| market.max_price = Rate::ZERO);
        let paths: Vec<[usize; 2]> = markets
            .iter()
            .map(|market| {
                [Arc::as_ptr(&market.price) as usize, market.capacity.as_ref().map_or(0, |c| Arc::as_ptr(c) as usize)]
            })
            .collect();
        let next = self.known.len();
        let number = *self.known.entry(format!("{plan:?} {paths:?}")).or_insert(next);
        if markets.is_empty() {
            self.of_scenario.insert(scenario, number);
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{MinuteLoads, Simulation, Tables};
    use crate::input::{LoadOptions, LoadedScenario, load};
    use crate::study::replicate::Origin;
    use serde_json::json;
    use std::path::Path;

    fn loaded() -> LoadedScenario {
        let search = json!({
            "reserved": { "from": 2, "to": 3 }, "spot": { "from": 0, "to": 2 }, "on_demand_max": { "from": 0, "to": 5 },
            "spot_max_prices": ["0.2 USD/h", "0.4 USD/h", "0.401 USD/h", "2 USD/h"],
            "set": { "/pools/reserved/commitment": ["1y-no-upfront", "1y-all-upfront"], "/scaling/alarms/cpu-high/above": [0.6, 0.7] }
        });
        let options = LoadOptions {
            set: vec![("/clock/horizon".to_string(), json!("1d")), ("/search".to_string(), search)],
            search: true,
            ..LoadOptions::default()
        };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-3-5-7/scenario.json");
        load(&file, &options).unwrap_or_else(|diagnostic| panic!("{:?}", diagnostic.problems))
    }

    /// Every candidate comes to what it comes to alone, with far fewer runs, and is given up only if its whole run has too many.
    #[test]
    fn kin_run_alike() {
        const REPLICATION: u32 = 5;
        let input = loaded();
        let origin = Origin::new(&input);
        let all = super::super::candidates::candidates(&input, &origin.sampling).unwrap();
        let mixes: Vec<&Candidate> = all.iter().collect();
        let paths = origin.sampling.market_paths(mixes.iter().map(|candidate| (*candidate, REPLICATION)));
        let paths_of =
            |candidate: &Candidate| &paths[all.iter().position(|other| other.name == candidate.name).unwrap()];
        let loads = {
            let demand = origin.sampling.demand_path(&input, REPLICATION);
            let requests = demand.requests(&origin.laws, input.scenario.run.seed, REPLICATION);
            Arc::new(MinuteLoads::of(requests, input.scenario.run.warm_up.as_secs_f64()))
        };
        let tables = Arc::new(Tables::new(&input.scenario).unwrap());
        let offered: u64 = loads.offered_by_minute().iter().map(|count| u64::from(*count)).sum();
        let most = [offered / 20, offered / 1000];
        let run_within = |index: usize, most: [u64; 2]| {
            let candidate: &Candidate = mixes[index];
            let plan = MixPlan::new(&candidate.scenario, &candidate.mix, &candidate.prices);
            let alone = Simulation::by_interval(&plan, paths_of(candidate), REPLICATION, loads.clone(), tables.clone());
            alone.finish_within(loads.offered_by_minute(), most)
        };
        let groups = kin(&mixes, paths_of);
        let (mut members, mut runs, mut given_up) = (0, 0, 0);
        for group in &groups {
            let simulated = group.simulate(
                |index| Some(run_within(index, most)),
                |shared, same| {
                    runs += 1;
                    members += same.len();
                    for index in same {
                        let name = &mixes[*index].name;
                        let own = run_within(*index, [u64::MAX; 2]).expect("nothing is too many");
                        let too_many = own.counts.late > most[0] || own.counts.failed() > most[1];
                        assert_eq!(shared.is_err(), too_many, "{name}");
                        match shared {
                            Ok(shared) => {
                                assert_eq!(own.usage, shared.usage, "{name}");
                                assert_eq!((own.counts, own.scale_outs), (shared.counts, shared.scale_outs));
                            }
                            Err(overrun) => {
                                given_up += 1;
                                assert_eq!(run_within(*index, most).unwrap_err(), *overrun, "{name}");
                            }
                        }
                    }
                },
            );
            assert_eq!(simulated, Some(()));
        }
        assert_eq!(members, mixes.len());
        assert!(3 * runs < members, "{runs} runs for {members} candidates");
        assert!(members > 2 * given_up && given_up > 10, "{given_up} of {members} given up");
        // Both commitments and, without spot, all maximum prices; never two thresholds.
        let limits = |candidate: &&Candidate| candidate.mix.spot_count() == 0;
        assert!(mixes.iter().any(limits) && groups.len() >= 2 * 2 * 3);
    }
}
