//! Which policies a bound holds for: what they may buy, at which prices.

use super::prices::{OfMarket, price_levels};
use crate::billing::Offer;
use crate::input::{Candidate, LoadedScenario};
use crate::plan::bound::work::{Capacity, Reserved};
use crate::scenario::{InstanceType, OnInstanceLoss, SpotBilling, SpotCapacity, SpotPool};
use crate::study::paths::Sampling;
use crate::units::{Duration, Rate, SimTime};
use std::collections::BTreeMap;

const HOUR: f64 = 3600.0;
/// Longer patience could carry work on beyond the next hour.
const LONGEST_PATIENCE: Duration = Duration::from_secs(600);

/// Servers of one kind.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// Work that a server gives in an hour.
    work: f64,
    /// Price of a server's hour.
    price: f64,
}

/// Spot of one market.
#[derive(Debug, Clone)]
struct Spot {
    name: String,
    work: f64,
    most: f64,
    /// Maxima that the mixes state.
    maxima: Vec<Rate>,
}

/// What may be bought, and what is asked of it.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    on_demand: Vec<Kind>,
    reserved: Vec<Kind>,
    spot: Vec<Spot>,
    most_spot: u32,
    bid_era: bool,
    /// Speed at which the fastest instance serves one request.
    pub(super) speed: f64,
    /// By when the work of a request is done, unless the request is one of those that may not be.
    pub(super) due: Due,
    /// Share of requests that may be left out: that may be late or fail, or that may fail.
    pub(super) allowed: f64,
}

/// By when the work of a request has to be done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Due {
    /// So many seconds after its arrival, or it is late.
    ByObjective(f64),
    /// A request that waits longer than so many seconds gives up, and has failed; else it is served, at this speed at least.
    ByPatience { wait: f64, slowest: f64 },
}

impl Due {
    /// Seconds from the arrival of a request of this work to when it has to be done.
    pub(super) fn after(self, work: f64) -> f64 {
        match self {
            Due::ByObjective(latency) => latency,
            Due::ByPatience { wait, slowest } => wait + work / slowest,
        }
    }

    /// What all mixes agree on: patience says more than the objective, since far fewer requests may fail than be late.
    fn of(input: &LoadedScenario) -> Self {
        let objective = Due::ByObjective(input.scenario.objective.latency.as_secs_f64());
        let (mut longest, mut slowest) = (0.0, f64::INFINITY);
        for scenario in input.candidates.iter().map(|candidate| &candidate.scenario) {
            let service = &scenario.service;
            let gives_up = service.on_instance_loss == OnInstanceLoss::Lost && service.patience.is_none();
            let Some(wait) = service.timeout.filter(|wait| gives_up && *wait <= LONGEST_PATIENCE) else {
                return objective;
            };
            longest = wait.as_secs_f64().max(longest);
            slowest = scenario.instance_types.values().map(|kind| kind.speed).fold(slowest, f64::min);
        }
        if slowest.is_finite() { Due::ByPatience { wait: longest, slowest } } else { objective }
    }
}

/// Most spot instances that a candidate asks for at once.
fn most_spot(candidate: &Candidate) -> u32 {
    let extra = candidate.scenario.pools.spot.as_ref().map_or(0, |pool| pool.on_loss.extra());
    match candidate.mix.spot_count() {
        0 => 0,
        count => count + extra,
    }
}

/// The mix whose prices of a market stand for all.
fn first_with<'a>(input: &'a LoadedScenario, market: &str) -> Option<&'a Candidate> {
    input.candidates.iter().find(|candidate| candidate.markets.contains_key(market))
}

/// Refuses a mix for which a market has other prices, or another notice, than for those before it.
fn agrees_on_markets(input: &LoadedScenario, candidate: &Candidate) -> Result<(), String> {
    let differs = |name: &&String| {
        first_with(input, name).is_some_and(|first| {
            let [one, other] = [first, candidate].map(|candidate| &candidate.scenario.markets[*name]);
            one.price != other.price || one.notice != other.notice
        })
    };
    match candidate.spot_pool().and_then(|pool| pool.markets.iter().find(differs)) {
        Some(name) => Err(format!("market {name} has not the same prices and notice for all mixes")),
        None => Ok(()),
    }
}

impl Terms {
    /// What the mixes of a scenario may buy together, or why no proof covers it.
    pub(super) fn new(input: &LoadedScenario) -> Result<Self, String> {
        let scenario = &input.scenario;
        let due = Due::of(input);
        let mut terms = Self {
            on_demand: Vec::new(),
            reserved: Vec::new(),
            spot: Vec::new(),
            most_spot: input.candidates.iter().map(most_spot).max().unwrap_or(0),
            bid_era: matches!(scenario.billing.spot, SpotBilling::Bid2015(_)),
            speed: 0.0,
            due,
            allowed: match due {
                Due::ByObjective(_) => scenario.objective.late_share + scenario.objective.error_share,
                Due::ByPatience { .. } => scenario.objective.error_share,
            },
        };
        for candidate in &input.candidates {
            let added = terms.add(candidate).and_then(|()| agrees_on_markets(input, candidate));
            added.map_err(|reason| format!("{reason} (mix {})", candidate.name))?;
        }
        Ok(terms)
    }

