//! Charges as rows of FOCUS 1.2, the FinOps Open Cost and Usage Specification (RULES R100 to R106).
//!
//! Over a bill the effective costs of all rows add up to what the ledger shows, with what owned commitments cost beside it
//! (amortised view); the billed costs are the cash view: upfront payments in full when they are made, nothing for covered usage.

mod columns;
mod daily;

pub use columns::{COLUMNS, Column, Context};
pub use daily::by_day;

use super::settle::{CommitmentUse, Covered};
use super::{Benefit, Charge, ChargeKind, Commitment, Invoice, Offer, PoolTariff, ReservedCapacity, Tariff, Usage};
use crate::units::{Duration, Money, Rate, SimTime};
use std::collections::HashMap;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargeCategory {
    /// Running time, or a commitment's hour that nobody used.
    Usage,
    /// What a commitment costs.
    Purchase,
    /// A discount that belongs to no single charge.
    Credit,
}

/// How often a row comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargeFrequency {
    /// Once.
    OneTime,
    /// Each hour, used or not.
    Recurring,
    /// As used.
    UsageBased,
}

/// How a row is priced (RULES R101).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PricingCategory {
    /// At the agreed rate; also the purchase of a commitment.
    Standard,
    /// Covered by a commitment.
    Committed,
    /// At a market price: spot.
    Dynamic,
}

/// Whether a commitment was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommitmentStatus {
    /// It covered the usage of the row.
    Used,
    /// It covered nothing.
    Unused,
}

/// A commitment in a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommitmentColumns {
    /// Its name.
    pub id: String,
    /// Whether money is committed (a savings plan) or usage (reservations).
    pub spend: bool,
    /// Used or not; only on usage.
    pub status: Option<CommitmentStatus>,
    /// How much of it, in 10⁻⁹ of `unit`.
    pub quantity: i128,
    /// The same for all rows of a commitment: `Hour`, `Normalized Hour` or, empty here, the currency.
    pub unit: &'static str,
}

/// A quantity in 10⁻⁹ of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quantity {
    /// How much.
    pub nano: i128,
    /// Of what; empty for the currency.
    pub unit: &'static str,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FocusRow {
    /// What it is.
    pub category: ChargeCategory,
    /// How often it comes.
    pub frequency: ChargeFrequency,
    /// How it is priced; `None` for credits.
    pub pricing: Option<PricingCategory>,
    /// In words.
    pub description: String,
    /// Beginning of the charge.
    pub start: SimTime,
    /// End of the charge.
    pub end: SimTime,
    /// On the invoice.
    pub billed: Money,
    /// Amortised.
    pub effective: Money,
    /// At list prices.
    pub list: Money,
    /// At agreed prices, without commitments.
    pub contracted: Money,
    /// List price of a unit.
    pub list_unit_price: Option<Money>,
    /// Agreed price of a unit.
    pub contracted_unit_price: Option<Money>,
    /// What is priced.
    pub pricing_quantity: Option<Quantity>,
    /// What ran, in 10⁻⁹ hours.
    pub consumed_hours: Option<i128>,
    /// The commitment that it belongs to.
    pub commitment: Option<CommitmentColumns>,
    /// The reserved capacity of which it is the unused part.
    pub unused_capacity: Option<String>,
    /// The instance, the reserved capacity, or the commitment that covered nothing.
    pub resource: Option<String>,
    /// Instance type, or the commitment's name.
    pub sku: String,
    /// Zone, or empty.
    pub zone: String,
}

const HOURS: &str = "Hours";
const CURRENCY: &str = "";

/// The rows of a bill: purchases, then usage in the order of the ledger, then what became of the commitments.
pub fn rows(invoice: &Invoice, usage: &[Usage], tariff: &Tariff) -> Vec<FocusRow> {
    let runs: HashMap<u32, &Usage> = usage.iter().map(|run| (run.instance, run)).collect();
    let upfront = tariff.commitments.iter().filter_map(upfront_purchase);
    let charges = invoice.ledger.charges.iter().chain(&invoice.owned);
    let charges = charges.filter_map(|charge| charge_row(charge, &runs, tariff));
    upfront.chain(charges).chain(invoice.uses.iter().map(|one| use_row(one, usage, tariff))).collect()
}

/// A row without money and without a commitment.
fn blank(start: SimTime, end: SimTime) -> FocusRow {
    FocusRow {
        category: ChargeCategory::Usage,
        frequency: ChargeFrequency::UsageBased,
        pricing: Some(PricingCategory::Standard),
        description: String::new(),
        start,
        end,
        billed: Money::ZERO,
        effective: Money::ZERO,
        list: Money::ZERO,
        contracted: Money::ZERO,
        list_unit_price: None,
        contracted_unit_price: None,
        pricing_quantity: None,
        consumed_hours: None,
        commitment: None,
        unused_capacity: None,
        resource: None,
        sku: String::new(),
        zone: String::new(),
    }
}

