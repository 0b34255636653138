//! What to buy: reservations and a savings plan together, and what they are worth.

use super::plan_dollars::{Eligible, Hour, PlanCurve, best};
use super::situation::{Course, Hours, Kind, Layout, Situation, by_saving};
use super::{Curve, Problem, Purchase, Risk, Segment, World, solve};
use crate::plan::linear::LinearError;

/// A situation made ready to be searched.
#[derive(Debug, Clone)]
pub struct Search {
    layout: Layout,
    problem: Problem,
    /// Offer and date of each purchase of the problem.
    origins: Vec<(usize, usize)>,
    plans: usize,
    risk: Risk,
}

/// A purchase.
#[derive(Debug, Clone, PartialEq)]
pub struct Bought {
    /// How many of each purchase, in the order of [`Search::origins`].
    pub counts: Vec<u32>,
    /// Index of the plan and its commitment in the currency per hour.
    pub plan: Option<(usize, f64)>,
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
    /// Share of the plan that is spent.
    pub plan_use: Option<f64>,
}

impl Search {
    /// Lays out a situation.
    pub fn new(situation: &Situation) -> Self {
        let layout = situation.layout();
        let mut purchases = Vec::new();
        let mut origins = Vec::new();
        for (index, offered) in situation.reserved.iter().enumerate() {
            let Some(group) = layout.groups.iter().position(|group| group.family == offered.footprint.family) else {
                continue;
            };
            for date in &situation.settings.dates {
                let holds = situation.holds(*date, &offered.offer);
                let within = |block: &std::ops::Range<usize>| holds.start <= block.start && block.end <= holds.end;
                let first = layout.blocks.iter().position(within).unwrap_or(0);
                let count = layout.blocks.iter().filter(|block| within(block)).count();
                purchases.push(Purchase {
                    group,
                    covers: offered.footprint.quarters / layout.groups[group].quarters,
                    blocks: first..first + count,
                    fee: offered.offer.effective_hourly() * holds.len() as f64,
                });
                origins.push((index, *date));
            }
        }
        let worlds = layout.courses.iter().map(|course| world(&layout, course)).collect();
        let risk = situation.settings.risk;
        let problem = Problem { purchases, worlds, risk };
        Self { layout, problem, origins, plans: situation.plans.len(), risk }
    }

    /// Offer and date (hours from the start) of each purchase.
    pub fn origins(&self) -> &[(usize, usize)] {
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
        match bought.plan {
            None => self.problem.costs(&bought.counts),
            Some((plan, commitment)) => {
                let fees = self.problem.fees(&bought.counts);
                let curves = self.plan_curves(plan, &bought.counts);
                curves.iter().map(|(curve, probability)| (fees + curve.cost(commitment), *probability)).collect()
            }
        }
    }

    /// The best purchase.
    ///
    /// Reservations alone are optimal (see [`solve`]). A plan is spent on what they leave, so with each of their counts its best
    /// amount is known exactly; the counts are then improved in steps from the optimum without a plan and from none. With one purchase
    /// of one family the cost is convex in counts and commitment, and the result is optimal.
    ///
    /// # Errors
    /// If the linear programme cannot be solved.
    pub fn best(&self) -> Result<Bought, LinearError> {
        let alone = solve(&self.problem)?;
        let mut best =
            Bought { counts: alone.counts.clone(), plan: None, objective: alone.objective, bound: alone.bound };
        for plan in 0..self.plans {
            for start in [alone.counts.clone(), vec![0; alone.counts.len()]] {
                let found = self.improve_with(plan, start);
                if found.objective < best.objective - 1e-9 * best.objective.abs() {
                    best = Bought { bound: alone.bound, ..found };
                }
            }
        }
        Ok(best)
    }