    fn add(&mut self, candidate: &Candidate) -> Result<(), String> {
        let scenario = &candidate.scenario;
        let refuse = |wrong: bool, reason: &str| if wrong { Err(reason.to_string()) } else { Ok(()) };
        let discounts = !scenario.savings_plans.is_empty() || scenario.billing.sustained_use.is_some();
        refuse(
            discounts,
            "savings plans and discounts for sustained use make on-demand cheaper by rules that it does not know",
        )?;
        refuse(!scenario.commitments_owned.is_empty(), "owned commitments cover hours by rules that it does not know")?;
        let pools = &scenario.pools;
        let on_demand = &pools.on_demand.instance_type;
        let price = |name: &str| candidate.prices.types[name].on_demand.rate.to_f64();
        let work = self.work_of(&scenario.instance_types[on_demand]);
        self.on_demand.push(Kind { work, price: price(on_demand) });
        if let Some(pool) = &pools.reserved {
            let offers = candidate.prices.types[&pool.instance_type].reserved.values();
            let work = self.work_of(&scenario.instance_types[&pool.instance_type]);
            let cheapest =
                offers.map(|offer| Offer::from(offer).effective_hourly()).fold(price(&pool.instance_type), f64::min);
            self.reserved.push(Kind { work, price: cheapest });
        }
        match candidate.spot_pool() {
            Some(pool) => pool.markets.iter().try_for_each(|market| self.add_market(candidate, pool, market)),
            None => Ok(()),
        }
    }

    fn add_market(&mut self, candidate: &Candidate, pool: &SpotPool, name: &str) -> Result<(), String> {
        let scenario = &candidate.scenario;
        let market = &scenario.markets[name];
        let may_interrupt = market.interruptions.hazard().is_some()
            || matches!(market.capacity, SpotCapacity::Trace(_) | SpotCapacity::Steps(_))
            || scenario.chaos.as_ref().is_some_and(|chaos| !chaos.mass_interruptions.is_empty());
        let refunds = match scenario.billing.spot {
            SpotBilling::Bid2015(_) => true,
            SpotBilling::Modern(rule) => rule.free_if_interrupted_within.is_positive(),
        };
        if may_interrupt && refunds {
            return Err(format!(
                "market {name} takes instances away at times that are no price crossings and gives their last hour free, \
                 so somebody who knew these times would pay nothing"
            ));
        }
        let most = match market.capacity {
            SpotCapacity::Limit(limit) => f64::from(limit),
            _ => f64::INFINITY,
        };
        let on_demand = candidate.prices.types[&market.instance_type].on_demand;
        let maximum = candidate.mix.max_spot_price(pool, on_demand).rate;
        let work = self.work_of(&scenario.instance_types[&market.instance_type]);
        match self.spot.iter_mut().find(|spot| spot.name == name) {
            Some(spot) => {
                spot.work = spot.work.max(work);
                spot.most = spot.most.max(most);
                if !spot.maxima.contains(&maximum) {
                    spot.maxima.push(maximum);
                }
            }
            None => self.spot.push(Spot { name: name.to_string(), work, most, maxima: vec![maximum] }),
        }
        Ok(())
    }

    /// Work that an instance of a type gives in an hour; its speed is noted.
    fn work_of(&mut self, kind: &InstanceType) -> f64 {
        self.speed = self.speed.max(kind.speed);
        f64::from(kind.slots) * kind.speed * HOUR
    }

    /// Reserved servers for a horizon of `hours`, as many as the busiest hour could use: of the smallest size, at the price of the cheapest work.
    pub(super) fn reserved(&self, hours: f64, most_work: f64) -> Option<Reserved> {
        let work = self.smallest_reserved()?;
        let price = self.reserved.iter().map(|kind| kind.price * (work / kind.work)).fold(f64::INFINITY, f64::min);
        Some(Reserved { price: price * hours, most: (most_work / work).ceil(), work })
    }

    /// Work of a reserved server of the smallest size.
    fn smallest_reserved(&self) -> Option<f64> {
        self.reserved.iter().map(|kind| kind.work).min_by(f64::total_cmp)
    }

    /// Whether some reserved servers give work that is not that of a whole number of the smallest.
    pub(super) fn reserved_in_parts(&self) -> bool {
        let Some(smallest) = self.smallest_reserved() else { return false };
        self.reserved.iter().any(|kind| (kind.work / smallest).fract() != 0.0)
    }

    /// Prices of the markets in one replication.
    pub(super) fn markets(
        &self,
        input: &LoadedScenario,
        sampling: &Sampling,
        replication: u32,
    ) -> BTreeMap<String, OfMarket> {
        let of = |spot: &Spot| {
            let candidate = first_with(input, &spot.name)?;
            let path = sampling.step_path(&candidate.markets[&spot.name], replication);
            let notice = candidate.scenario.markets[&spot.name].notice;
            let crossings = if self.bid_era { &spot.maxima[..] } else { &[] };
            Some((spot.name.clone(), OfMarket::new(path, crossings, notice)))
        };
        self.spot.iter().filter_map(of).collect()
    }

