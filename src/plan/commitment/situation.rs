//! What is known when commitments are bought: usage, offers, what is owned, and how it may go on.

use super::Risk;
use super::usage::TypeUsage;
use crate::billing::normalisation::Footprint;
use crate::billing::savings_plan::PlanKind;
use crate::billing::{Commitment, Offer};
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
}

impl Offered {
    /// Whether it covers usage.
    pub fn covers(&self, usage: &TypeUsage) -> bool {
        match &self.reach {
            Reach::Family => {
                self.instance_type == usage.instance_type || self.footprint.family == usage.footprint.family
            }
            Reach::Type => self.instance_type == usage.instance_type,
            Reach::Zone(zone) => self.instance_type == usage.instance_type && usage.zone == *zone,
        }
    }
}

/// Hours of a term.
pub(super) fn hours_of(term: Term) -> usize {
    (term.duration().nanos() / Duration::HOUR.nanos()) as usize
}
