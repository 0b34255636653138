//! A situation laid out in hours: which usage each offer covers, and what is left of it after what is owned.
//!
//! Reservations of a type in a zone, of a type and of a family cover usage within usage: what two offers cover is the same, apart, or one
//! within the other. Offers that cover the same usage are one *group*; groups with usage in common make a *pool*, in which the narrower
//! ones cover first, as a bill has it for zones (RULES R25).

use super::TypeUsage;
use super::problem::blocks;
use super::situation::{Growth, MONTH, PlanOffered, Situation};
use crate::billing::finance;
use crate::billing::reservation::Scope;
use crate::billing::savings_plan::PlanKind;
use crate::billing::{Benefit, Commitment};
use std::ops::Range;

/// Usage that the same reservations cover.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// The kinds of usage, smaller sizes first, as they are covered (RULES R25).
    pub(super) kinds: Vec<usize>,
    /// Usage that it has in common with other groups.
    pub(super) pool: usize,
}

/// A type in a zone as hours are counted: in levels of its pool, a common divisor of the sizes of all offers there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kind {
    pub(super) pool: usize,
    pub(super) instance_type: String,
    pub(super) zone: String,
    /// Family whose sizes stand for each other.
    pub(super) family: String,
    /// Size of an instance in quarters of a normalised unit.
    pub(super) quarters: u32,
    /// Levels of its pool that one instance is.
    pub(super) levels: f64,
    /// On-demand price of a level.
    pub(super) on_demand: f64,
    /// Price of a level under each plan that covers it.
    pub(super) plan_rates: Vec<Option<f64>>,
}

/// Hours of one kind: how many, and levels of each kind of usage after what is owned.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hours {
    pub(super) count: f64,
    /// What one unit paid in each of these hours is worth at the start: their count unless payments are discounted.
    pub(super) worth: f64,
    pub(super) levels: Vec<f64>,
}

/// One replication with one growth.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Course {
    pub(super) replication: usize,
    pub(super) growth: usize,
    pub(super) probability: f64,
    /// By block.
    pub(super) hours: Vec<Vec<Hours>>,
}

/// A situation laid out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// Groups, pool by pool, in each the narrowest first.
    pub(super) groups: Vec<Group>,
    /// The group of each reserved offer; none for one that covers nothing.
    pub(super) group_of: Vec<Option<usize>>,
    /// Levels that one of each reserved offer covers.
    pub(super) covers: Vec<u32>,
    /// Kinds of usage, pool by pool, in each the smallest size first.
    pub(super) kinds: Vec<Kind>,
    pub(super) blocks: Vec<Range<usize>>,
    pub(super) courses: Vec<Course>,
}

impl Layout {
    /// Whether no two groups have usage in common.
    pub(super) fn is_separate(&self) -> bool {
        self.groups.windows(2).all(|pair| pair[0].pool != pair[1].pool)
    }

    /// How many groups lie within each group, one in the other: 0 for those that hold no other.
    pub(super) fn ranks(&self) -> Vec<usize> {
        let within = |inner: &Group, outer: &Group| inner.kinds.iter().all(|kind| outer.kinds.contains(kind));
        let mut ranks: Vec<usize> = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            let inner = (0..index).filter(|inner| within(&self.groups[*inner], group)).map(|inner| ranks[inner] + 1);
            ranks.push(inner.max().unwrap_or(0));
        }
        ranks
    }

    /// Takes off what `covered` levels of each group cover of one hour, in the order of a bill.
    pub(super) fn cover(&self, levels: &mut [f64], covered: impl Fn(usize) -> f64) {
        for (index, group) in self.groups.iter().enumerate() {
            let mut left = covered(index);
            for kind in &group.kinds {
                let part = levels[*kind].min(left);
                levels[*kind] -= part;
                left -= part;
            }
        }
    }

    /// What usage costs on-demand.
    pub(super) fn on_demand(&self, levels: &[f64]) -> f64 {
        levels.iter().zip(&self.kinds).map(|(level, kind)| level * kind.on_demand).sum()
    }
}

/// Which usage which offers cover: by its index in the replications.
struct Cut {
    /// The usage of each group, and its pool; pool by pool, the narrowest first.
    groups: Vec<(Vec<usize>, usize)>,
    /// The pool of each usage.
    pools: Vec<usize>,
    /// Size of a level of each pool, in quarters of a normalised unit.
    quarters: Vec<u32>,
    /// The group of each reserved offer.
    group_of: Vec<Option<usize>>,
}

