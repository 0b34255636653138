//! The clairvoyant optimum on availability traces: the cheapest way to keep a number of units active for somebody who knows when
//! each zone has spot capacity.
//!
//! Time goes in ticks. In each of them a policy holds some units of each zone, as many as the zone has at most, and some on-demand
//! units, and pays for what it holds. A unit is active once it has been held for the cold start's ticks before, and from the end of
//! the first cold start on at least the target has to be active. Whoever wants fewer active units than it holds may give one back
//! and take another in the same tick, so an upper limit on active units that is not below the target costs nothing.
//!
//! # Why a flow is exact
//! Say that `d` is the cold start and `a(t)` the units of one place that are active. The cheapest holding for it is the largest
//! `a` of the ticks `t` to `t + d`, so a zone allows `a(t)` up to the least of what it has from `t - d` to `t`, and each stretch of
//! activity costs its length and `d` ticks more, if stretches of one unit are more than `d` ticks apart. They are in the activity
//! that a holding allows: where a unit is missing in one tick, it is not active in that one and the `d` after it. So every holding
//! costs at least as much as its stretches. Of the stretches that cover the target, as many as the target can be followed from tick
//! to tick: when one ends, go on with another that is active then; beginning later costs nothing more. That makes units of flow
//! that stay at a place for its price or enter one for `d` times its price. The cheapest flow is found exactly, in whole units.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Spot capacity of a zone and its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Units that it has in each tick.
    pub available: Vec<u32>,
    /// A unit's price for a tick, in the smallest parts that are counted.
    pub price: u64,
}

/// What has to be active, and on which terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Units that are active at least.
    pub target: u32,
    /// Units of a zone that are held at most.
    pub maximum: u32,
    /// Ticks for which a unit is held before it is active.
    pub cold_start: usize,
    /// A unit's price on-demand for a tick, in the smallest parts that are counted.
    pub on_demand: u64,
}

/// The cheapest holding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Optimum {
    /// What it costs.
    pub cost: u128,
    /// Units held in each tick: by zone, and on-demand last.
    pub held: Vec<Vec<u32>>,
}

/// The cheapest holding for as many ticks as the shortest zone has; `None` if prices times ticks cannot be counted.
///
/// Without a zone everything is on-demand, for `ticks`.
pub fn optimum(zones: &[Zone], ticks: usize, demand: &Demand) -> Option<Optimum> {
    let ticks = zones.iter().map(|zone| zone.available.len()).fold(ticks, usize::min);
    let mut places: Vec<Place> =
        zones.iter().map(|zone| Place { price: zone.price, room: room(&zone.available[..ticks], demand) }).collect();
    let active_ticks = ticks.saturating_sub(demand.cold_start);
    places.push(Place { price: demand.on_demand, room: vec![demand.target; active_ticks] });
    let dearest = places.iter().map(|place| place.price).max().unwrap_or(0);
    let longest = u64::try_from(ticks).ok()?.checked_mul(u64::try_from(demand.cold_start).ok()?.checked_add(2)?)?;
    i64::try_from(dearest.checked_mul(longest)?).ok()?;
    let active = Flow::new(&places, active_ticks, demand.cold_start).send(demand.target);
    let held: Vec<Vec<u32>> = active.iter().map(|active| holding(active, ticks, demand.cold_start)).collect();
    let cost = held.iter().zip(&places).map(|(held, place)| {
        let units: u128 = held.iter().map(|units| u128::from(*units)).sum();
        units * u128::from(place.price)
    });
    Some(Optimum { cost: cost.sum(), held })
}

/// Units that can be active in each tick after the first cold start.
fn room(available: &[u32], demand: &Demand) -> Vec<u32> {
    let windows = available.windows(demand.cold_start + 1);
    windows.map(|window| window.iter().fold(demand.maximum, |least, units| least.min(*units))).collect()
}

/// The cheapest holding that makes these units active.
fn holding(active: &[u32], ticks: usize, cold_start: usize) -> Vec<u32> {
    let needed = |tick: usize| {
        let from = tick.saturating_sub(cold_start).min(active.len());
        let until = (tick + 1).min(active.len());
        active[from..until].iter().copied().max().unwrap_or(0)
    };
    (0..ticks).map(needed).collect()
}

/// Where a unit can be.
#[derive(Debug)]
struct Place {
    price: u64,
    /// Units that can be active in each tick after the first cold start.
    room: Vec<u32>,
}

/// The network: at the border of two ticks a unit is in a hub, or at one of the places.
///
/// Nodes are numbered by border, the hub first. From the hub a unit enters a place for the cold start's price, from a place it goes
/// back for nothing, or stays for a tick at the place's price if there is room.
#[derive(Debug)]
struct Flow<'a> {
    places: &'a [Place],
    ticks: usize,
    cold_start: i64,
    /// Units active by place and tick, and units that enter a place at a border less those that leave it.
    active: Vec<Vec<u32>>,
    entered: Vec<Vec<u32>>,
    left: Vec<Vec<u32>>,
    potential: Vec<i64>,
}

/// A way from one node to another: its cost, and whether it takes flow back.
#[derive(Debug, Clone, Copy)]
struct Step {
    from: usize,
    place: usize,
    kind: Kind,
    back: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Enter,
    Leave,
    Stay,
}

