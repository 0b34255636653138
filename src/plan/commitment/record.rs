//! What is recommended, and what it is worth.

use super::situation::{MONTH, Reach, Situation};
use super::timing::{Ladder, SecondStage, Waiting, ladder, second_stage, waiting};
use super::{Bought, Curve, Effect, Origin, Search, WithoutForesight};
use crate::billing::Offer;
use crate::billing::finance::return_on_upfront;
use crate::plan::linear::LinearError;
use crate::stats::{mean_interval, proportion_interval};
use crate::units::{MONTH_HOURS, Rate, Term};
use schemars::JsonSchema;
use serde::Serialize;

/// A recommendation. Money is in the currency over the time that is planned: amortised, or what it is worth at the start if there is a
/// discount rate; shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Recommendation {
    /// Hours that were planned.
    pub planned_hours: usize,
    /// Whole clock hours that were simulated in each replication, and repeated.
    pub simulated_hours: usize,
    /// Replications.
    pub replications: usize,
    /// Annual rate at which payments are compared; null if they are not discounted.
    pub discount_rate: Option<f64>,
    /// What to reserve.
    pub reserve: Vec<Reserve>,
    /// What savings plans to commit to.
    pub savings_plans: Vec<CommitToPlan>,
    /// Expected cost of base and on-demand if nothing is bought.
    pub cost_of_nothing: f64,
    /// Expected cost with the recommendation.
    pub cost: f64,
    /// What it saves.
    pub savings: Saved,
    /// Share of the on-demand cost that is covered.
    pub coverage: f64,
    /// Share of the reserved time that is used.
    pub reserved_utilization: Option<f64>,
    /// Share of the savings plans that is spent.
    pub plan_utilization: Option<f64>,
    /// Share of the savings plans that must be spent for them to cost as much as on-demand.
    pub plan_break_even_utilization: Option<f64>,
    /// How much less would have been paid on average, had each course been known.
    pub regret: f64,
    /// By how much a better purchase could lower what was minimised, at most: proved by a linear programme. Null where that is not computed:
    /// with weight on the worst cases if there are savings plans, or offers that cover usage in common.
    pub gap: Option<f64>,
    /// Rules that buy without knowing the usage.
    pub without_foresight: Option<WithoutForesight>,
    /// Buying a month later.
    pub waiting: Option<Waiting>,
    /// What deciding again is worth, if that was asked for.
    pub second_stage: Option<SecondStage>,
    /// Reservations bought over months, if that was asked for.
    pub ladder: Option<Ladder>,
    /// Savings by commitment.
    pub curve: Vec<CurvePoint>,
}

/// A reservation to buy.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Reserve {
    /// Name of the offer.
    pub name: String,
    /// Instance type.
    pub instance_type: String,
    /// What it covers: `family` (all sizes), `type`, or `zone` (the type in one zone).
    pub covers: Reach,
    /// How many.
    pub count: u32,
    /// Months after the start.
    pub month: usize,
    /// Only if usage is multiplied by this in a year; null if it is bought whatever grows.
    pub if_growth: Option<f64>,
    /// Length of the commitment.
    pub term: Term,
    /// Paid at the beginning, each.
    pub upfront: f64,
    /// What an hour costs with the upfront payment spread over the term, each.
    pub effective_hourly: f64,
    /// Share of hours that must be used for it to cost as much as on-demand.
    pub break_even_utilization: Option<f64>,
    /// Months after which the upfront payment is earned back, at the expected use of all reservations.
    pub break_even_months: Option<f64>,
    /// What is charged of it within the time planned, each: its amortised share, or what its payments are worth at the start.
    pub charged: f64,
    /// What all payments of its term are worth when it is bought, each, at the discount rate; null without one.
    pub net_present_value: Option<f64>,
    /// Annual return of paying upfront instead of by the hour: against the offer of the same term with the least upfront.
    pub return_on_upfront: Option<f64>,
    /// By how much one more of it would raise what is minimised, all else bought as recommended: its shadow price in whole numbers.
    pub one_more_costs: f64,
    /// By how much one less of it would.
    pub one_less_costs: f64,
}

/// A savings plan to commit to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CommitToPlan {
    /// Name of its rates in the price list.
    pub rates: String,
    /// Length of the commitment.
    pub term: Term,
    /// Commitment per hour, at the plan's rates.
    pub commitment: f64,
    /// What is charged of it within the time planned: its amortised share, or what its payments are worth at the start.
    pub charged: f64,
    /// By how much a little more commitment would raise what is minimised, for each unit of it, all else bought as recommended.
    pub one_more_costs: f64,
    /// By how much a little less would.
    pub one_less_costs: f64,
}