impl Situation {
    pub(super) fn layout(&self) -> Layout {
        let cut = self.cut();
        let types = self.types();
        let mut order: Vec<usize> = (0..types.len()).collect();
        order.sort_by_key(|index| (cut.pools[*index], types[*index].footprint.quarters, *index));
        let kinds: Vec<Kind> = order
            .iter()
            .map(|index| self.kind(&types[*index], cut.pools[*index], cut.quarters[cut.pools[*index]]))
            .collect();
        let place = |usage: &Vec<usize>| (0..order.len()).filter(|kind| usage.contains(&order[*kind])).collect();
        let groups: Vec<Group> =
            cut.groups.iter().map(|(usage, pool)| Group { kinds: place(usage), pool: *pool }).collect();
        let levels = |(offered, group): (&super::Offered, &Option<usize>)| {
            group.map_or(0, |group| offered.footprint.quarters / cut.quarters[groups[group].pool])
        };
        let covers = self.reserved.iter().zip(&cut.group_of).map(levels).collect();
        let blocks = self.blocks();
        let growth = self.growth();
        let share = 1.0 / self.replications.len().max(1) as f64;
        let mut courses = Vec::new();
        for (replication, usage) in self.replications.iter().enumerate() {
            for (number, growth) in growth.iter().enumerate() {
                let hours = blocks.iter().map(|block| self.hours(&kinds, &order, usage, block, growth));
                courses.push(Course {
                    replication,
                    growth: number,
                    probability: share * growth.probability,
                    hours: hours.collect(),
                });
            }
        }
        Layout { groups, group_of: cut.group_of, covers, kinds, blocks, courses }
    }

    fn types(&self) -> &[TypeUsage] {
        self.replications.first().map_or(&[][..], Vec::as_slice)
    }

    fn cut(&self) -> Cut {
        let types = self.types();
        let usage_of = |offered: &super::Offered| -> Vec<usize> {
            (0..types.len()).filter(|index| offered.covers(&types[*index])).collect()
        };
        let mut sets: Vec<Vec<usize>> = self.reserved.iter().map(usage_of).filter(|set| !set.is_empty()).collect();
        let alone = |index: &usize| sets.iter().all(|set| !set.contains(index));
        let uncovered: Vec<Vec<usize>> = (0..types.len()).filter(alone).map(|index| vec![index]).collect();
        sets.extend(uncovered);
        // Of two sets that have usage in common one lies in the other, so the widest that holds a usage is its pool.
        let widest = |index: usize| sets.iter().filter(|set| set.contains(&index)).max_by_key(|set| set.len());
        let first: Vec<usize> =
            (0..types.len()).map(|index| widest(index).and_then(|set| set.first()).copied().unwrap_or(index)).collect();
        let mut names = first.clone();
        names.sort_unstable();
        names.dedup();
        let pools: Vec<usize> = first.iter().map(|first| names.binary_search(first).unwrap_or_default()).collect();
        let mut groups: Vec<(Vec<usize>, usize)> = sets.into_iter().map(|set| (set.clone(), pools[set[0]])).collect();
        groups.sort_by(|a, b| (a.1, a.0.len(), &a.0).cmp(&(b.1, b.0.len(), &b.0)));
        groups.dedup();
        let group_of: Vec<Option<usize>> = self
            .reserved
            .iter()
            .map(|offered| {
                let usage = usage_of(offered);
                groups.iter().position(|(set, _)| *set == usage)
            })
            .collect();
        let size = |pool: usize| {
            let in_pool = |group: &Option<usize>| group.is_some_and(|group| groups[group].1 == pool);
            let offers = self.reserved.iter().zip(&group_of).filter(|(_, group)| in_pool(group));
            let sizes = offers.map(|(offered, _)| offered.footprint.quarters).reduce(common_divisor);
            let own = (0..types.len()).find(|index| pools[*index] == pool).map(|index| types[index].footprint.quarters);
            sizes.or(own).unwrap_or(1).max(1)
        };
        let quarters = (0..names.len()).map(size).collect();
        Cut { groups, pools, quarters, group_of }
    }

    fn kind(&self, one: &TypeUsage, pool: usize, quarters: u32) -> Kind {
        let levels = f64::from(one.footprint.quarters) / f64::from(quarters);
        let rate = |plan: &PlanOffered| match &plan.kind {
            PlanKind::Family(covered) if covered != family(&one.instance_type) => None,
            _ => one.plan_rates.get(&plan.rates).map(|rate| rate / levels),
        };
        Kind {
            pool,
            instance_type: one.instance_type.clone(),
            zone: one.zone.clone(),
            family: one.footprint.family.clone(),
            quarters: one.footprint.quarters,
            levels,
            on_demand: one.on_demand / levels,
            plan_rates: self.plans.iter().map(rate).collect(),
        }
    }

    /// Cut wherever a commitment can begin or end; by the month if usage grows or payments are discounted.
    fn blocks(&self) -> Vec<Range<usize>> {
        let hours = self.settings.hours;
        let mut cuts = Vec::new();
        for (date, _) in self.stages() {
            cuts.push(date);
            cuts.extend(self.reserved.iter().map(|offered| self.holds(date, &offered.offer).end));
        }
        cuts.extend(self.owned.iter().map(|owned| whole_hours_until(owned).min(hours)));
        if !self.settings.growth.is_empty() || self.settings.discount_rate.is_some() {
            cuts.extend((0..hours).step_by(MONTH));
        }
        blocks(cuts, hours)
    }

