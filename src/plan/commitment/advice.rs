//! What to buy: reservations and savings plans together, and what they are worth.

use super::joint::Relaxed;
use super::layout::{Course, Hours, Kind, Layout, by_saving};
use super::plan_dollars::{Eligible, Hour, PlanCurve, best};
use super::several_plans::spend;
use super::situation::{PlanOffered, Situation};
use super::{Choice, Curve, Problem, Purchase, Risk, Segment, Settings, World};
use crate::plan::linear::LinearError;

/// A situation made ready to be searched.
#[derive(Debug, Clone)]
pub struct Search {
    pub(super) layout: Layout,
    /// Reservations alone. Where groups have usage in common its curves count that usage once for each.
    pub(super) problem: Problem,
    origins: Vec<Origin>,
    pub(super) plans: Vec<PlanOffered>,
    /// What each plan costs over the time planned, for a commitment of one an hour.
    pub(super) due: Vec<f64>,
    pub(super) risk: Risk,
}

/// Where a purchase of the problem is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Index of the offer.
    pub offer: usize,
    /// When it is bought, in hours from the start.
    pub date: usize,
    /// For which growth, if it is bought once that is known.
    pub growth: Option<usize>,
}

/// A purchase.
#[derive(Debug, Clone, PartialEq)]
pub struct Bought {
    /// How many of each purchase, in the order of [`Search::origins`].
    pub counts: Vec<u32>,
    /// Plans by their index, each with its commitment in the currency per hour.
    pub plans: Vec<(usize, f64)>,
    /// What is minimised.
    pub objective: f64,
    /// No purchase costs less than this; none where it is not known: with weight on the worst cases of offers that cover usage in common,
    /// or of plans.
    pub bound: Option<f64>,
}

/// What a purchase does, expected over all courses.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Effect {
    /// Usage that new commitments cover, as a share of that which owned ones leave; by what it costs on-demand.
    pub coverage: f64,
    /// Share of what is newly reserved that is used; by levels.
    pub reserved_use: Option<f64>,
    /// Share of the plans that is spent.
    pub plan_use: Option<f64>,
    /// What the plans are spent on, by what it costs on-demand, in multiples of what is spent.
    pub plan_value: Option<f64>,
}

impl Search {
    /// Lays out a situation.
    pub fn new(situation: &Situation) -> Self {
        let layout = situation.layout();
        let mut purchases = Vec::new();
        let mut origins = Vec::new();
        for (index, offered) in situation.reserved.iter().enumerate() {
            let Some(group) = layout.group_of[index] else { continue };
            for (date, growth) in situation.stages() {
                let holds = situation.holds(date, &offered.offer);
                let within = |block: &std::ops::Range<usize>| holds.start <= block.start && block.end <= holds.end;
                let first = layout.blocks.iter().position(within).unwrap_or(0);
                let count = layout.blocks.iter().filter(|block| within(block)).count();
                let fee = situation.fee(date, &offered.offer);
                let blocks = first..first + count;
                purchases.push(Purchase { branch: growth, ..Purchase::new(group, layout.covers[index], blocks, fee) });
                origins.push(Origin { offer: index, date, growth });
            }
        }
        let worlds = layout.courses.iter().map(|course| world(&layout, course)).collect();
        let risk = situation.settings.risk;
        let problem = Problem { purchases, worlds, risk };
        let Settings { hours, discount_rate, .. } = situation.settings;
        let due = situation.plans.iter().map(|plan| plan.due(hours, discount_rate)).collect();
        Self { layout, problem, origins, plans: situation.plans.clone(), due, risk }
    }

    /// At most so many of each purchase that is decided at the start.
    pub(super) fn limited(mut self, most: impl Fn(&Purchase) -> u32) -> Self {
        let at_start = self.problem.purchases.iter_mut().filter(|purchase| purchase.branch.is_none());
        at_start.for_each(|purchase| purchase.most = Some(most(purchase)));
        self
    }

    /// Where each purchase is from.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// The reservations alone.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Replication, growth and probability of each course.
    pub fn courses(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        self.layout.courses.iter().map(|course| (course.replication, course.growth, course.probability))
    }