/// 10⁻⁹ hours.
fn nano_hours(time: Duration) -> i128 {
    Money::from_nano(time.nanos().into()).scaled(1, 3600).nano()
}

fn price(rate: Rate) -> Money {
    Money::from_nano(rate.nano_per_hour().into())
}

fn resource(instance: u32) -> String {
    format!("instance-{instance}")
}

/// The name of what a commitment is for.
fn sku(commitment: &Commitment) -> String {
    match &commitment.benefit {
        Benefit::Reservation { instance_type, .. } => instance_type.clone(),
        Benefit::Plan { rates, .. } => rates.clone(),
    }
}

/// `quantity` of a commitment: quarters of a unit × nanoseconds for reservations, nano-money for plans.
fn commitment_columns(commitment: &Commitment, part: i128, status: Option<CommitmentStatus>) -> CommitmentColumns {
    let (spend, quantity, unit) = match &commitment.benefit {
        Benefit::Plan { .. } => (true, part, CURRENCY),
        Benefit::Reservation { instance_type, footprint, .. } => {
            // A family of more than the type itself is counted in normalised units.
            let flexible = footprint.family != *instance_type;
            let per_unit =
                if flexible { i128::from(super::normalisation::QUARTERS_PER_UNIT) } else { footprint.quarters.into() };
            let quantity = Money::from_nano(part).scaled(1, 3600 * per_unit).nano();
            (false, quantity, if flexible { "Normalized Hour" } else { "Hour" })
        }
    };
    CommitmentColumns { id: commitment.id.clone(), spend, status, quantity, unit }
}

/// All that `count` commitments give in `time`, in the measure of [`CommitmentUse::part`].
fn whole_part(commitment: &Commitment, time: Duration, count: u32) -> i128 {
    let each = match &commitment.benefit {
        Benefit::Plan { commitment, .. } => commitment.charge_for(time).nano(),
        Benefit::Reservation { footprint, .. } => i128::from(time.nanos()) * i128::from(footprint.quarters),
    };
    each * i128::from(count)
}

/// The upfront payment of a commitment that is bought at the start: billed in full, for the whole term.
fn upfront_purchase(commitment: &Commitment) -> Option<FocusRow> {
    let Offer { upfront, term, .. } = commitment.offer;
    if commitment.owned || commitment.count == 0 || upfront == Money::ZERO {
        return None;
    }
    let billed = upfront.scaled(commitment.count.into(), 1);
    Some(FocusRow {
        category: ChargeCategory::Purchase,
        frequency: ChargeFrequency::OneTime,
        description: format!("Upfront payment of {} × {}", commitment.count, commitment.id),
        billed,
        list: billed,
        contracted: billed,
        list_unit_price: Some(upfront),
        contracted_unit_price: Some(upfront),
        pricing_quantity: Some(Quantity { nano: i128::from(commitment.count) * 1_000_000_000, unit: "Commitments" }),
        commitment: Some(commitment_columns(
            commitment,
            whole_part(commitment, term.duration(), commitment.count),
            None,
        )),
        resource: Some(commitment.id.clone()),
        sku: sku(commitment),
        ..blank(SimTime::START, SimTime::START + term.duration())
    })
}

