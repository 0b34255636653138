//! A bound from work alone: whatever a policy knows and does, what is served in time has to be worked on in time.
//!
//! Time goes in slots. A request that is not late is worked on between its arrival and its deadline, so within any stretch of time
//! the servers that are ready give at least the work of the requests that arrive and are due in it. Requests may be late up to a budget:
//! their work is done at some later time, or never if requests that fail count in the budget. Everything else is left out: that requests
//! are not divided, that servers come whole, that nobody knows the future. What the remaining linear programme costs, every policy costs.
//!
//! The objective is kept in expectation, so there is one programme over all equally likely paths with one budget that they share; a budget of
//! each path for itself would give no bound for policies that keep the objective on average only.

use crate::plan::linear::{LinearError, Programme, Variable};

/// Requests of about the same work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// How many.
    pub requests: f64,
    /// Work of each of them at most, in seconds on an instance of speed 1.
    pub work: f64,
}

/// Capacity that can be had in a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// Work that a server gives in the slot.
    pub work: f64,
    /// What a server costs for the slot.
    pub price: f64,
    /// Servers that can be had; infinity for no limit.
    pub most: f64,
    /// What each server costs on top that the slot before did not have: the least that is billed of its boot.
    pub start: f64,
}

/// A stretch of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slot {
    /// Work that arrives in it.
    pub work: f64,
    /// Requests that arrive in it, the most work first; the work of a group may be above the truth, never below.
    pub arrivals: Vec<Group>,
    /// Work of them that can still be done in time after the slot ends: within the next one.
    pub carried: f64,
    /// Kinds of capacity. Kinds keep their place in the list from slot to slot.
    pub capacity: Vec<Capacity>,
}

/// Servers that are paid for over the whole horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reserved {
    /// Price for the horizon.
    pub price: f64,
    /// Servers at most.
    pub most: f64,
    /// Work that a server gives in a slot.
    pub work: f64,
}

/// One possible future.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Path {
    /// Its time.
    pub slots: Vec<Slot>,
    /// Its part of the requests that may be late; the parts are one budget.
    pub budget: f64,
}

/// What is to be served.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Equally likely futures.
    pub paths: Vec<Path>,
    /// Kinds of servers for the horizon.
    pub reserved: Vec<Reserved>,
    /// Whether late requests may vanish; if not, all work is done by the end.
    pub late_vanish: bool,
}

/// The bound and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// No policy costs less, as the mean over the paths.
    pub cost: f64,
    /// Servers of each kind for the horizon in the programme's solution.
    pub reserved: Vec<f64>,
}

impl Problem {
    /// The bound as one linear programme: exact, for problems of up to some thousand slots.
    ///
    /// # Errors
    /// If the demand cannot be served at all, or the solver fails.
    pub fn solve(&self) -> Result<Bound, LinearError> {
        let mut programme = Programme::default();
        let reserved: Vec<Variable> =
            self.reserved.iter().map(|kind| programme.variable(kind.price, kind.most)).collect();
        let share = 1.0 / self.paths.len().max(1) as f64;
        let mut late = Vec::new();
        for path in &self.paths {
            self.add_path(&path.slots, share, &reserved, &mut late, &mut programme);
        }
        programme.at_least(late, -self.paths.iter().map(|path| path.budget).sum::<f64>());
        let solution = programme.minimise()?;
        Ok(Bound { cost: solution.cost, reserved: reserved.iter().map(|kind| solution.value(*kind)).collect() })
    }

    /// Rows of a path; terms of late requests go to `late`.
    fn add_path(
        &self,
        path: &[Slot],
        share: f64,
        reserved: &[Variable],
        late: &mut Vec<(Variable, f64)>,
        programme: &mut Programme,
    ) {
        const FREE: f64 = f64::INFINITY;
        let mut before: Option<(Variable, Vec<Variable>)> = None;
        let mut backlog: Option<Variable> = None;
        for (index, slot) in path.iter().enumerate() {
            let last = index + 1 == path.len();
            let servers: Vec<Variable> =
                slot.capacity.iter().map(|kind| programme.variable(kind.price * share, kind.most)).collect();
            let next = programme.variable(0.0, if last { 0.0 } else { slot.carried });
            let mut supply: Vec<(Variable, f64)> =
                servers.iter().zip(&slot.capacity).map(|(servers, kind)| (*servers, kind.work)).collect();
            supply.extend(reserved.iter().zip(&self.reserved).map(|(servers, kind)| (*servers, kind.work)));
            supply.push((next, 1.0));
            let mut late_work = Vec::new();
            for group in slot.arrivals.iter().filter(|group| group.requests > 0.0 && group.work > 0.0) {
                let requests = programme.variable(0.0, group.requests);
                late.push((requests, -1.0));
                late_work.push((requests, group.work));
            }
            supply.extend_from_slice(&late_work);
            if let Some((carried, _)) = &before {
                supply.push((*carried, -1.0));
            }
            if !self.late_vanish {
                // What is late joins the backlog; what is done of it takes capacity: backlog + late - done = the next backlog.
                let done = programme.variable(0.0, FREE);
                let rest = programme.variable(0.0, if last { 0.0 } else { FREE });
                supply.push((done, -1.0));
                let mut kept = vec![(done, 1.0), (rest, 1.0)];
                kept.extend(late_work.iter().map(|(requests, work)| (*requests, -work)));
                kept.extend(backlog.map(|backlog| (backlog, -1.0)));
                programme.at_least(kept, 0.0);
                backlog = Some(rest);
            }
            programme.at_least(supply, slot.work);
            for (place, kind) in slot.capacity.iter().enumerate().filter(|(_, kind)| kind.start > 0.0) {
                let started = programme.variable(kind.start * share, FREE);
                let mut row = vec![(started, 1.0), (servers[place], -1.0)];
                row.extend(before.as_ref().and_then(|(_, servers)| servers.get(place)).map(|servers| (*servers, 1.0)));
                programme.at_least(row, 0.0);
            }
            before = Some((next, servers));
        }
    }