    /// With a plan at its best commitment.
    pub fn with_plan(&self, plan: usize, counts: &[u32]) -> Bought {
        let fees = self.problem.fees(counts);
        let (commitment, objective) = best(&self.plan_curves(plan, counts), self.risk);
        let plan = (commitment > 0.0).then_some((plan, commitment));
        Bought { counts: counts.to_vec(), plan, objective: fees + objective, bound: 0.0 }
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

    /// The curve of a plan in each course, on what reservations leave.
    pub fn plan_curves(&self, plan: usize, counts: &[u32]) -> Vec<(PlanCurve, f64)> {
        let covered = self.problem.covered(counts);
        let order = by_saving(&self.layout.kinds, |kind| kind.plan_rates[plan]);
        let courses = self.layout.courses.iter();
        courses
            .map(|course| {
                let hours = self.left(course, &covered);
                let hours: Vec<Hour> =
                    hours.map(|(count, left)| plan_hour(&self.layout.kinds, &order, count, &left)).collect();
                (PlanCurve::new(&hours), course.probability)
            })
            .collect()
    }

    /// What reservations leave of each hour of a course, with how often it comes.
    fn left(&self, course: &Course, covered: &[Vec<u64>]) -> impl Iterator<Item = (f64, Vec<f64>)> {
        course.hours.iter().enumerate().flat_map(move |(block, hours)| {
            hours.iter().map(move |hour| (hour.count, left_of(&self.layout, hour, covered, block)))
        })
    }

    /// What a purchase does.
    pub fn effect(&self, bought: &Bought) -> Effect {
        let covered = self.problem.covered(&bought.counts);
        let kinds = &self.layout.kinds;
        let order = bought.plan.map(|(plan, _)| by_saving(kinds, |kind| kind.plan_rates[plan])).unwrap_or_default();
        let (mut usage, mut uncovered, mut reserved, mut taken, mut due, mut spent) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for course in &self.layout.courses {
            for (block, hours) in course.hours.iter().enumerate() {
                let held: u64 = covered.iter().map(|blocks| blocks[block]).sum();
                for hour in hours {
                    let weight = hour.count * course.probability;
                    let mut left = left_of(&self.layout, hour, &covered, block);
                    reserved += weight * held as f64;
                    taken += weight * hour.levels.iter().zip(&left).map(|(all, left)| all - left).sum::<f64>();
                    if let Some((_, commitment)) = bought.plan {
                        let mut dollars = commitment;
                        for (index, rate) in &order {
                            let part = if *rate > 0.0 { left[*index].min(dollars / rate) } else { 0.0 };
                            left[*index] -= part;
                            dollars -= part * rate;
                        }
                        due += weight * commitment;
                        spent += weight * (commitment - dollars);
                    }
                    let value = |levels: &[f64]| {
                        levels.iter().zip(kinds).map(|(level, kind)| level * kind.on_demand).sum::<f64>()
                    };
                    usage += weight * value(&hour.levels);
                    uncovered += weight * value(&left);
                }
            }
        }
        let share = |part: f64, all: f64| (all > 0.0).then(|| part / all);
        Effect {
            coverage: share(usage - uncovered, usage).unwrap_or(0.0),
            reserved_use: share(taken, reserved),
            plan_use: share(spent, due),
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
        Self { layout, problem, origins: self.origins.clone(), plans: self.plans, risk: Risk::NEUTRAL }
    }
}

/// A count larger and smaller by a step.
fn moved(counts: &[u32], index: usize, step: u32) -> [Option<Vec<u32>>; 2] {
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

fn plan_hour(kinds: &[Kind], order: &[(usize, f64)], count: f64, left: &[f64]) -> Hour {
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
                    |(kind, level): (&Kind, &f64)| Segment { instances: *level, price: kind.on_demand * hour.count };
                of_group.map(segment).collect()
            })
            .collect();
        Curve::new(segments.iter().map(Vec::as_slice))
    };
    let curves = (0..layout.groups.len()).map(|group| course.hours.iter().map(|hours| curve(group, hours)).collect());
    World { probability: course.probability, curves: curves.collect() }
}
