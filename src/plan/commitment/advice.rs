//! What to buy: reservations and savings plans together, and what they are worth.

use super::plan_dollars::{Eligible, Hour, PlanCurve, best};
use super::several_plans::spend;
use super::situation::{Course, Hours, Kind, Layout, PlanOffered, Situation, by_saving};
use super::{Curve, Problem, Purchase, Risk, Segment, Settings, World, solve};
use crate::plan::linear::LinearError;

/// A situation made ready to be searched.
#[derive(Debug, Clone)]
pub struct Search {
    pub(super) layout: Layout,
    problem: Problem,
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
    /// No purchase of reservations alone costs less than this.
    pub bound: f64,
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
            let name = offered.group();
            let Some(group) = layout.groups.iter().position(|group| group.name == name) else { continue };
            for (date, growth) in situation.stages() {
                let holds = situation.holds(date, &offered.offer);
                let within = |block: &std::ops::Range<usize>| holds.start <= block.start && block.end <= holds.end;
                let first = layout.blocks.iter().position(within).unwrap_or(0);
                let count = layout.blocks.iter().filter(|block| within(block)).count();
                let covers = offered.footprint.quarters / layout.groups[group].quarters;
                let fee = situation.fee(date, &offered.offer);
                let blocks = first..first + count;
                purchases.push(Purchase { branch: growth, ..Purchase::new(group, covers, blocks, fee) });
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
        if bought.plans.is_empty() { self.problem.costs(&bought.counts) } else { self.costs_with_plans(bought) }
    }

    /// The best purchase.
    ///
    /// Reservations alone are optimal (see [`solve`]). A plan is spent on what they leave, so with each of their counts its best
    /// amount is known exactly; the counts are then improved in steps from the optimum without a plan and from none. With one purchase
    /// of one family the cost is convex in counts and commitment, and the result is optimal. Further plans are added to the best one,
    /// and all amounts and counts are improved in turn until no single change helps.
    ///
    /// # Errors
    /// If the linear programme cannot be solved.
    pub fn best(&self) -> Result<Bought, LinearError> {
        let alone = solve(&self.problem)?;
        let mut best =
            Bought { counts: alone.counts.clone(), plans: Vec::new(), objective: alone.objective, bound: alone.bound };
        for plan in 0..self.plans.len() {
            for start in [alone.counts.clone(), vec![0; alone.counts.len()]] {
                let found = self.improve_with(plan, start);
                if found.objective < best.objective - 1e-9 * best.objective.abs() {
                    best = Bought { bound: alone.bound, ..found };
                }
            }
        }
        Ok(if self.plans.len() > 1 { self.with_more_plans(best) } else { best })
    }

    /// With a plan at its best commitment.
    pub fn with_plan(&self, plan: usize, counts: &[u32]) -> Bought {
        let (commitment, objective) = best(&self.plan_curves(plan, counts), self.risk);
        let plans = (commitment > 0.0).then_some((plan, commitment)).into_iter().collect();
        Bought { counts: counts.to_vec(), plans, objective, bound: 0.0 }
    }

    fn improve_with(&self, plan: usize, start: Vec<u32>) -> Bought {
        let mut best = self.with_plan(plan, &start);
        let movable = self.problem.worth_solving();
        let largest = movable.iter().map(|index| self.problem.most(&self.problem.purchases[*index])).max().unwrap_or(0);
        let mut step = largest.checked_next_power_of_two().unwrap_or(1 << 31).max(1);
        loop {
            let mut better = false;
            for index in &movable {
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
            hours.iter().map(move |hour| (block, hour, left_of(&self.layout, hour, covered, block)))
        })
    }

    /// What a purchase does.
    pub fn effect(&self, bought: &Bought) -> Effect {
        let order = self.spending_order(&bought.plans);
        let committed: f64 = bought.plans.iter().map(|(_, commitment)| commitment).sum();
        let value = |levels: &[f64]| -> f64 {
            levels.iter().zip(&self.layout.kinds).map(|(level, kind)| level * kind.on_demand).sum()
        };
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
            let known = self.known(index);
            regret += probability * (cost - known.best()?.objective).max(0.0);
        }
        Ok(regret)
    }

    /// The search if it were known which course comes.
    fn known(&self, course: usize) -> Self {
        let layout = Layout {
            groups: self.layout.groups.clone(),
            kinds: self.layout.kinds.clone(),
            blocks: self.layout.blocks.clone(),
            courses: vec![Course { probability: 1.0, ..self.layout.courses[course].clone() }],
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

fn left_of(layout: &Layout, hour: &Hours, covered: &[Vec<u64>], block: usize) -> Vec<f64> {
    let mut covers: Vec<f64> = covered.iter().map(|blocks| blocks[block] as f64).collect();
    let mut left = hour.levels.clone();
    for (level, kind) in left.iter_mut().zip(&layout.kinds) {
        let part = level.min(covers[kind.group]);
        *level -= part;
        covers[kind.group] -= part;
    }
    left
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
    let curve = |group: usize, hours: &[Hours]| {
        let segments: Vec<Vec<Segment>> = hours
            .iter()
            .map(|hour| {
                let of_group = layout.kinds.iter().zip(&hour.levels).filter(|(kind, _)| kind.group == group);
                let segment =
                    |(kind, level): (&Kind, &f64)| Segment { instances: *level, price: kind.on_demand * hour.worth };
                of_group.map(segment).collect()
            })
            .collect();
        Curve::new(segments.iter().map(Vec::as_slice))
    };
    let curves = (0..layout.groups.len()).map(|group| course.hours.iter().map(|hours| curve(group, hours)).collect());
    World { probability: course.probability, branch: course.growth, curves: curves.collect() }
}
