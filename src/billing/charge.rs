//! One row of a ledger.

use crate::fleet::PurchaseOption;
use crate::units::{Duration, Money, Rate, SimTime};

/// What a charge is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeKind {
    /// The hourly part of commitments, used or not.
    ReservedRecurring,
    /// The share of the upfront payment that falls on the interval.
    ReservedUpfront,
    /// Spot running time.
    Spot,
    /// On-demand running time.
    OnDemand,
}

impl ChargeKind {
    /// The purchase option that the charge belongs to.
    pub fn option(self) -> PurchaseOption {
        match self {
            ChargeKind::ReservedRecurring | ChargeKind::ReservedUpfront => PurchaseOption::Reserved,
            ChargeKind::Spot => PurchaseOption::Spot,
            ChargeKind::OnDemand => PurchaseOption::OnDemand,
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
    /// Beginning of the interval.
    pub start: SimTime,
    /// End of the interval.
    pub end: SimTime,
    /// Billed time: instances × time.
    pub quantity: Duration,
    /// Rate; `None` for amortised upfront payments.
    pub rate: Option<Rate>,
    /// The charge.
    pub amount: Money,
}