    /// What can be had from `from` to `until`.
    pub(super) fn capacity(
        &self,
        markets: &BTreeMap<String, OfMarket>,
        from: SimTime,
        until: SimTime,
    ) -> Vec<Capacity> {
        let cheapest = self.on_demand.iter().min_by(|a, b| (a.price / a.work).total_cmp(&(b.price / b.work)));
        let on_demand =
            cheapest.map(|kind| Capacity { work: kind.work, price: kind.price, most: f64::INFINITY, start: 0.0 });
        // All markets together give what the mixes want at most. Whoever may have so many servers of any kind could do no more with them than with
        // as many of the largest kind, each kind of work at its own price.
        let largest = self.spot.iter().map(|spot| spot.work).fold(0.0, f64::max);
        let levels = self.spot.iter().flat_map(|spot| {
            let market = markets.get(&spot.name);
            let levels = market.map_or(Vec::new(), |market| price_levels(market, &spot.maxima, from, until));
            let (size, most) = (spot.work / largest, spot.most.min(f64::from(self.most_spot)));
            levels.into_iter().map(move |(price, share)| Capacity {
                work: largest,
                price: price / size,
                most: most * size * share,
                start: 0.0,
            })
        });
        let mut spot: Vec<Capacity> = levels.collect();
        spot.sort_by(|a, b| a.price.total_cmp(&b.price));
        let mut left = f64::from(self.most_spot);
        for kind in &mut spot {
            kind.most = kind.most.min(left);
            left -= kind.most;
        }
        on_demand.into_iter().chain(spot).collect()
    }

    /// Which policies the bound holds for.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = vec![
            "It holds for every policy, however much it knows of the future, that buys the scenario's instance types: reserved at \
             the cheapest offer, on-demand at its price, and commitments that cover the horizon."
                .to_string(),
        ];
        if !self.spot.is_empty() {
            let maxima = |spot: &Spot| {
                let listed: Vec<String> = spot.maxima.iter().map(|maximum| maximum.to_f64().to_string()).collect();
                format!("{} ({})", spot.name, listed.join(", "))
            };
            let markets: Vec<String> = self.spot.iter().map(maxima).collect();
            words.push(format!(
                "At most {} spot instances at once, with these maximum prices an hour: {}.",
                self.most_spot,
                markets.join("; ")
            ));
        }
        words.push(match self.due {
            Due::ByObjective(_) => {
                "The objective is kept on average over demand and market; requests that fail within their limit vanish.".to_string()
            }
            Due::ByPatience { wait, .. } => format!(
                "The objective is kept on average over demand and market. Clients give up after {wait} s, so all requests but those that may fail \
                 are served soon after they come; one that has been begun is served without a break."
            ),
        });
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::PricePath;

    /// One server at once, of either kind: whatever work it does costs no less than the capacities say.
    #[test]
    fn a_cheap_small_server_shuts_no_large_one_out() {
        let rate = |units: f64| Rate::from_f64(units).unwrap();
        let (begin, end) = (SimTime::from_secs(7200), SimTime::from_secs(10_800));
        let spot =
            |name: &str, work: f64| Spot { name: name.to_string(), work, most: f64::INFINITY, maxima: vec![rate(9.0)] };
        let terms = Terms {
            on_demand: vec![Kind { work: HOUR, price: 50.0 }],
            reserved: Vec::new(),
            spot: vec![spot("small", HOUR), spot("large", 10.0 * HOUR)],
            most_spot: 1,
            bid_era: false,
            speed: 1.0,
            due: Due::ByPatience { wait: 10.0, slowest: 0.5 },
            allowed: 0.001,
        };
        assert_eq!(terms.due.after(2.0), 14.0);
        let market = |price: f64| {
            let path = PricePath::new(vec![(SimTime::START, rate(price))]);
            OfMarket::new(path, &[], Duration::ZERO)
        };
        let markets = [("small".to_string(), market(0.1)), ("large".to_string(), market(2.0))];
        let mut capacity = terms.capacity(&BTreeMap::from(markets), begin, end);
        capacity.sort_by(|a, b| (a.price / a.work).total_cmp(&(b.price / b.work)));
        let cost = |work: f64| {
            let mut left = work;
            let parts = capacity.iter().map(|kind| {
                let done = left.min(kind.most * kind.work);
                left -= done;
                kind.price * done / kind.work
            });
            parts.sum::<f64>()
        };
        for (work, least) in [(HOUR, 0.1), (10.0 * HOUR, 2.0), (0.5 * HOUR, 0.05)] {
            assert!(cost(work) <= least + 1e-12, "{work}: {} above {least}", cost(work));
        }
        assert!(cost(11.0 * HOUR) > 2.0 + 45.0, "beyond one server there is on-demand only");
    }
}
