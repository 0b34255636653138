//! Commitments as a bill sees them: what they may cover and what they cost in each clock hour.

use super::hourly::clock_hours_within;
use super::normalisation::Footprint;
use super::reservation::Scope;
use super::savings_plan::PlanKind;
use super::{Charge, ChargeKind, Offer};
use crate::scenario::{PlanCoverage, SavingsPlan};
use crate::units::{Duration, Money, Rate, SimTime};

/// What a commitment gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Benefit {
    /// Instance-time of a type at no further cost.
    Reservation {
        /// Where it applies.
        scope: Scope,
        /// Its type.
        instance_type: String,
        /// Size of one instance in its family.
        footprint: Footprint,
    },
    /// Money to be spent at the plan's rates.
    Plan {
        /// What it covers.
        kind: PlanKind,
        /// What each commits to spend in an hour.
        commitment: Rate,
        /// Name of the plan's rates in the price list.
        rates: String,
    },
}

/// Commitments of one offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// Name, unique in a bill.
    pub id: String,
    /// What it gives.
    pub benefit: Benefit,
    /// How many of them.
    pub count: u32,
    /// Term and what is paid, for each; spread evenly over the term (amortised view).
    pub offer: Offer,
    /// When it ends; [`SimTime::NEVER`] if that is beyond the horizon.
    pub until: SimTime,
    /// Whether it was bought before the horizon: its money is sunk and stays out of the totals, its coverage counts.
    pub owned: bool,
}

impl Commitment {
    /// A savings plan that is bought at the start.
    ///
    /// The share that is paid upfront, and the rest by the hour, are those of the commitment of the whole term.
    pub fn savings_plan(plan: &SavingsPlan, id: String) -> Self {
        const NANO: i128 = 1_000_000_000;
        let kind = match &plan.covers {
            PlanCoverage::Compute => PlanKind::Compute,
            PlanCoverage::InstanceFamily(family) => PlanKind::Family(family.clone()),
        };
        let commitment = plan.commitment.rate;
        let upfront_share = (plan.upfront_share.clamp(0.0, 1.0) * 1e9).round_ties_even() as i128;
        let hourly = commitment.scaled(NANO - upfront_share, NANO).unwrap_or(commitment);
        let upfront = commitment.charge_for(plan.term.duration()).scaled(upfront_share, NANO);
        Self {
            id,
            benefit: Benefit::Plan { kind, commitment, rates: plan.rates.clone() },
            count: 1,
            offer: Offer { term: plan.term, upfront, hourly },
            until: SimTime::NEVER,
            owned: false,
        }
    }

    /// The part of `start..end` in which it holds.
    pub(super) fn holds_within(&self, start: SimTime, end: SimTime) -> Duration {
        (end.min(self.until) - start).max(Duration::ZERO)
    }

    /// Committed instance-time, or money, is due for every hour of the term, used or not (RULES R21): the charges of the
    /// horizon by clock hour. `index` is its place in the tariff.
    pub(super) fn charges(&self, index: usize, horizon: SimTime, since_clock_hour: Duration) -> Vec<Charge> {
        clock_hours_within(SimTime::START, horizon.min(self.until), since_clock_hour)
            .flat_map(|(start, end)| self.fees(index, start, end))
            .flatten()
            .collect()
    }

    /// What `start..end` costs in the amortised view: the sum of its charges.
    pub(super) fn amortised(&self, start: SimTime, end: SimTime) -> Money {
        if start >= end.min(self.until) {
            return Money::ZERO;
        }
        self.fees(0, start, end).into_iter().flatten().map(|charge| charge.amount).sum()
    }

    /// What it costs until the horizon, in the amortised view.
    pub fn due(&self, horizon: SimTime) -> Money {
        self.amortised(SimTime::START, horizon)
    }

    /// The hourly part and the share of the upfront payment, where there is one, each rounded once.
    fn fees(&self, index: usize, start: SimTime, end: SimTime) -> [Option<Charge>; 2] {
        let end = end.min(self.until);
        let quantity = (end - start).times(i64::from(self.count));
        let (recurring, upfront) = match self.benefit {
            Benefit::Reservation { .. } => (ChargeKind::ReservedRecurring, ChargeKind::ReservedUpfront),
            Benefit::Plan { .. } => (ChargeKind::PlanRecurring, ChargeKind::PlanUpfront),
        };
        let row = |kind, rate, amount| Charge {
            kind,
            instance: None,
            market: None,
            commitment: Some(index),
            capacity: None,
            start,
            end,
            quantity,
            rate,
            amount,
        };
        let (hourly, paid) = (self.offer.hourly, self.offer.upfront);
        let due = self.count > 0;
        [
            (due && hourly != Rate::ZERO).then(|| row(recurring, Some(hourly), hourly.charge_for(quantity))),
            (due && paid != Money::ZERO).then(|| row(upfront, None, self.offer.amortised_upfront(quantity))),
        ]
    }
}
