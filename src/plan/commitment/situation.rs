//! What is known when commitments are bought: usage, offers, what is owned, and how it may go on.

use super::usage::TypeUsage;
use super::{Risk, problem::blocks};
use crate::billing::normalisation::Footprint;
use crate::billing::reservation::Scope;
use crate::billing::savings_plan::PlanKind;
use crate::billing::{Benefit, Commitment, Offer, finance};
use crate::units::{Duration, Money, Rate, Term};
use schemars::JsonSchema;
use serde::Serialize;
use std::ops::Range;

/// Hours of a month.
pub const MONTH: usize = 730;

/// What a reservation covers (RULES R23).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// All sizes of its family, in any zone.
    Family,
    /// Its type, in any zone.
    Type,
    /// Its type, in this zone.
    Zone(String),
}

/// A reserved offer that can be bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    /// Name in the price list.
    pub name: String,
    /// Its instance type.
    pub instance_type: String,
    /// What it covers.
    pub reach: Reach,
    /// Size of one in its family.
    pub footprint: Footprint,
    /// Term and prices.
    pub offer: Offer,
}

/// A savings plan that can be bought for any amount.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanOffered {
    /// Name of its rates in the price list.
    pub rates: String,
    /// What it covers.
    pub kind: PlanKind,
    /// Its term.
    pub term: Term,
    /// Share of the commitment of the whole term that is paid at the beginning.
    pub upfront_share: f64,
}

impl PlanOffered {
    /// What a commitment of one an hour costs over the first `hours` of the term, as it is worth at the start at a discount rate.
    pub(super) fn due(&self, hours: usize, discount_rate: Option<f64>) -> f64 {
        const NANO: f64 = 1e9;
        let Some(annual) = discount_rate else { return hours as f64 };
        let upfront = self.upfront_share * self.term.duration().as_hours_f64();
        let offer = Offer {
            term: self.term,
            upfront: Money::from_nano((upfront * NANO) as i128),
            hourly: Rate::from_f64(1.0 - self.upfront_share).unwrap_or(Rate::ZERO),
        };
        offer.present_value_within(annual, hours as f64)
    }
}

/// How usage may grow, as one of several possibilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// Its probability.
    pub probability: f64,
    /// What the usage is multiplied by in a year.
    pub per_year: f64,
}

/// What is planned for.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Hours that are planned; the usage repeats until then.
    pub hours: usize,
    /// When can be bought, in hours from the start, ascending.
    pub dates: Vec<usize>,
    /// How usage may grow; none for as it is.
    pub growth: Vec<Growth>,
    /// How much the worst cases count.
    pub risk: Risk,
    /// The annual rate at which payments are compared, if they are: money of a year's time is worth less today.
    pub discount_rate: Option<f64>,
    /// The hour at which the growth is known, and reservations for it can be bought besides.
    pub decide_again: Option<usize>,
}

/// What is known when commitments are bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// Usage of each replication, all with the same types and hours.
    pub replications: Vec<Vec<TypeUsage>>,
    /// What can be bought.
    pub reserved: Vec<Offered>,
    /// Plans that can be bought at the first date.
    pub plans: Vec<PlanOffered>,
    /// What is owned: sunk, and covers first.
    pub owned: Vec<Commitment>,
    /// What is planned for.
    pub settings: Settings,
}

/// Usage that the same commitments cover, counted in levels: a common divisor of the sizes of all offers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// What the usage and the offers of the group have in common: a family, a type, or a type in a zone.
    pub(super) name: String,
    /// Size of a level in quarters of a normalised unit.
    pub(super) quarters: u32,
}

/// A type as hours are counted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kind {
    pub(super) group: usize,
    pub(super) instance_type: String,
    pub(super) zone: String,
    /// Family whose sizes stand for each other.
    pub(super) family: String,
    /// Levels of its group that one instance is.
    pub(super) levels: f64,
    /// On-demand price of a level.
    pub(super) on_demand: f64,
    /// Price of a level under each plan that covers it.
    pub(super) plan_rates: Vec<Option<f64>>,
}

