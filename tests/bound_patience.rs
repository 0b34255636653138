//! `scenario_bound` where clients give up, against everything that could be done in tiny scenarios.
//!
//! What a policy does comes down to when and on which server each request is begun, or that it fails: servers that do nothing
//! cost no less than none. So the cheapest policy that keeps the objective on average over the equally likely weeks, knowing all of them beforehand,
//! is found by trying every such choice for every request. Nothing here is shared with the bound.

mod support;

use fleetmix::input::{LoadOptions, load};
use fleetmix::rng::{Purpose, Stream};
use fleetmix::study::{ScenarioBound, scenario_bound};
use fleetmix::trace::Blocks;
use fleetmix::units::{Duration, Instant, SimTime};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use support::repeatable::repeatable;

/// Seconds that all times of a tiny scenario are multiples of.
const UNIT: i64 = 150;
const HOUR: f64 = 3600.0;
const WEEK: Duration = Duration::from_secs(7 * 86_400);
/// Months of a bound, in hours.
const MONTH: f64 = 730.0;
/// A start on the full hour.
const FULL_HOUR: &str = "2016-03-07T00:00:00Z";
/// As many reserved servers as there can be requests: more are of no use.
const MOST_RESERVED: usize = 4;
/// Notice of the spot market, in seconds.
const NOTICE: f64 = 120.0;

/// A request: when it arrives, and its work on a server of speed 1, both in units.
type Request = (i64, i64);

/// A kind of server.
#[derive(Debug, Clone, Copy)]
struct Kind {
    slots: usize,
    speed: f64,
    /// Price of a server's hour.
    price: f64,
}

/// Spot servers with one slot each.
#[derive(Debug, Clone)]
struct Spot {
    speed: f64,
    most: usize,
    /// From which unit on the price is how much an hour, the first from 0 on.
    prices: Vec<(i64, f64)>,
    maximum: f64,
    /// Whether started hours are paid at the price of their start, and not at all if the cloud breaks them off; else each second at its price.
    bid_era: bool,
}

#[derive(Debug, Clone)]
struct Tiny {
    seed: u32,
    replications: u32,
    /// Requests of each week. A replication has those of one of them.
    weeks: Vec<Vec<Request>>,
    /// Units from the full hour to the start, and from there to the horizon.
    after_full_hour: i64,
    horizon: i64,
    /// How long clients wait, in units.
    patience: i64,
    /// Whether a request comes again that has lost its server: then the bound goes by the objective, not by patience.
    again: bool,
    /// When an answer is late, in units, and the shares of requests that may be late or fail.
    latency: i64,
    late_share: f64,
    error_share: f64,
    /// What may be reserved, each by a mix of its own.
    reserved: Vec<Kind>,
    on_demand: Kind,
    spot: Option<Spot>,
}

/// Where a request is served.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Reserved,
    OnDemand,
    Spot,
}

/// The time in seconds in which a request is served, and where.
#[derive(Debug, Clone, Copy)]
struct Served {
    from: f64,
    until: f64,
    place: Place,
}

/// The least cost for each number of late and of failed requests.
type Least = BTreeMap<(usize, usize), f64>;

fn keep_least(least: &mut Least, counts: (usize, usize), cost: f64) {
    let known = least.entry(counts).or_insert(f64::INFINITY);
    *known = known.min(cost);
}

impl Spot {
    fn price(&self, time: f64) -> f64 {
        self.prices.iter().rev().find(|(from, _)| (from * UNIT) as f64 <= time).expect("a price from 0 on").1
    }

    /// When a server that runs at `time` is gone because the price has passed the maximum.
    fn gone(&self, time: f64) -> f64 {
        let passes = self.prices.iter().find(|(from, price)| (from * UNIT) as f64 > time && *price > self.maximum);
        passes.map_or(f64::INFINITY, |(from, _)| (from * UNIT) as f64 + NOTICE)
    }

    /// What a server costs that serves from `from` until `until`, and is then given back, or held until it is taken away where that costs less. `None`
    /// if the market gives none, or takes it away before.
    fn cost(&self, from: f64, until: f64, horizon: f64) -> Option<f64> {
        let (gone, until) = (self.gone(from), until.min(horizon));
        if from >= horizon {
            return Some(0.0);
        }
        if self.price(from) > self.maximum || gone < until {
            return None;
        }
        if self.bid_era {
            let hours =
                |count: f64| (0..count as u32).map(|hour| self.price(from + f64::from(hour) * HOUR)).sum::<f64>();
            let given_back = hours(((until - from) / HOUR).ceil());
            let taken_away = if gone < horizon { hours(((gone - from) / HOUR).floor()) } else { f64::INFINITY };
            return Some(given_back.min(taken_away));
        }
        let steps = self.prices.iter().map(|(from, _)| (from * UNIT) as f64);
        let mut times: Vec<f64> = steps.filter(|time| from < *time && *time < until).collect();
        times.extend([from, until]);
        times.sort_by(f64::total_cmp);
        Some(times.windows(2).map(|pair| self.price(pair[0]) * (pair[1] - pair[0]) / HOUR).sum())
    }
}

