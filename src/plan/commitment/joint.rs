//! A bound for everything that can be bought together: reservations that cover usage in common, and savings plans.
//!
//! Relaxed, each hour is free to spend what is held in the way that costs least: min Σ price · uncovered, a linear programme whose least
//! cost is convex in what is held. No bill is below it, since a bill spends in an order of its own, and counts may be broken. A dual
//! solution of the hour gives a plane below that cost: whatever reservations and plans are worth there (μ ≥ 0), a level of usage is worth
//! no more than its price and than what each of them that covers it is worth, and with such values (λ)
//!
//! cost of the hour ≥ Σ λ · usage - Σ μ · held
//!
//! for *any* amounts held. The planes of all hours are added up by block and put into a programme of counts and amounts (Kelley 1960, The
//! cutting-plane method for solving convex programs); its least cost is a bound, and grows until it meets the cost of what was tried. The next try lies
//! half-way to the best so far, which keeps the steps short.

use super::advice::Bought;
use super::layout::Hours;
use super::{Purchase, Search};
use crate::plan::linear::{LinearError, Programme, Variable};

/// The optimum of the relaxed problem.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relaxed {
    /// How many of each purchase, broken numbers included.
    pub(super) counts: Vec<f64>,
    /// Commitment to each plan.
    pub(super) plans: Vec<f64>,
    /// No purchase costs less.
    pub(super) bound: f64,
}

impl Relaxed {
    /// The nearest whole counts.
    pub(super) fn rounded(&self) -> Vec<u32> {
        self.counts.iter().map(|count| count.round() as u32).collect()
    }
}

/// Most tries.
const MOST_TRIES: usize = 60;
/// The search ends when the bound is as near to a cost, relative to it.
const CLOSE: f64 = 1e-4;
/// What is left of a supply, relative to its size, when it is used up.
const USED_UP: f64 = 1e-12;

/// One of those who can cover a kind of usage, in the order in which it is tried.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Groups first, then plans.
    supply: usize,
    kind: usize,
    /// How much of the supply a level takes.
    takes: f64,
}

/// A plane below the uncovered cost of a block of time.
#[derive(Debug, Clone, PartialEq)]
struct Plane {
    branch: Option<usize>,
    block: usize,
    /// The pool, or all of them if plans join them.
    pool: Option<usize>,
    /// Its height where nothing is held.
    height: f64,
    /// What a unit held of each supply is worth.
    worth: Vec<f64>,
}

/// How many of each purchase, and the commitment to each plan.
type Amounts = (Vec<f64>, Vec<f64>);

/// The relaxed problem.
struct Relaxation<'a> {
    search: &'a Search,
    /// The purchases that count.
    purchases: Vec<usize>,
    /// How many plans there are, if they count.
    plans: usize,
    steps: Vec<Step>,
    branches: Vec<Option<usize>>,
}

impl Search {
    /// The optimum of the relaxed problem, from reservations on: none with weight on the worst cases, or if the solver fails.
    pub(super) fn relaxed(&self, start: &[u32], with_plans: bool) -> Option<Relaxed> {
        if self.risk.weight > 0.0 {
            return None;
        }
        let relaxation = Relaxation::new(self, with_plans);
        let none = vec![0.0; relaxation.plans];
        relaxation.solve((start.iter().map(|count| f64::from(*count)).collect(), none)).ok()
    }

    /// The purchase of rounded counts with the amounts as they are.
    pub(super) fn bought(&self, relaxed: &Relaxed) -> Bought {
        let plans = relaxed.plans.iter().copied().enumerate().filter(|(_, amount)| *amount > 0.0).collect();
        let rounded = Bought { counts: relaxed.rounded(), plans, objective: 0.0, bound: None };
        Bought { objective: self.objective_of(&rounded), ..rounded }
    }
}

impl<'a> Relaxation<'a> {
    fn new(search: &'a Search, with_plans: bool) -> Self {
        let kinds = &search.layout.kinds;
        let groups = search.layout.groups.len();
        let plans = if with_plans { search.plans.len() } else { 0 };
        let mut steps = Vec::new();
        for (supply, group) in search.layout.groups.iter().enumerate() {
            // The dearest first: that is what a bill could reach at best.
            let mut order = group.kinds.clone();
            order.sort_by(|a, b| kinds[*b].on_demand.total_cmp(&kinds[*a].on_demand));
            steps.extend(order.into_iter().map(|kind| Step { supply, kind, takes: 1.0 }));
        }
        let all: Vec<(usize, f64)> = (0..plans).map(|plan| (plan, 0.0)).collect();
        let spending = search.spending_order(&all).into_iter().filter(|(_, _, rate)| *rate > 0.0);
        steps.extend(spending.map(|(plan, kind, takes)| Step { supply: groups + plan, kind, takes }));
        let second_stage = search.problem.purchases.iter().any(|purchase| purchase.branch.is_some());
        let branches = if second_stage { (0..search.problem.branches()).map(Some).collect() } else { vec![None] };
        Self { search, purchases: search.problem.worth_solving(), plans, steps, branches }
    }