    /// A bound for any number of slots: the programme's dual with one price for a late request, without boot and without the work of
    /// late requests, for whole servers of one kind. `values[p]` is path `p`'s part for the number of servers; their mean is the bound.
    ///
    /// Any `late_price` of at least 0 gives a bound; the dearest one is best. So is each number of servers: the least over all of
    /// them bounds every policy.
    pub fn dual_values(&self, late_price: f64, servers: f64) -> Vec<f64> {
        let kind = self.reserved.first();
        let (fixed, given) = kind.map_or((0.0, 0.0), |kind| (kind.price * servers, kind.work * servers));
        let of_path = |path: &Path| {
            let slots: f64 = path.slots.iter().map(|slot| slot.least_cost(given, late_price)).sum();
            fixed + slots - late_price * path.budget
        };
        self.paths.iter().map(of_path).collect()
    }

    /// The number of reserved servers, up to their most, for which the dual's mean is least, and that mean.
    pub fn least_dual(&self, late_price: f64) -> (f64, f64) {
        let most = self.reserved.first().map_or(0.0, |kind| kind.most.floor().min(1e6));
        let mean = |servers: f64| {
            let values = self.dual_values(late_price, servers);
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        // The mean is convex in the servers.
        let (mut low, mut high) = (0.0, most);
        while high - low > 2.0 {
            let (left, right) = ((low + (high - low) / 3.0).floor(), (high - (high - low) / 3.0).ceil());
            if mean(left) <= mean(right) { high = right } else { low = left }
        }
        let mut best = (low, mean(low));
        let mut servers = low + 1.0;
        while servers <= high {
            let value = mean(servers);
            if value < best.1 {
                best = (servers, value);
            }
            servers += 1.0;
        }
        best
    }

    /// The price of a late request for which [`Problem::least_dual`] is largest, by golden section: the dual is concave in it.
    pub fn best_late_price(&self) -> f64 {
        const GOLDEN: f64 = 0.618_033_988_749_894_9;
        const STEPS: usize = 60;
        let dearest = |slot: &Slot| {
            let price = slot.capacity.iter().map(|kind| kind.price / kind.work).fold(0.0, f64::max);
            price * slot.arrivals.first().map_or(0.0, |group| group.work)
        };
        // At this price nobody is late.
        let (mut low, mut high) =
            (0.0, self.paths.iter().flat_map(|path| &path.slots).map(dearest).fold(0.0, f64::max));
        let value = |price: f64| self.least_dual(price).1;
        let (mut a, mut b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        let (mut at_a, mut at_b) = (value(a), value(b));
        for _ in 0..STEPS {
            if at_a < at_b {
                low = a;
                (a, at_a) = (b, at_b);
                b = low + GOLDEN * (high - low);
                at_b = value(b);
            } else {
                high = b;
                (b, at_b) = (a, at_a);
                a = high - GOLDEN * (high - low);
                at_a = value(a);
            }
        }
        if at_a > at_b { a } else { b }
    }
}

impl Slot {
    /// The least cost of the slot's work beyond `given` when a late request costs `late_price` and its work nothing.
    fn least_cost(&self, given: f64, late_price: f64) -> f64 {
        let mut needed = (self.work - self.carried - given).max(0.0);
        let mut kinds: Vec<&Capacity> =
            self.capacity.iter().filter(|kind| kind.work > 0.0 && kind.most > 0.0).collect();
        kinds.sort_by(|a, b| (a.price / a.work).total_cmp(&(b.price / b.work)));
        // What is bought, the cheapest first; then the dearest is given back as long as a late request is cheaper.
        let mut bought: Vec<(f64, f64)> = Vec::new();
        for kind in kinds {
            let work = needed.min(kind.most * kind.work);
            bought.push((kind.price / kind.work, work));
            needed -= work;
            if needed <= 0.0 {
                break;
            }
        }
        if needed > 0.0 {
            bought.push((f64::INFINITY, needed));
        }
        let mut late = 0.0;
        for group in self.arrivals.iter().filter(|group| group.work > 0.0) {
            let mut requests = group.requests;
            while requests > 0.0
                && let Some((price, work)) = bought.last_mut()
            {
                if *price * group.work <= late_price {
                    break;
                }
                let dropped = requests.min(*work / group.work);
                late += dropped;
                requests -= dropped;
                *work -= dropped * group.work;
                if *work <= 1e-12 * group.work {
                    bought.pop();
                }
            }
        }
        late * late_price + bought.iter().map(|(price, work)| if *work > 0.0 { price * work } else { 0.0 }).sum::<f64>()
    }
}