/// A charge of the ledger; shares of upfront payments have no row of their own, their money is in the rows of usage.
fn charge_row(charge: &Charge, runs: &HashMap<u32, &Usage>, tariff: &Tariff) -> Option<FocusRow> {
    let hours = Quantity { nano: nano_hours(charge.quantity), unit: HOURS };
    let row = FocusRow {
        billed: charge.amount,
        effective: charge.amount,
        list: charge.amount,
        contracted: charge.amount,
        list_unit_price: charge.rate.map(price),
        contracted_unit_price: charge.rate.map(price),
        pricing_quantity: Some(hours),
        resource: charge.instance.map(resource),
        ..blank(charge.start, charge.end)
    };
    match charge.kind {
        ChargeKind::ReservedUpfront | ChargeKind::PlanUpfront => None,
        ChargeKind::ReservedRecurring | ChargeKind::PlanRecurring => {
            let commitment = &tariff.commitments[charge.commitment?];
            let part = whole_part(commitment, charge.end - charge.start, commitment.count);
            Some(FocusRow {
                category: ChargeCategory::Purchase,
                frequency: ChargeFrequency::Recurring,
                description: format!("Hourly part of {} × {}", commitment.count, commitment.id),
                effective: Money::ZERO,
                commitment: Some(commitment_columns(commitment, part, None)),
                resource: Some(commitment.id.clone()),
                sku: sku(commitment),
                ..row
            })
        }
        ChargeKind::OnDemand => {
            let (_, pool) = tariff.pool_of(runs.get(&charge.instance?)?)?;
            Some(FocusRow {
                description: format!("On-demand {}", pool.instance_type),
                consumed_hours: Some(hours.nano),
                sku: pool.instance_type.clone(),
                zone: pool.zone.clone(),
                ..row
            })
        }
        ChargeKind::Spot => {
            let market = &tariff.markets[charge.market?];
            let list = market.on_demand.or(charge.rate)?;
            Some(FocusRow {
                pricing: Some(PricingCategory::Dynamic),
                description: format!("Spot {} in {}", market.instance_type, market.name),
                list: list.charge_for(charge.quantity),
                list_unit_price: Some(price(list)),
                consumed_hours: Some(hours.nano),
                sku: market.instance_type.clone(),
                zone: market.zone.clone(),
                ..row
            })
        }
        ChargeKind::UnusedCapacity => {
            let reserved = &tariff.capacity[charge.capacity?];
            Some(FocusRow { description: format!("Unused capacity of {}", reserved.id), ..row.of_capacity(reserved) })
        }
        ChargeKind::SustainedUse => Some(FocusRow {
            category: ChargeCategory::Credit,
            pricing: None,
            description: "Discount for sustained use".to_string(),
            pricing_quantity: None,
            ..row
        }),
    }
}

impl FocusRow {
    /// The same for reserved capacity in which nothing ran.
    fn of_capacity(self, reserved: &ReservedCapacity) -> Self {
        Self {
            unused_capacity: Some(reserved.id.clone()),
            resource: Some(reserved.id.clone()),
            sku: reserved.pool.instance_type.clone(),
            zone: reserved.pool.zone.clone(),
            ..self
        }
    }
}

/// A use of a commitment, or what was left of it: no invoice shows it, its cost is the commitment's share (RULES R102, R104).
fn use_row(one: &CommitmentUse, usage: &[Usage], tariff: &Tariff) -> FocusRow {
    let commitment = &tariff.commitments[one.commitment];
    let blank =
        FocusRow { pricing: Some(PricingCategory::Committed), effective: one.amount, ..blank(one.start, one.end) };
    let hours = nano_hours(one.time);
    let used = |pool: &PoolTariff| FocusRow {
        list: one.on_demand,
        contracted: one.on_demand,
        list_unit_price: Some(price(pool.on_demand)),
        contracted_unit_price: Some(price(pool.on_demand)),
        pricing_quantity: Some(Quantity { nano: hours, unit: HOURS }),
        commitment: Some(commitment_columns(commitment, one.part, Some(CommitmentStatus::Used))),
        sku: pool.instance_type.clone(),
        zone: pool.zone.clone(),
        ..blank.clone()
    };
    match one.covered {
        Covered::Run(run) => {
            if let Some((_, pool)) = tariff.pool_of(&usage[run]) {
                return FocusRow {
                    description: format!("{} covered by {}", pool.instance_type, commitment.id),
                    consumed_hours: Some(hours),
                    resource: Some(resource(usage[run].instance)),
                    ..used(pool)
                };
            }
        }
        Covered::Capacity(index) => {
            let reserved = &tariff.capacity[index];
            let description = format!("Unused capacity of {} covered by {}", reserved.id, commitment.id);
            return FocusRow { description, ..used(&reserved.pool).of_capacity(reserved) };
        }
        Covered::Nothing => {}
    }
    // Priced by what an hour of the commitment costs, or by the money that it commits.
    let (quantity, unit_price) = match &commitment.benefit {
        Benefit::Plan { .. } => (Quantity { nano: one.part, unit: CURRENCY }, Money::from_nano(1_000_000_000)),
        Benefit::Reservation { footprint, .. } => {
            let hours = Money::from_nano(one.part).scaled(1, 3600 * i128::from(footprint.quarters)).nano();
            (Quantity { nano: hours, unit: HOURS }, commitment.offer.amortised(Duration::HOUR))
        }
    };
    let list = unit_price.scaled(quantity.nano, 1_000_000_000);
    FocusRow {
        description: format!("Unused part of {}", commitment.id),
        list,
        contracted: list,
        list_unit_price: Some(unit_price),
        contracted_unit_price: Some(unit_price),
        pricing_quantity: Some(quantity),
        commitment: Some(commitment_columns(commitment, one.part, Some(CommitmentStatus::Unused))),
        resource: Some(commitment.id.clone()),
        sku: sku(commitment),
        ..blank
    }
}