/// What a purchase saves against buying nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Saved {
    /// Expected savings.
    pub mean: f64,
    /// Its 95 % interval over replications.
    pub ci95: Option<[f64; 2]>,
    /// Probability that it costs more than buying nothing.
    pub probability_of_loss: f64,
    /// Its 95 % interval over replications.
    pub probability_of_loss_ci95: Option<[f64; 2]>,
}

/// What a savings curve is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Reservations of one offer.
    Reserved,
    /// One savings plan.
    SavingsPlan,
}

impl CurveKind {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::SavingsPlan => "savings_plan",
        }
    }
}

/// A point of the savings curve.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CurvePoint {
    /// Reservations or a savings plan.
    pub kind: CurveKind,
    /// The offer with its type, or the plan's rates.
    pub offer: String,
    /// How many, for reservations.
    pub count: Option<u32>,
    /// What it commits to pay for each hour of the term, upfront payments spread.
    pub commitment_per_hour: f64,
    /// Expected cost of base and on-demand with it.
    pub cost: f64,
    /// What it saves.
    #[serde(flatten)]
    pub savings: Saved,
}

/// Points of a plan's curve besides the best.
const PLAN_POINTS: u32 = 40;
/// By how much a plan's commitment is changed to see what a unit more or less costs, relative to it.
const DOLLAR_STEP: f64 = 1e-3;
/// Most points of the curve of an offer; larger fleets are shown in steps.
const MOST_POINTS: u32 = 200;

/// What to buy in a situation; the same reservations spread over `ladder_months` if that is more than one.
///
/// # Errors
/// If a linear programme cannot be solved.
pub fn recommend(situation: &Situation, ladder_months: usize) -> Result<Recommendation, LinearError> {
    let search = &Search::new(situation);
    let best = search.best()?;
    let nothing = search.nothing();
    let cost = |bought: &Bought| search.costs(bought).iter().map(|(cost, probability)| cost * probability).sum::<f64>();
    let Effect { coverage, reserved_use, plan_use, plan_value } = search.effect(&best);
    let reserves = best.counts.iter().any(|count| *count > 0);
    let ladder = match ladder_months > 1 && reserves {
        true => Some(ladder(situation, (search, &best), ladder_months)?),
        false => None,
    };
    let of_plan = |(plan, commitment): &(usize, f64)| {
        let with = |amount: f64| search.objective_of(&with_amount(&best, *plan, amount));
        let step = DOLLAR_STEP * commitment;
        CommitToPlan {
            rates: situation.plans[*plan].rates.clone(),
            term: situation.plans[*plan].term,
            commitment: *commitment,
            charged: commitment * search.due[*plan],
            one_more_costs: (with(commitment + step) - best.objective) / step,
            one_less_costs: (with(commitment - step) - best.objective) / step,
        }
    };
    let mut curve = reserved_curve(situation, search);
    curve.extend(plan_curves(situation, search, &best));
    Ok(Recommendation {
        planned_hours: situation.settings.hours,
        simulated_hours: situation.replications.first().and_then(|one| one.first()).map_or(0, |one| one.hours.len()),
        replications: situation.replications.len(),
        discount_rate: situation.settings.discount_rate,
        reserve: reserve(situation, search, &best, reserved_use),
        savings_plans: best.plans.iter().map(of_plan).collect(),
        cost_of_nothing: cost(&nothing),
        cost: cost(&best),
        savings: search.saved(&nothing, &best),
        coverage,
        reserved_utilization: reserved_use,
        plan_utilization: plan_use,
        plan_break_even_utilization: plan_value.filter(|value| *value > 0.0).map(|value| 1.0 / value),
        regret: search.regret(&best)?,
        gap: best.bound.map(|bound| (best.objective - bound).max(0.0)),
        without_foresight: search.without_foresight(),
        waiting: waiting(situation)?,
        second_stage: second_stage(situation, &best)?,
        ladder,
        curve,
    })
}