    /// Usage after owned commitments costs nothing on-demand.
    pub fn nothing_to_cover(&self) -> bool {
        self.problem
            .worlds
            .iter()
            .flat_map(|world| world.curves.iter().flatten())
            .all(|curve| curve.uncovered(0) == 0.0)
    }

    /// The cost of a purchase in each course with its probability.
    pub fn costs(&self, bought: &Bought) -> Vec<(f64, f64)> {
        match bought.plans.is_empty() && self.layout.is_separate() {
            true => self.problem.costs(&bought.counts),
            false => self.costs_by_hours(bought),
        }
    }

    /// What is minimised.
    pub(super) fn objective_of(&self, bought: &Bought) -> f64 {
        self.risk.of(&self.costs(bought))
    }

    /// The best reservations without plans.
    ///
    /// # Errors
    /// If a linear programme cannot be solved.
    pub fn reservations(&self) -> Result<Choice, LinearError> {
        if self.layout.is_separate() { self.problem.cheapest() } else { self.overlapping() }
    }

    /// The best purchase.
    ///
    /// Reservations alone are optimal where no two offers cover usage in common (see [`solve`](super::solve)). A plan is spent on what they leave, so with
    /// each of their counts its best amount is known exactly. Counts and amounts are improved in turn, from the optimum without a plan,
    /// from none, and from the rounded optimum of the relaxed problem, until no single change helps. What that may still miss is the
    /// distance to the bound.
    ///
    /// # Errors
    /// If a linear programme cannot be solved.
    pub fn best(&self) -> Result<Bought, LinearError> {
        let alone = self.reservations()?;
        let starts = [alone.counts.clone(), vec![0; alone.counts.len()]];
        let best = Bought {
            counts: alone.counts,
            plans: Vec::new(),
            objective: alone.objective,
            bound: Some(alone.bound).filter(|bound| bound.is_finite()),
        };
        if self.plans.is_empty() {
            return Ok(best);
        }
        let relaxed = self.relaxed(&best.counts, true);
        let mut found = self.best_with_plans(best, &starts, relaxed.as_ref());
        found.bound = relaxed.map(|relaxed| relaxed.bound.min(found.objective));
        Ok(found)
    }

    /// From the rounded optimum of the relaxed problem by small steps; without it from every start by large ones.
    fn best_with_plans(&self, mut best: Bought, starts: &[Vec<u32>], relaxed: Option<&Relaxed>) -> Bought {
        let rounded = relaxed.map(Relaxed::rounded);
        let movable = self.movable(starts.iter().chain(&rounded));
        let largest = movable.iter().map(|index| self.problem.most(&self.problem.purchases[*index])).max().unwrap_or(0);
        let step = if rounded.is_some() { 1 } else { largest.checked_next_power_of_two().unwrap_or(1 << 31).max(1) };
        for plan in 0..self.plans.len() {
            let improved = match &rounded {
                Some(rounded) => vec![self.improve_with(plan, rounded, &movable, step)],
                None => starts.iter().map(|start| self.improve_with(plan, start, &movable, step)).collect(),
            };
            let as_they_are = starts.iter().map(|start| self.with_plan(plan, start));
            for found in improved.into_iter().chain(as_they_are) {
                if found.objective < best.objective - 1e-9 * best.objective.abs() {
                    best = found;
                }
            }
        }
        if self.plans.len() < 2 {
            return best;
        }
        let together = relaxed.map(|relaxed| self.with_more_plans(self.bought(relaxed), &movable));
        let best = self.with_more_plans(best, &movable);
        together.filter(|found| found.objective < best.objective).unwrap_or(best)
    }