    fn solve(&self, start: Amounts) -> Result<Relaxed, LinearError> {
        let mut planes = Vec::new();
        let mut least = self.cost_and_planes(&start, &mut planes);
        let (mut best, mut bound) = (start, 0.0);
        for _ in 0..MOST_TRIES {
            let (lowest, at) = self.lowest(&planes)?;
            bound = lowest.max(bound);
            if least - bound <= CLOSE * least.abs() {
                break;
            }
            let half_way = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| 0.5 * (a + b)).collect();
            let tried = (half_way(&at.0, &best.0), half_way(&at.1, &best.1));
            let cost = self.cost_and_planes(&tried, &mut planes);
            if cost < least {
                (least, best) = (cost, tried);
            }
        }
        Ok(Relaxed { counts: best.0, plans: best.1, bound: f64::min(bound, least) })
    }

    /// The relaxed cost of what is tried; adds the planes that touch it there.
    fn cost_and_planes(&self, (counts, plans): &Amounts, planes: &mut Vec<Plane>) -> f64 {
        let Search { layout, problem, due, .. } = self.search;
        let fee = |index: &usize| {
            let purchase = &problem.purchases[*index];
            problem.probability_of(purchase) * purchase.fee * counts[*index]
        };
        let mut cost: f64 = self.purchases.iter().map(fee).sum();
        cost += plans.iter().zip(due).map(|(amount, due)| amount * due).sum::<f64>();
        let supplies = layout.groups.len() + self.plans;
        for branch in &self.branches {
            for block in 0..layout.blocks.len() {
                let mut held = vec![0.0; layout.groups.len()];
                for (index, purchase) in self.held(*branch, block) {
                    held[purchase.group] += counts[index] * f64::from(purchase.covers);
                }
                held.extend(plans);
                let mut hour = Hour::new(self, &held);
                let empty = |pool| Plane { branch: *branch, block, pool, height: 0.0, worth: vec![0.0; supplies] };
                let mut own: Vec<Plane> = match self.plans {
                    0 => (0..self.pools()).map(|pool| empty(Some(pool))).collect(),
                    _ => vec![empty(None)],
                };
                let courses = layout.courses.iter();
                for course in courses.filter(|course| branch.is_none_or(|branch| branch == course.growth)) {
                    for hours in &course.hours[block] {
                        let weight = course.probability * hours.worth;
                        cost += weight * hour.settle(hours);
                        self.add(&mut own, &hour, hours, weight);
                    }
                }
                planes.append(&mut own);
            }
        }
        cost
    }

    fn pools(&self) -> usize {
        self.search.layout.kinds.last().map_or(0, |kind| kind.pool + 1)
    }

    fn add(&self, planes: &mut [Plane], hour: &Hour, hours: &Hours, weight: f64) {
        let layout = &self.search.layout;
        let place = |pool: usize| if self.plans > 0 { 0 } else { pool };
        for ((level, value), kind) in hours.levels.iter().zip(&hour.values).zip(&layout.kinds) {
            planes[place(kind.pool)].height += weight * level * value;
        }
        for (supply, worth) in hour.worth.iter().enumerate() {
            let pool = layout.groups.get(supply).map_or(0, |group| group.pool);
            planes[place(pool)].worth[supply] += weight * worth;
        }
    }

    /// Purchases that hold in a block of a branch, with their places.
    fn held(&self, branch: Option<usize>, block: usize) -> impl Iterator<Item = (usize, &Purchase)> {
        let made = move |one: &Purchase| branch.is_none_or(|branch| one.made_in(branch)) && one.blocks.contains(&block);
        let all = self.purchases.iter().map(|index| (*index, &self.search.problem.purchases[*index]));
        all.filter(move |(_, purchase)| made(purchase))
    }

    /// The least that is above all planes: its cost, and the amounts.
    fn lowest(&self, planes: &[Plane]) -> Result<(f64, Amounts), LinearError> {
        let Search { problem, due, layout, .. } = self.search;
        let mut programme = Programme::default();
        let mut counts: Vec<Option<Variable>> = vec![None; problem.purchases.len()];
        for index in &self.purchases {
            let purchase = &problem.purchases[*index];
            let cost = problem.probability_of(purchase) * purchase.fee;
            counts[*index] = Some(programme.variable(cost, f64::from(problem.most(purchase))));
        }
        let plans: Vec<Variable> =
            due.iter().take(self.plans).map(|due| programme.variable(*due, f64::INFINITY)).collect();
        let mut costs: Vec<(&Plane, Variable)> = Vec::new();
        for plane in planes {
            let same = |(one, _): &&(&Plane, Variable)| {
                (one.branch, one.block, one.pool) == (plane.branch, plane.block, plane.pool)
            };
            let cost = match costs.iter().find(same) {
                Some((_, cost)) => *cost,
                None => {
                    let cost = programme.variable(1.0, f64::INFINITY);
                    costs.push((plane, cost));
                    cost
                }
            };
            let mut row = vec![(cost, 1.0)];
            for (index, purchase) in self.held(plane.branch, plane.block) {
                let worth = plane.worth[purchase.group] * f64::from(purchase.covers);
                row.extend(counts[index].filter(|_| worth > 0.0).map(|count| (count, worth)));
            }
            let of_plans = plans.iter().zip(&plane.worth[layout.groups.len()..]);
            row.extend(of_plans.filter(|(_, worth)| **worth > 0.0).map(|(plan, worth)| (*plan, *worth)));
            programme.at_least(row, plane.height);
        }
        let solution = programme.minimise()?;
        let value = |variable: &Option<Variable>| variable.map_or(0.0, |variable| solution.value(variable));
        let plans = plans.iter().map(|plan| solution.value(*plan)).collect();
        Ok((solution.cost, (counts.iter().map(value).collect(), plans)))
    }
}