impl Tiny {
    fn end(&self) -> f64 {
        (self.horizon * UNIT) as f64
    }

    /// Whatever can become of a request: served from some time on by some server, or, the last, not at all.
    fn choices(&self, reserved: Kind, (arrival, work): Request) -> Vec<Option<Served>> {
        let mut waits = vec![0, self.patience / 2, self.patience];
        waits.dedup();
        let mut places = vec![(Place::Reserved, reserved.speed), (Place::OnDemand, self.on_demand.speed)];
        places.extend(self.spot.as_ref().map(|spot| (Place::Spot, spot.speed)));
        let served = waits.iter().flat_map(|wait| {
            places.iter().map(move |(place, speed)| {
                let from = ((arrival + wait) * UNIT) as f64;
                Some(Served { from, until: from + (work * UNIT) as f64 / speed, place: *place })
            })
        });
        served.chain([None]).collect()
    }

    /// The most servers with so many slots that serve at once in a place, and the server-hours before the horizon.
    fn servers(&self, slots: usize, served: &[Served], place: Place) -> (usize, f64) {
        let its: Vec<Served> = served.iter().filter(|served| served.place == place).copied().collect();
        let mut times: Vec<f64> = its.iter().flat_map(|served| [served.from, served.until]).collect();
        times.sort_by(f64::total_cmp);
        let (mut most, mut hours) = (0, 0.0);
        for pair in times.windows(2) {
            let at_once = its.iter().filter(|served| served.from <= pair[0] && pair[0] < served.until).count();
            let servers = at_once.div_ceil(slots);
            most = most.max(servers);
            hours += servers as f64 * (pair[1].min(self.end()) - pair[0].min(self.end())) / HOUR;
        }
        (most, hours)
    }

    /// Reserved servers that these services need and what all others cost; `None` if spot does not allow them.
    fn needs(&self, reserved: Kind, served: &[Served]) -> Option<(usize, f64)> {
        let (reserved, _) = self.servers(reserved.slots, served, Place::Reserved);
        let (_, hours) = self.servers(self.on_demand.slots, served, Place::OnDemand);
        let mut cost = hours * self.on_demand.price;
        if let Some(spot) = &self.spot {
            let (most, _) = self.servers(1, served, Place::Spot);
            if most > spot.most {
                return None;
            }
            for served in served.iter().filter(|served| served.place == Place::Spot) {
                cost += spot.cost(served.from, served.until, self.end())?;
            }
        }
        Some((reserved, cost))
    }

    /// Everything that can be done in a week, by the number of reserved servers: what it costs beside them.
    fn of_week(&self, kind: Kind, requests: &[Request]) -> Vec<Least> {
        let mut least = vec![Least::new(); MOST_RESERVED + 1];
        let choices: Vec<Vec<Option<Served>>> = requests.iter().map(|request| self.choices(kind, *request)).collect();
        let policies: usize = choices.iter().map(Vec::len).product();
        for policy in 0..policies {
            let (mut rest, mut served, mut late, mut failed) = (policy, Vec::new(), 0, 0);
            for (choices, (arrival, _)) in choices.iter().zip(requests) {
                match choices[rest % choices.len()] {
                    Some(choice) => {
                        late += usize::from(choice.until > ((arrival + self.latency) * UNIT) as f64 + 1e-9);
                        served.push(choice);
                    }
                    None => failed += 1,
                }
                rest /= choices.len();
            }
            if let Some((reserved, cost)) = self.needs(kind, &served) {
                least[reserved..].iter_mut().for_each(|least| keep_least(least, (late, failed), cost));
            }
        }
        least
    }

    /// The least mean cost of a horizon over these equally likely weeks, with the objective kept over all of them together; infinite if nothing keeps it.
    fn optimum(&self, weeks: &[usize]) -> f64 {
        self.reserved.iter().map(|kind| self.optimum_with(*kind, weeks)).fold(f64::INFINITY, f64::min)
    }