impl<'a> Flow<'a> {
    fn new(places: &'a [Place], ticks: usize, cold_start: usize) -> Self {
        let by_border = || vec![vec![0; ticks + 1]; places.len()];
        Self {
            places,
            ticks,
            cold_start: cold_start as i64,
            active: vec![vec![0; ticks]; places.len()],
            entered: by_border(),
            left: by_border(),
            potential: vec![0; (places.len() + 1) * (ticks + 1)],
        }
    }

    /// Sends units from the first border to the last as cheaply as possible: units active by place and tick.
    fn send(mut self, units: u32) -> Vec<Vec<u32>> {
        let mut left = units;
        while left > 0 && self.ticks > 0 {
            let path = self.cheapest_path();
            let room = path.iter().map(|step| self.room(step)).min().unwrap_or(0).min(left);
            path.iter().for_each(|step| self.push(step, room));
            left -= room;
        }
        self.active
    }

    fn node(&self, border: usize, place: Option<usize>) -> usize {
        border * (self.places.len() + 1) + place.map_or(0, |place| place + 1)
    }

    fn border(&self, step: &Step) -> usize {
        step.from / (self.places.len() + 1)
    }

    /// The tick of a stay: forward from the border before it, back from the one behind it.
    fn tick(&self, step: &Step) -> usize {
        self.border(step) - usize::from(step.back)
    }

    fn room(&self, step: &Step) -> u32 {
        let (border, place) = (self.border(step), step.place);
        match (step.kind, step.back) {
            (Kind::Enter | Kind::Leave, false) => u32::MAX,
            (Kind::Enter, true) => self.entered[place][border],
            (Kind::Leave, true) => self.left[place][border],
            (Kind::Stay, false) => self.places[place].room[border] - self.active[place][border],
            (Kind::Stay, true) => self.active[place][border - 1],
        }
    }

    fn push(&mut self, step: &Step, units: u32) {
        let (border, tick) = (self.border(step), self.tick(step));
        let flow = match step.kind {
            Kind::Enter => &mut self.entered[step.place][border],
            Kind::Leave => &mut self.left[step.place][border],
            Kind::Stay => &mut self.active[step.place][tick],
        };
        *flow = if step.back { *flow - units } else { *flow + units };
    }

    fn cost(&self, step: &Step) -> i64 {
        let price = self.places[step.place].price as i64;
        let cost = match step.kind {
            Kind::Enter => price * self.cold_start,
            Kind::Leave => 0,
            Kind::Stay => price,
        };
        if step.back { -cost } else { cost }
    }

    /// Where a step leads.
    fn target(&self, step: &Step) -> usize {
        let (border, place) = (self.border(step), Some(step.place));
        match (step.kind, step.back) {
            (Kind::Enter, false) | (Kind::Leave, true) => self.node(border, place),
            (Kind::Leave, false) | (Kind::Enter, true) => self.node(border, None),
            (Kind::Stay, false) => self.node(border + 1, place),
            (Kind::Stay, true) => self.node(border - 1, place),
        }
    }

    /// Steps with room from a node.
    fn steps(&self, from: usize) -> impl Iterator<Item = Step> {
        let (border, at) = (from / (self.places.len() + 1), from % (self.places.len() + 1));
        let step = move |place, kind, back| Step { from, place, kind, back };
        let of_hub = (at == 0).then(|| {
            (0..self.places.len())
                .flat_map(move |place| [step(place, Kind::Enter, false), step(place, Kind::Leave, true)])
        });
        let of_place = (at > 0).then(|| {
            let place = at - 1;
            let forward = (border < self.ticks).then(|| step(place, Kind::Stay, false));
            let back = (border > 0).then(|| step(place, Kind::Stay, true));
            [Some(step(place, Kind::Leave, false)), Some(step(place, Kind::Enter, true)), forward, back]
        });
        let all = of_hub.into_iter().flatten().chain(of_place.into_iter().flatten().flatten());
        all.filter(|step| self.room(step) > 0)
    }

    /// The cheapest path from the first hub to the last (Dijkstra's method; potentials keep the costs from being negative).
    fn cheapest_path(&mut self) -> Vec<Step> {
        let target = self.node(self.ticks, None);
        let mut distance = vec![i64::MAX; self.potential.len()];
        let mut arrived_by: Vec<Option<Step>> = vec![None; distance.len()];
        let mut open = BinaryHeap::from([(Reverse(0), 0)]);
        distance[0] = 0;
        while let Some((Reverse(so_far), node)) = open.pop() {
            if so_far > distance[node] {
                continue;
            }
            for step in self.steps(node) {
                let next = self.target(&step);
                let there = so_far + self.cost(&step) + self.potential[node] - self.potential[next];
                if there < distance[next] {
                    distance[next] = there;
                    arrived_by[next] = Some(step);
                    open.push((Reverse(there), next));
                }
            }
        }
        for (potential, distance) in self.potential.iter_mut().zip(&distance) {
            *potential += if *distance == i64::MAX { 0 } else { *distance };
        }
        let mut path = Vec::new();
        let mut node = target;
        while let Some(step) = arrived_by[node] {
            path.push(step);
            node = step.from;
        }
        path
    }
}