fn reserve(situation: &Situation, search: &Search, best: &Bought, used: Option<f64>) -> Vec<Reserve> {
    let bought = search.origins().iter().zip(&best.counts).enumerate().filter(|(_, (_, count))| **count > 0);
    let mut rows: Vec<(Origin, Reserve)> = bought
        .map(|(index, (origin, count))| {
            let with = |count: u32| {
                let mut counts = best.counts.clone();
                counts[index] = count;
                search.objective_of(&Bought { counts, ..best.clone() }) - best.objective
            };
            let offered = &situation.reserved[origin.offer];
            let offer = &offered.offer;
            let on_demand = on_demand_price(situation, origin.offer);
            let others = situation.reserved.iter().filter(|other| other.instance_type == offered.instance_type);
            let others: Vec<Offer> = others.map(|other| other.offer).collect();
            let row = Reserve {
                name: offered.name.clone(),
                instance_type: offered.instance_type.clone(),
                covers: offered.reach.clone(),
                count: *count,
                month: origin.date / MONTH,
                if_growth: origin.growth.map(|growth| situation.settings.growth[growth].per_year),
                term: offer.term,
                upfront: offer.upfront.to_f64(),
                effective_hourly: offer.effective_hourly(),
                break_even_utilization: on_demand.and_then(|price| offer.break_even_utilisation(price)),
                break_even_months: on_demand
                    .and_then(|price| offer.break_even_months(price, used.unwrap_or(1.0)))
                    .filter(|months| *months <= offer.term.duration().as_hours_f64() / MONTH_HOURS),
                charged: situation.fee(origin.date, offer),
                net_present_value: situation.settings.discount_rate.map(|rate| offer.net_present_value(rate)),
                return_on_upfront: return_on_upfront(offer, others),
                one_more_costs: with(count.saturating_add(1)),
                one_less_costs: with(count - 1),
            };
            (*origin, row)
        })
        .collect();
    rows.sort_by_key(|(origin, _)| (origin.date, origin.growth, origin.offer));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The on-demand price of an offer's type, as the usage that it covers pays it.
fn on_demand_price(situation: &Situation, offer: usize) -> Option<Rate> {
    let wanted = &situation.reserved[offer].footprint;
    let types = situation.replications.first()?;
    let instance_type = &situation.reserved[offer].instance_type;
    let same_type = types.iter().find(|one| one.instance_type == *instance_type);
    let covered = same_type.or_else(|| types.iter().find(|one| one.footprint.family == wanted.family))?;
    Rate::from_f64(covered.on_demand * f64::from(wanted.quarters) / f64::from(covered.footprint.quarters))
}

/// The same with another amount of a plan.
fn with_amount(bought: &Bought, plan: usize, amount: f64) -> Bought {
    let changed = |(other, own): &(usize, f64)| (*other, if *other == plan { amount } else { *own });
    Bought { plans: bought.plans.iter().map(changed).collect(), ..bought.clone() }
}

/// Each offer that is worth it alone, by count; what is recommended besides is left out.
fn reserved_curve(situation: &Situation, search: &Search) -> Vec<CurvePoint> {
    let mut points = Vec::new();
    let nothing = search.nothing();
    let first_date = situation.settings.dates.first().copied().unwrap_or(0);
    let none: Vec<f64> = search.costs(&nothing).into_iter().map(|(cost, _)| cost).collect();
    let at_first =
        |index: &usize| search.origins()[*index].date == first_date && search.origins()[*index].growth.is_none();
    for index in search.worth_solving().into_iter().filter(at_first) {
        let offered = &situation.reserved[search.origins()[index].offer];
        let most = search.most(index);
        for count in (0..=most).step_by((most / MOST_POINTS).max(1) as usize) {
            let costs = search.costs_alone(&none, index, count);
            let courses = costs.iter().zip(search.courses());
            points.push(CurvePoint {
                kind: CurveKind::Reserved,
                offer: format!("{} {}", offered.instance_type, offered.name),
                count: Some(count),
                commitment_per_hour: f64::from(count) * offered.offer.effective_hourly(),
                cost: courses.map(|(cost, (_, _, probability))| cost * probability).sum(),
                savings: search.saved_of(&none, &costs),
            });
        }
    }
    points
}

/// Each plan alone by commitment, that of the recommendation included.
fn plan_curves(situation: &Situation, search: &Search, best: &Bought) -> Vec<CurvePoint> {
    let mut points = Vec::new();
    let nothing = search.nothing();
    for (plan, offered) in situation.plans.iter().enumerate() {
        let curves = search.plan_curves(plan, &nothing.counts);
        let most = curves.iter().flat_map(|(curve, _)| curve.points().last()).map(|point| point.0).fold(0.0, f64::max);
        let mut commitments: Vec<f64> =
            (0..=PLAN_POINTS).map(|step| most * f64::from(step) / f64::from(PLAN_POINTS)).collect();
        let recommended = best.plans.iter().filter(|(chosen, _)| *chosen == plan);
        commitments.extend(recommended.map(|(_, commitment)| *commitment));
        commitments.sort_by(f64::total_cmp);
        commitments.dedup();
        let none: Vec<f64> = curves.iter().map(|(curve, _)| curve.cost(0.0)).collect();
        for commitment in commitments {
            let costs: Vec<f64> = curves.iter().map(|(curve, _)| curve.cost(commitment)).collect();
            points.push(CurvePoint {
                kind: CurveKind::SavingsPlan,
                offer: offered.rates.clone(),
                count: None,
                commitment_per_hour: commitment,
                cost: costs.iter().zip(&curves).map(|(cost, (_, probability))| cost * probability).sum(),
                savings: search.saved_of(&none, &costs),
            });
        }
    }
    points
}

impl Search {
    /// Buying nothing.
    pub fn nothing(&self) -> Bought {
        let nothing = Bought { counts: vec![0; self.origins().len()], plans: Vec::new(), objective: 0.0, bound: None };
        Bought { objective: self.objective_of(&nothing), ..nothing }
    }

    /// The cost in each course with so many of one purchase and nothing else, from that of nothing.
    fn costs_alone(&self, nothing: &[f64], index: usize, count: u32) -> Vec<f64> {
        let purchase = &self.problem().purchases[index];
        let covered = u64::from(count) * u64::from(purchase.covers);
        let worlds = self.problem().worlds.iter().zip(nothing);
        let saves = |curve: &Curve| curve.uncovered(0) - curve.uncovered(covered);
        worlds
            .map(|(world, nothing)| {
                let saved: f64 = world.curves[purchase.group][purchase.blocks.clone()].iter().map(saves).sum();
                nothing + f64::from(count) * purchase.fee - saved
            })
            .collect()
    }

    /// What `bought` saves against `nothing`.
    fn saved(&self, nothing: &Bought, bought: &Bought) -> Saved {
        let costs = |one: &Bought| self.costs(one).into_iter().map(|(cost, _)| cost).collect::<Vec<f64>>();
        self.saved_of(&costs(nothing), &costs(bought))
    }

    /// The same from the costs of each course. A replication's savings are expected over growth.
    fn saved_of(&self, nothing: &[f64], bought: &[f64]) -> Saved {
        const LEVEL: f64 = 0.95;
        let courses: Vec<(usize, usize, f64)> = self.courses().collect();
        let replications = courses.iter().map(|course| course.0 + 1).max().unwrap_or(0);
        let growths = courses.iter().map(|course| course.1 + 1).max().unwrap_or(0);
        let mut savings = vec![0.0; replications];
        let mut losses = vec![0.0; growths];
        let mut weights = vec![0.0; growths];
        for ((replication, growth, probability), (none, some)) in courses.iter().zip(nothing.iter().zip(bought)) {
            savings[*replication] += probability * replications as f64 * (none - some);
            weights[*growth] += probability;
            // Costs that differ by less than doubles can tell are equal.
            losses[*growth] += f64::from(*some > none + 1e-9 * none.abs());
        }
        if savings.is_empty() {
            return Saved { mean: 0.0, ci95: None, probability_of_loss: 0.0, probability_of_loss_ci95: None };
        }
        let mean = mean_interval(&savings, LEVEL);
        let (mut probability, mut limits) = (0.0, Some([0.0, 0.0]));
        for (loss, weight) in losses.iter().zip(&weights) {
            let share = proportion_interval(*loss, replications, LEVEL);
            probability += weight * share.estimate;
            limits = limits.zip(share.limits).map(|(sum, one)| [sum[0] + weight * one[0], sum[1] + weight * one[1]]);
        }
        Saved {
            mean: mean.estimate,
            ci95: mean.limits,
            probability_of_loss: probability,
            probability_of_loss_ci95: limits,
        }
    }

    fn worth_solving(&self) -> Vec<usize> {
        self.problem().worth_solving()
    }

    fn most(&self, index: usize) -> u32 {
        self.problem().most(&self.problem().purchases[index])
    }
}