    /// The same with one kind of reserved servers.
    fn optimum_with(&self, kind: Kind, weeks: &[usize]) -> f64 {
        let of_weeks: Vec<Vec<Least>> = self.weeks.iter().map(|requests| self.of_week(kind, requests)).collect();
        let offered = weeks.iter().map(|week| self.weeks[*week].len()).sum::<usize>() as f64;
        let kept = |count: usize, share: f64| count as f64 <= share * offered + 1e-9;
        let with = |reserved: usize| {
            let mut all = Least::from([((0, 0), 0.0)]);
            for week in weeks {
                let mut next = Least::new();
                for ((late, failed), cost) in &all {
                    for ((more_late, more_failed), more) in &of_weeks[*week][reserved] {
                        keep_least(&mut next, (late + more_late, failed + more_failed), cost + more);
                    }
                }
                all = next;
            }
            let allowed = all
                .iter()
                .filter(|((late, failed), _)| kept(*late, self.late_share) && kept(*failed, self.error_share));
            let others = allowed.map(|(_, cost)| *cost).fold(f64::INFINITY, f64::min) / weeks.len() as f64;
            others + reserved as f64 * kind.price * self.end() / HOUR
        };
        (0..=MOST_RESERVED).map(with).fold(f64::INFINITY, f64::min)
    }

    /// The weeks of the replications that say what the bound is: the second half.
    fn weeks_of_bound(&self) -> Vec<usize> {
        let horizon = Duration::from_secs(self.horizon * UNIT);
        let end = SimTime::START + horizon;
        let available = (SimTime::START, end + WEEK.times(self.weeks.len() as i64 - 1));
        let blocks = Blocks { end, block: Duration::DAY, step: WEEK, available };
        let numbers = Stream::new(self.seed, Purpose::Resample);
        let week =
            |replication| (blocks.draw(&numbers, replication)[0].source.since_start().nanos() / WEEK.nanos()) as usize;
        (self.replications / 2..self.replications).map(week).collect()
    }

    fn scenario(&self) -> Value {
        let start = FULL_HOUR.parse::<Instant>().unwrap() + Duration::from_secs(self.after_full_hour * UNIT);
        let covered = WEEK.times(self.weeks.len() as i64 - 1) + Duration::from_secs(self.horizon * UNIT);
        let instances = |slots: usize, speed: f64| json!({ "slots": slots, "speed": speed, "drain_limit": "1h", "boot": { "stages": [] } });
        let rate = |price: f64| format!("{price} USD/h");
        let number = |kind: usize| format!("reserved-{kind}");
        let servers = format!(
            "1 reserved + {}on-demand",
            self.spot.as_ref().map_or(String::new(), |spot| format!("{} spot + ", spot.most))
        );
        let mix = |kind: usize| json!({ "mix": servers, "name": number(kind), "set": { "/pools/reserved/instance_type": number(kind) } });
        let seconds = |units: i64| format!("{}s", units * UNIT);
        let mut scenario = json!({
            "format": 1, "name": "tiny",
            "clock": { "start": start, "horizon": seconds(self.horizon) },
            "run": {
                "seed": self.seed, "replications": self.replications,
                "between_replications": { "resample_blocks": { "block": "1d", "of": ["demand"] } }
            },
            "demand": { "arrival_trace": {
                "trace": { "file": "requests.csv", "format": { "seconds": {} }, "gaps": "zero", "at_end": "error" },
                "sizes": "from_trace",
                "covers": { "from": start, "to": start + covered }
            } },
            "service": {
                "work": { "constant": "1s" },
                "timeout": seconds(self.patience),
                "on_instance_loss": if self.again { "retry" } else { "lost" }
            },
            "objective": {
                "latency": seconds(self.latency), "late_share": self.late_share, "error_share": self.error_share
            },
            "instance_types": { "on-demand": instances(self.on_demand.slots, self.on_demand.speed) },
            "prices": { "inline": { "currency": "USD", "date": "2016-04-18", "source": "test", "types": {
                "on-demand": { "on_demand": rate(self.on_demand.price) }
            } } },
            "billing": { "on_demand": { "per_second": { "minimum": "0s" } }, "spot": { "modern": {} } },
            "pools": {
                "reserved": { "instance_type": number(0), "commitment": "r" }, "on_demand": { "instance_type": "on-demand" }
            },
            "scaling": { "min_total": 1, "max_total": 9, "metrics": { "period": "60s" } },
            "mixes": (0..self.reserved.len()).map(mix).collect::<Vec<_>>()
        });
        for (place, kind) in self.reserved.iter().enumerate() {
            scenario["instance_types"][number(place)] = instances(kind.slots, kind.speed);
            scenario["prices"]["inline"]["types"][number(place)] = json!({
                "on_demand": "1000 USD/h",
                "reserved": { "r": { "term": "1y", "upfront": "0 USD", "hourly": rate(kind.price) } }
            });
        }
        if let Some(spot) = &self.spot {
            let step = |(from, price): &(i64, f64)| json!({ "from": seconds(*from), "price": rate(*price) });
            scenario["instance_types"]["spot"] = instances(1, spot.speed);
            scenario["prices"]["inline"]["types"]["spot"] = json!({ "on_demand": "1000 USD/h" });
            let by_the_second = json!({
                "minimum": "0s", "price_sampling": "continuous", "free_if_interrupted_within": "0s"
            });
            scenario["billing"]["spot"] =
                if spot.bid_era { json!({ "bid-2015": {} }) } else { json!({ "modern": by_the_second }) };
            let interruptions =
                if spot.bid_era { json!("price_only") } else { json!({ "hazard": { "monthly_share": 0.01 } }) };
            scenario["markets"] = json!({ "m": {
                "instance_type": "spot", "price": { "steps": spot.prices.iter().map(step).collect::<Vec<_>>() },
                "interruptions": interruptions, "notice": format!("{NOTICE}s")
            } });
            scenario["pools"]["spot"] = json!({ "markets": ["m"], "max_price": rate(spot.maximum) });
        }
        scenario
    }