    /// Usage of a block: the hours of the replication, repeated, each with the number of times that it comes.
    fn hours(
        &self,
        kinds: &[Kind],
        order: &[usize],
        usage: &[TypeUsage],
        block: &Range<usize>,
        growth: &Growth,
    ) -> Vec<Hours> {
        let known = usage.first().map_or(0, |one| one.hours.len());
        if known == 0 {
            return Vec::new();
        }
        let middle = (block.start + block.end) as f64 / 2.0;
        let factor = libm::pow(growth.per_year, middle / (12 * MONTH) as f64);
        let discount = self.discount(block);
        let times = |end: usize, hour: usize| (end + known - 1 - hour) / known;
        (0..known)
            .filter_map(|hour| {
                let count = times(block.end, hour) - times(block.start, hour);
                let mut levels: Vec<f64> = order
                    .iter()
                    .zip(kinds)
                    .map(|(index, kind)| usage[*index].hours[hour] * factor * kind.levels)
                    .collect();
                self.cover_by_owned(kinds, &mut levels, block.start);
                let count = count as f64;
                (count > 0.0).then_some(Hours { count, worth: count * discount, levels })
            })
            .collect()
    }

    /// What a unit that is paid in the hours of a block is worth at the start, on their mean: bills come at the end of each month.
    fn discount(&self, block: &Range<usize>) -> f64 {
        let months = |hour: usize| hour as f64 / MONTH as f64;
        match self.settings.discount_rate {
            Some(annual) if !block.is_empty() => {
                let worth = finance::annuity(annual, months(block.end)) - finance::annuity(annual, months(block.start));
                worth / months(block.len())
            }
            _ => 1.0,
        }
    }

    /// Takes off what owned commitments cover: reservations of zones first, then the other reservations, then plans, the highest discount
    /// first (RULES R25, R30).
    fn cover_by_owned(&self, kinds: &[Kind], levels: &mut [f64], hour: usize) {
        if self.owned.is_empty() {
            return;
        }
        let holding = || self.owned.iter().filter(|owned| whole_hours_until(owned) > hour);
        let mut order: Vec<usize> = (0..kinds.len()).collect();
        order.sort_by_key(|index| kinds[*index].quarters);
        for zonal in [true, false] {
            for owned in holding() {
                let Benefit::Reservation { scope, instance_type, footprint } = &owned.benefit else { continue };
                if matches!(scope, Scope::Zonal { .. }) != zonal {
                    continue;
                }
                let mut left = f64::from(owned.count) * f64::from(footprint.quarters);
                for index in &order {
                    let (kind, level) = (&kinds[*index], &mut levels[*index]);
                    let applies = match scope {
                        Scope::Zonal { zone } => kind.instance_type == *instance_type && kind.zone == *zone,
                        Scope::Regional => kind.instance_type == *instance_type || kind.family == footprint.family,
                    };
                    if applies {
                        let quarters = f64::from(kind.quarters) / kind.levels;
                        let covered = level.min(left / quarters);
                        *level -= covered;
                        left -= covered * quarters;
                    }
                }
            }
        }
        for compute in [false, true] {
            for owned in holding() {
                let Benefit::Plan { kind: covers, commitment, rates } = &owned.benefit else { continue };
                if (*covers == PlanKind::Compute) != compute {
                    continue;
                }
                let mut left = commitment.to_f64() * f64::from(owned.count);
                for (index, rate) in self.in_order_of_saving(kinds, covers, rates) {
                    let covered = if rate > 0.0 { levels[index].min(left / rate) } else { levels[index] };
                    levels[index] -= covered;
                    left -= covered * rate;
                }
            }
        }
    }

    /// Kinds that an owned plan covers with the price of a level, the highest discount first.
    fn in_order_of_saving(&self, kinds: &[Kind], covers: &PlanKind, rates: &str) -> Vec<(usize, f64)> {
        let types = self.types();
        let rate = |kind: &Kind| {
            if matches!(covers, PlanKind::Family(covered) if covered != family(&kind.instance_type)) {
                return None;
            }
            let usage = types.iter().find(|one| one.instance_type == kind.instance_type)?;
            usage.plan_rates.get(rates).map(|rate| rate / kind.levels)
        };
        by_saving(kinds, rate)
    }
}

/// Kinds with a rate, the highest discount first, at equal discounts the lowest rate (RULES R30).
pub(super) fn by_saving(kinds: &[Kind], rate: impl Fn(&Kind) -> Option<f64>) -> Vec<(usize, f64)> {
    let with_rate = |(index, kind): (usize, &Kind)| Some((index, rate(kind)?));
    let mut covered: Vec<(usize, f64)> =
        kinds.iter().enumerate().filter(|(_, kind)| kind.on_demand > 0.0).filter_map(with_rate).collect();
    let paid = |(index, rate): &(usize, f64)| rate / kinds[*index].on_demand;
    covered.sort_by(|a, b| paid(a).total_cmp(&paid(b)).then(a.1.total_cmp(&b.1)));
    covered
}

/// The whole hours from the start for which it is owned.
fn whole_hours_until(owned: &Commitment) -> usize {
    (owned.until.as_secs_f64() / 3600.0).max(0.0) as usize
}

fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// The family of a type, as savings plans name it.
fn family(instance_type: &str) -> &str {
    instance_type.split_once('.').map_or(instance_type, |(family, _)| family)
}
