//! One row of a ledger.

use crate::units::{Duration, Money, Rate, SimTime};

/// What a charge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeKind {
    /// The hourly part of reservations, used or not.
    ReservedRecurring,
    /// The share of a reservation's upfront payment that falls on the interval.
    ReservedUpfront,
    /// The hourly part of savings plans, used or not.
    PlanRecurring,
    /// The share of a plan's upfront payment that falls on the interval.
    PlanUpfront,
    /// Spot running time.
    Spot,
    /// Running time at the on-demand price.
    OnDemand,
    /// Reserved capacity that no instance used, at the on-demand price.
    UnusedCapacity,
    /// Discount for instances that ran long within a month; negative.
    SustainedUse,
}

/// Which figure of a mix's cost a charge belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostPart {
    /// Reservations.
    Reserved,
    /// Spot.
    Spot,
    /// On-demand, unused reserved capacity and discounts for sustained use included.
    OnDemand,
    /// Savings plans.
    SavingsPlan,
}

impl CostPart {
    /// All parts, in the order of reports: every charge belongs to one.
    pub const ALL: [CostPart; 4] = [CostPart::Reserved, CostPart::Spot, CostPart::OnDemand, CostPart::SavingsPlan];
}

impl ChargeKind {
    /// The figure that the charge belongs to.
    pub fn part(self) -> CostPart {
        match self {
            ChargeKind::ReservedRecurring | ChargeKind::ReservedUpfront => CostPart::Reserved,
            ChargeKind::PlanRecurring | ChargeKind::PlanUpfront => CostPart::SavingsPlan,
            ChargeKind::Spot => CostPart::Spot,
            ChargeKind::OnDemand | ChargeKind::UnusedCapacity | ChargeKind::SustainedUse => CostPart::OnDemand,
        }
    }
}

/// One row of a ledger: an interval, a billed quantity, a rate and the amount, rounded once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// What for.
    pub kind: ChargeKind,
    /// The instance, unless the charge is for a commitment.
    pub instance: Option<u32>,
    /// Index of the market, for spot.
    pub market: Option<usize>,
    /// Index of the commitment in the tariff, for what commitments cost.
    pub commitment: Option<usize>,
    /// Index of the reserved capacity in the tariff, for what of it nobody used.
    pub capacity: Option<usize>,
    /// Beginning of the interval.
    pub start: SimTime,
    /// End of the interval.
    pub end: SimTime,
    /// Billed time: instances × time.
    pub quantity: Duration,
    /// Rate; `None` for amortised upfront payments and discounts.
    pub rate: Option<Rate>,
    /// The charge.
    pub amount: Money,
}