    fn bound(&self) -> ScenarioBound {
        let folder = tempfile::tempdir().unwrap();
        let start = FULL_HOUR.parse::<Instant>().unwrap().unix_seconds() + self.after_full_hour * UNIT;
        let rows = self.weeks.iter().enumerate().flat_map(|(week, requests)| {
            let monday = start + week as i64 * WEEK.as_secs_f64() as i64;
            requests.iter().map(move |(arrival, work)| format!("{},{}\n", monday + arrival * UNIT, work * UNIT))
        });
        fs::write(folder.path().join("requests.csv"), rows.collect::<String>()).unwrap();
        let file = folder.path().join("scenario.json");
        fs::write(&file, self.scenario().to_string()).unwrap();
        let input = load(&file, &LoadOptions::default()).unwrap_or_else(|found| panic!("{:?}", found.problems));
        scenario_bound(&input, &()).unwrap()
    }
}

/// A kind of servers, for so many quarters an hour at most.
fn kind(most: u32) -> impl Strategy<Value = Kind> {
    let speed = prop_oneof![Just(1.0), Just(2.0)];
    (1usize..4, speed, 1..most).prop_map(|(slots, speed, price)| Kind { slots, speed, price: f64::from(price) / 4.0 })
}

fn spot(horizon: i64) -> impl Strategy<Value = Spot> {
    let prices = prop::collection::vec((1..horizon, 1..8u32), 0..3);
    let speed = prop_oneof![Just(1.0), Just(2.0)];
    (speed, 1usize..3, 1..5u32, prices, 2..7u32, any::<bool>()).prop_map(
        |(speed, most, first, mut prices, maximum, bid_era)| {
            prices.sort_unstable();
            prices.dedup_by_key(|(from, _)| *from);
            let prices = [(0, first)].into_iter().chain(prices);
            let prices = prices.map(|(from, price)| (from, f64::from(price) / 4.0)).collect();
            Spot { speed, most, prices, maximum: f64::from(maximum) / 4.0, bid_era }
        },
    )
}

/// From twelve minutes to two hours.
fn tiny() -> impl Strategy<Value = Tiny> {
    let share = || prop_oneof![4 => Just(0.0), 1 => Just(0.125), 1 => Just(0.25), 1 => Just(0.5)];
    (5i64..49).prop_flat_map(move |horizon| {
        let work = prop_oneof![9 => 1i64..9, 1 => Just(30i64)];
        // More of them in the beginning, whose work is not carried on beyond an hour.
        let arrival = prop_oneof![1 => 0..horizon, 2 => 0..horizon.min(8)];
        let week = prop::collection::vec((arrival, work), 0..4).prop_map(|mut week| {
            week.sort_unstable();
            week
        });
        let run = (
            any::<u32>(),
            prop_oneof![Just(4u32), Just(6)],
            prop::collection::vec(week, 1..4),
            prop_oneof![Just(0i64), 0i64..24],
        );
        let service = (1i64..5, prop::bool::weighted(0.15), 1i64..13, share(), share());
        let reserved = prop_oneof![2 => prop::collection::vec(kind(8), 1), 1 => prop::collection::vec(kind(8), 2)];
        let fleet = (reserved, kind(13), prop::option::of(spot(horizon)));
        (run, service, fleet).prop_map(move |(run, service, (reserved, on_demand, spot))| {
            let (seed, replications, mut weeks, after_full_hour) = run;
            let (patience, again, latency, late_share, error_share) = service;
            if weeks.iter().all(Vec::is_empty) {
                weeks[0].push((0, 1));
            }
            Tiny {
                seed,
                replications,
                weeks,
                after_full_hour,
                horizon,
                patience,
                again,
                latency,
                late_share,
                error_share,
                reserved,
                on_demand,
                spot,
            }
        })
    })
}