/// One hour with what is held.
struct Hour<'a> {
    relaxation: &'a Relaxation<'a>,
    held: &'a [f64],
    unused: Vec<f64>,
    left: Vec<f64>,
    /// What each step found and left: whether it covered something, and whether something stayed.
    covered: Vec<(bool, bool)>,
    /// What a unit of each supply is worth.
    worth: Vec<f64>,
    /// What a level of each kind is worth.
    values: Vec<f64>,
}

impl<'a> Hour<'a> {
    fn new(relaxation: &'a Relaxation<'a>, held: &'a [f64]) -> Self {
        let kinds = relaxation.search.layout.kinds.len();
        Self {
            relaxation,
            held,
            unused: Vec::new(),
            left: Vec::new(),
            covered: vec![(false, false); relaxation.steps.len()],
            worth: vec![0.0; held.len()],
            values: vec![0.0; kinds],
        }
    }

    /// Spends what is held, then says what more of it would be worth; the cost of what is left.
    fn settle(&mut self, hours: &Hours) -> f64 {
        let (steps, kinds) = (&self.relaxation.steps, &self.relaxation.search.layout.kinds);
        self.unused.clear();
        self.unused.extend_from_slice(self.held);
        self.left.clear();
        self.left.extend_from_slice(&hours.levels);
        for (step, covered) in steps.iter().zip(&mut self.covered) {
            let (left, unused) = (&mut self.left[step.kind], &mut self.unused[step.supply]);
            let part = left.min(*unused / step.takes);
            *left = (*left - part).max(0.0);
            *unused = (*unused - part * step.takes).max(0.0);
            *covered = (part > 0.0, *left > 0.0);
        }
        for (value, (left, kind)) in self.values.iter_mut().zip(self.left.iter().zip(kinds)) {
            *value = if *left > 0.0 { kind.on_demand } else { 0.0 };
        }
        // Backwards: a kind is worth what its last level costs, a supply that is used up what it could have covered besides.
        self.worth.fill(0.0);
        for (step, (covered, stays)) in steps.iter().zip(&self.covered).rev() {
            let used_up = self.unused[step.supply] <= USED_UP * self.held[step.supply];
            let worth = &mut self.worth[step.supply];
            let value = &mut self.values[step.kind];
            if *stays && used_up {
                *worth = worth.max(*value / step.takes);
            }
            if *covered && !*stays {
                *value = *worth * step.takes;
            }
        }
        // Whatever the worths are, with these values the plane lies below.
        for (value, kind) in self.values.iter_mut().zip(kinds) {
            *value = kind.on_demand;
        }
        for step in steps {
            let value = &mut self.values[step.kind];
            *value = value.min(self.worth[step.supply] * step.takes);
        }
        self.relaxation.search.layout.on_demand(&self.left)
    }
}