    /// The purchases whose counts are worth trying: all if they are few, else those that a start has.
    fn movable<'a>(&self, starts: impl Iterator<Item = &'a Vec<u32>>) -> Vec<usize> {
        const FEW: usize = 16;
        let starts: Vec<&Vec<u32>> = starts.collect();
        let mut worth = self.problem.worth_solving();
        if worth.len() > FEW {
            worth.retain(|index| starts.iter().any(|counts| counts[*index] > 0));
        }
        worth
    }

    /// With a plan at its best commitment.
    pub fn with_plan(&self, plan: usize, counts: &[u32]) -> Bought {
        let (commitment, objective) = best(&self.plan_curves(plan, counts), self.risk);
        let plans = (commitment > 0.0).then_some((plan, commitment)).into_iter().collect();
        Bought { counts: counts.to_vec(), plans, objective, bound: None }
    }

    fn improve_with(&self, plan: usize, start: &[u32], movable: &[usize], mut step: u32) -> Bought {
        let mut best = self.with_plan(plan, start);
        loop {
            let mut better = false;
            for index in movable {
                for counts in moved(&best.counts, *index, step).into_iter().flatten() {
                    let found = self.with_plan(plan, &counts);
                    if found.objective < best.objective - 1e-12 * best.objective.abs() {
                        (best, better) = (found, true);
                    }
                }
            }
            if better {
                continue;
            }
            if step == 1 {
                return best;
            }
            step /= 2;
        }
    }

    /// The curve of a plan in each course with its probability, on what reservations leave and with their cost.
    pub fn plan_curves(&self, plan: usize, counts: &[u32]) -> Vec<(PlanCurve, f64)> {
        let order = by_saving(&self.layout.kinds, |kind| kind.plan_rates[plan]);
        let of = |(course, fees, covered): (&Course, f64, &[Vec<u64>])| {
            let hours: Vec<Hour> = self
                .left(course, covered)
                .map(|(_, hour, left)| plan_hour(&self.layout.kinds, &order, hour.worth, &left))
                .collect();
            (PlanCurve::new(&hours, self.due[plan], fees), course.probability)
        };
        self.by_course(counts, of)
    }

    /// Something of each course, from what reservations cost and cover in it.
    pub(super) fn by_course<T>(&self, counts: &[u32], of: impl Fn((&Course, f64, &[Vec<u64>])) -> T) -> Vec<T> {
        let branches: Vec<(f64, Vec<Vec<u64>>)> = (0..self.problem.branches())
            .map(|branch| (self.problem.fees(counts, branch), self.problem.covered(counts, branch)))
            .collect();
        let courses = self.layout.courses.iter();
        courses.map(|course| of((course, branches[course.growth].0, &branches[course.growth].1))).collect()
    }

    /// The hours of a course by block, with what reservations leave of each kind.
    pub(super) fn left<'a>(
        &'a self,
        course: &'a Course,
        covered: &'a [Vec<u64>],
    ) -> impl Iterator<Item = (usize, &'a Hours, Vec<f64>)> {
        course.hours.iter().enumerate().flat_map(move |(block, hours)| {
            hours.iter().map(move |hour| (block, hour, self.left_of(hour, covered, block)))
        })
    }

    /// What reservations leave of an hour in a block.
    fn left_of(&self, hour: &Hours, covered: &[Vec<u64>], block: usize) -> Vec<f64> {
        let mut left = hour.levels.clone();
        self.layout.cover(&mut left, |group| covered[group][block] as f64);
        left
    }

    /// What a purchase does.
    pub fn effect(&self, bought: &Bought) -> Effect {
        let order = self.spending_order(&bought.plans);
        let committed: f64 = bought.plans.iter().map(|(_, commitment)| commitment).sum();
        let value = |levels: &[f64]| self.layout.on_demand(levels);
        let sums = self.by_course(&bought.counts, |(course, _, covered)| {
            let mut sums = Sums::default();
            for (block, hour, mut left) in self.left(course, covered) {
                let weight = hour.count * course.probability;
                let held: u64 = covered.iter().map(|blocks| blocks[block]).sum();
                sums.reserved += weight * held as f64;
                sums.taken += weight * hour.levels.iter().zip(&left).map(|(all, left)| all - left).sum::<f64>();
                let before = value(&left);
                let unspent = spend(&order, &bought.plans, &mut left);
                let after = value(&left);
                sums.due += weight * committed;
                sums.spent += weight * (committed - unspent);
                sums.spent_on += weight * (before - after);
                sums.usage += weight * value(&hour.levels);
                sums.uncovered += weight * after;
            }
            sums
        });
        let all = |of: fn(&Sums) -> f64| sums.iter().map(of).sum::<f64>();
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let usage = all(|sums| sums.usage);
        Effect {
            coverage: share(usage - all(|sums| sums.uncovered), usage).unwrap_or(0.0),
            reserved_use: share(all(|sums| sums.taken), all(|sums| sums.reserved)),
            plan_use: share(all(|sums| sums.spent), all(|sums| sums.due)),
            plan_value: share(all(|sums| sums.spent_on), all(|sums| sums.spent)),
        }
    }

    /// By how much more a purchase costs than what would have been best for each course, had it been known; expected.
    ///
    /// # Errors
    /// If a linear programme cannot be solved.
    pub fn regret(&self, bought: &Bought) -> Result<f64, LinearError> {
        let mut regret = 0.0;
        for (index, (cost, probability)) in self.costs(bought).into_iter().enumerate() {
            regret += probability * (cost - self.known(index).best()?.objective).max(0.0);
        }
        Ok(regret)
    }

    /// The search if it were known which course comes.
    fn known(&self, course: usize) -> Self {
        let courses = vec![Course { probability: 1.0, ..self.layout.courses[course].clone() }];
        let layout = Layout {
            courses,
            groups: self.layout.groups.clone(),
            group_of: self.layout.group_of.clone(),
            covers: self.layout.covers.clone(),
            kinds: self.layout.kinds.clone(),
            blocks: self.layout.blocks.clone(),
        };
        let problem = Problem {
            purchases: self.problem.purchases.clone(),
            worlds: vec![World { probability: 1.0, ..self.problem.worlds[course].clone() }],
            risk: Risk::NEUTRAL,
        };
        Self { layout, problem, risk: Risk::NEUTRAL, ..self.clone() }
    }
}