/// What a run of the test has seen.
#[derive(Debug, Default)]
struct Seen {
    /// Instances in which something keeps the objective, and those of them whose clients' patience the bound goes by.
    kept: usize,
    by_patience: usize,
    /// Those whose replications have different weeks, those with spot, and those with reserved servers of two sizes.
    several_weeks: usize,
    spot: usize,
    sizes: usize,
    /// Those where a bound a twentieth higher would be above the optimum.
    within_a_twentieth: usize,
    bounds: f64,
    optima: f64,
}

#[test]
fn nothing_that_can_be_done_costs_less_than_the_bound() {
    let seen = RefCell::new(Seen::default());
    proptest!(repeatable(1000), |(tiny in tiny())| {
        let weeks = tiny.weeks_of_bound();
        let months = tiny.end() / HOUR / MONTH;
        let optimum = tiny.optimum(&weeks);
        let bound = tiny.bound();
        let cost = bound.per_month * months;
        prop_assert!(cost <= optimum + 1e-6, "{cost} above {optimum}, which can be had in weeks {weeks:?}");
        prop_assert!(bound.lower_limit <= bound.per_month + 1e-9, "{bound:?}");
        let mut seen = seen.borrow_mut();
        if optimum.is_finite() {
            seen.kept += 1;
            seen.by_patience += usize::from(!tiny.again);
            seen.several_weeks += usize::from(weeks.iter().any(|week| *week != weeks[0]));
            seen.spot += usize::from(tiny.spot.is_some());
            let size = |kind: &Kind| kind.slots as f64 * kind.speed;
            seen.sizes += usize::from(tiny.reserved.iter().any(|kind| size(kind) != size(&tiny.reserved[0])));
            seen.within_a_twentieth += usize::from(1.05 * cost > optimum + 1e-6);
            seen.bounds += cost;
            seen.optima += optimum;
        }
    });
    let seen = seen.into_inner();
    println!("{seen:?}; bounds are {:.0} % of the optima", 100.0 * seen.bounds / seen.optima);
    assert!(seen.kept >= 600 && seen.by_patience >= 500, "{seen:?}");
    assert!(seen.several_weeks >= 250 && seen.spot >= 250 && seen.sizes >= 100, "{seen:?}");
    assert!(seen.within_a_twentieth >= 60, "{seen:?}");
}

/// Requests for an hour at once, on these reserved servers or on on-demand for 3 an hour.
fn all_at_once(requests: usize, reserved: [Kind; 2]) -> Tiny {
    Tiny {
        seed: 1,
        replications: 4,
        weeks: vec![vec![(0, 22); requests]],
        after_full_hour: 0,
        horizon: 24,
        patience: 1,
        again: false,
        latency: 24,
        late_share: 0.0,
        error_share: 0.0,
        reserved: reserved.to_vec(),
        on_demand: Kind { slots: 1, speed: 1.0, price: 3.0 },
        spot: None,
    }
}

/// The cheapest work is not always to be had in the amount that is needed.
#[test]
fn reserved_servers_come_in_several_sizes() {
    let kind = |slots, price| Kind { slots, speed: 1.0, price };
    // One small server is cheaper than a large one that is cheaper for its work; and three slots, than two times two.
    let cases = [(1, [kind(1, 0.3), kind(3, 0.75)], 0.3, 0.25), (3, [kind(2, 0.7), kind(3, 0.75)], 0.75, 0.5)];
    for (requests, reserved, optimum, bound) in cases {
        let tiny = all_at_once(requests, reserved);
        assert!((tiny.optimum(&tiny.weeks_of_bound()) - optimum).abs() < 1e-9);
        let found = tiny.bound().per_month / MONTH;
        assert!((found - bound).abs() < 1e-9, "{found}, not {bound}");
    }
}