/// Hours of one kind: how many, and levels of each kind of instance after what is owned.
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

/// A situation laid out: groups, kinds of instances (smaller sizes of a group first, as they are covered), blocks and courses.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) groups: Vec<Group>,
    pub(super) kinds: Vec<Kind>,
    pub(super) blocks: Vec<Range<usize>>,
    pub(super) courses: Vec<Course>,
}

impl Situation {
    /// What usage may do, one growth for certain if none is given.
    pub(super) fn growth(&self) -> Vec<Growth> {
        match self.settings.growth.as_slice() {
            [] => vec![Growth { probability: 1.0, per_year: 1.0 }],
            growth => growth.to_vec(),
        }
    }

    /// Hours of an offer that is bought at a date.
    pub(super) fn holds(&self, date: usize, offer: &Offer) -> Range<usize> {
        date..(date + hours_of(offer.term)).min(self.settings.hours).max(date)
    }

    /// What an offer costs that is bought at a date, as far as it holds within the time planned: its amortised share, or what its
    /// payments are worth at the start.
    pub(super) fn fee(&self, date: usize, offer: &Offer) -> f64 {
        let hours = self.holds(date, offer).len() as f64;
        match self.settings.discount_rate {
            None => offer.effective_hourly() * hours,
            Some(annual) => {
                let years = date as f64 / (12 * MONTH) as f64;
                offer.present_value_within(annual, hours) * libm::pow(1.0 + annual, -years)
            }
        }
    }

    /// When can be bought: the dates, each whatever grows, then the date of the second stage for each growth.
    pub(super) fn stages(&self) -> Vec<(usize, Option<usize>)> {
        let first = self.settings.dates.iter().map(|date| (*date, None));
        let known = self.settings.decide_again.iter();
        let second = known.flat_map(|date| (0..self.settings.growth.len()).map(|growth| (*date, Some(growth))));
        first.chain(second).collect()
    }

    /// The same with offers of one reach each: those that cover differently are not bought together.
    pub fn by_reach(&self) -> Vec<Self> {
        let mut reaches: Vec<&Reach> = self.reserved.iter().map(|offered| &offered.reach).collect();
        reaches.sort();
        reaches.dedup();
        let with = |reach: &Reach| {
            let reserved = self.reserved.iter().filter(|offered| offered.reach == *reach).cloned().collect();
            Self { reserved, ..self.clone() }
        };
        if reaches.len() < 2 { vec![self.clone()] } else { reaches.into_iter().map(with).collect() }
    }

    pub(super) fn layout(&self) -> Layout {
        let (groups, order) = self.groups();
        let types = self.replications.first().map_or(&[][..], Vec::as_slice);
        let kinds: Vec<Kind> = order.iter().map(|(group, index)| self.kind(&groups, *group, &types[*index])).collect();
        let blocks = self.blocks();
        let growth = self.growth();
        let share = 1.0 / self.replications.len().max(1) as f64;
        let mut courses = Vec::new();
        for (replication, usage) in self.replications.iter().enumerate() {
            for (number, growth) in growth.iter().enumerate() {
                let hours = blocks.iter().map(|block| self.hours(&groups, &kinds, &order, usage, block, growth));
                courses.push(Course {
                    replication,
                    growth: number,
                    probability: share * growth.probability,
                    hours: hours.collect(),
                });
            }
        }
        Layout { groups, kinds, blocks, courses }
    }

    /// The groups, and (group, index of the type) in the order of covering.
    fn groups(&self) -> (Vec<Group>, Vec<(usize, usize)>) {
        let types = self.replications.first().map_or(&[][..], Vec::as_slice);
        let mut groups: Vec<Group> = Vec::new();
        let mut order = Vec::new();
        let reach = self.reserved.first().map_or(&Reach::Family, |offered| &offered.reach);
        for (index, one) in types.iter().enumerate() {
            let name = match reach {
                Reach::Family => one.footprint.family.clone(),
                Reach::Type => one.instance_type.clone(),
                Reach::Zone(_) => in_zone(&one.instance_type, &one.zone),
            };
            let group = groups.iter().position(|group| group.name == name).unwrap_or_else(|| {
                let offers = self.reserved.iter().filter(|offer| offer.group() == name);
                let sizes = offers.map(|offer| offer.footprint.quarters).reduce(common_divisor);
                let quarters = sizes.unwrap_or(one.footprint.quarters).max(1);
                groups.push(Group { name, quarters });
                groups.len() - 1
            });
            order.push((group, index));
        }
        order.sort_by_key(|(group, index)| (*group, types[*index].footprint.quarters, *index));
        (groups, order)
    }