/// What is summed over the hours of a course for [`Effect`].
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    usage: f64,
    uncovered: f64,
    reserved: f64,
    taken: f64,
    due: f64,
    spent: f64,
    spent_on: f64,
}

/// A count larger and smaller by a step.
pub(super) fn moved(counts: &[u32], index: usize, step: u32) -> [Option<Vec<u32>>; 2] {
    let with = |value: Option<u32>| {
        value.map(|value| {
            let mut counts = counts.to_vec();
            counts[index] = value;
            counts
        })
    };
    [with(counts[index].checked_add(step)), with(counts[index].checked_sub(step))]
}

pub(super) fn plan_hour(kinds: &[Kind], order: &[(usize, f64)], count: f64, left: &[f64]) -> Hour {
    let priced = |index: usize| left[index] * kinds[index].on_demand;
    let mut eligible: Vec<Eligible> = order
        .iter()
        .map(|(index, rate)| Eligible { at_plan_rates: left[*index] * rate, on_demand: priced(*index) })
        .collect();
    let outside = (0..kinds.len()).filter(|index| order.iter().all(|(covered, _)| covered != index));
    let rest: f64 = outside.map(priced).sum();
    eligible.push(Eligible { at_plan_rates: 0.0, on_demand: rest });
    Hour { eligible, count }
}

fn world(layout: &Layout, course: &Course) -> World {
    let curves = layout.groups.iter().map(|group| {
        let of_block =
            |hours: &Vec<Hours>| curve(layout, &group.kinds, hours.iter().map(|hour| (hour, &hour.levels[..])));
        course.hours.iter().map(of_block).collect()
    });
    World { probability: course.probability, branch: course.growth, curves: curves.collect() }
}

/// What kinds of usage cost uncovered, of hours with the levels that count.
pub(super) fn curve<'a>(
    layout: &Layout,
    kinds: &[usize],
    hours: impl Iterator<Item = (&'a Hours, &'a [f64])>,
) -> Curve {
    let segments: Vec<Vec<Segment>> = hours
        .map(|(hour, levels)| {
            let segment =
                |kind: &usize| Segment { instances: levels[*kind], price: layout.kinds[*kind].on_demand * hour.worth };
            kinds.iter().map(segment).collect()
        })
        .collect();
    Curve::new(segments.iter().map(Vec::as_slice))
}