    fn kind(&self, groups: &[Group], group: usize, one: &TypeUsage) -> Kind {
        let levels = f64::from(one.footprint.quarters) / f64::from(groups[group].quarters);
        let family = one.instance_type.split_once('.').map_or(one.instance_type.as_str(), |(family, _)| family);
        let rate = |plan: &PlanOffered| match &plan.kind {
            PlanKind::Family(covered) if covered != family => None,
            _ => one.plan_rates.get(&plan.rates).map(|rate| rate / levels),
        };
        Kind {
            group,
            instance_type: one.instance_type.clone(),
            zone: one.zone.clone(),
            family: one.footprint.family.clone(),
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
        groups: &[Group],
        kinds: &[Kind],
        order: &[(usize, usize)],
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
                    .map(|((_, index), kind)| usage[*index].hours[hour] * factor * kind.levels)
                    .collect();
                self.cover_by_owned(groups, kinds, &mut levels, block.start);
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

    /// Takes off what owned commitments cover: reservations first, then plans, the highest discount first.
    fn cover_by_owned(&self, groups: &[Group], kinds: &[Kind], levels: &mut [f64], hour: usize) {
        let holding = || self.owned.iter().filter(|owned| whole_hours_until(owned) > hour);
        for owned in holding() {
            let Benefit::Reservation { scope, instance_type, footprint } = &owned.benefit else { continue };
            let mut left = f64::from(owned.count) * f64::from(footprint.quarters);
            for (kind, level) in kinds.iter().zip(levels.iter_mut()) {
                let group = &groups[kind.group];
                let applies = match scope {
                    Scope::Zonal { zone } => kind.instance_type == *instance_type && kind.zone == *zone,
                    Scope::Regional => kind.instance_type == *instance_type || kind.family == footprint.family,
                };
                if applies {
                    let covered = level.min(left / f64::from(group.quarters));
                    *level -= covered;
                    left -= covered * f64::from(group.quarters);
                }
            }
        }
        for owned in holding() {
            let Benefit::Plan { kind: covers, commitment, rates } = &owned.benefit else { continue };
            let mut left = commitment.to_f64() * f64::from(owned.count);
            for (index, rate) in self.in_order_of_saving(kinds, covers, rates) {
                let covered = if rate > 0.0 { levels[index].min(left / rate) } else { levels[index] };
                levels[index] -= covered;
                left -= covered * rate;
            }
        }
    }

    /// Kinds that an owned plan covers with the price of a level, the highest discount first.
    fn in_order_of_saving(&self, kinds: &[Kind], covers: &PlanKind, rates: &str) -> Vec<(usize, f64)> {
        let types = self.replications.first().map_or(&[][..], Vec::as_slice);
        let rate = |kind: &Kind| {
            let family = kind.instance_type.split_once('.').map_or(kind.instance_type.as_str(), |(family, _)| family);
            if matches!(covers, PlanKind::Family(covered) if covered != family) {
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

impl Offered {
    /// The group of usage that it covers.
    pub(super) fn group(&self) -> String {
        match &self.reach {
            Reach::Family => self.footprint.family.clone(),
            Reach::Type => self.instance_type.clone(),
            Reach::Zone(zone) => in_zone(&self.instance_type, zone),
        }
    }
}

fn in_zone(instance_type: &str, zone: &str) -> String {
    format!("{instance_type} in {zone}")
}

/// Hours of a term.
pub(super) fn hours_of(term: Term) -> usize {
    (term.duration().nanos() / Duration::HOUR.nanos()) as usize
}

fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
