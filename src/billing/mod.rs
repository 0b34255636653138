//! From the usage log to money: charges by the regime's rules, and the ledger that sums them exactly.
//!
//! Dynamics first, money after: a run of the engine yields [`Usage`]; nothing here changes what happened.

mod capacity;
pub mod catalogue;
mod charge;
mod commitment;
pub mod finance;
pub mod focus;
mod hourly;
mod ledger;
pub mod normalisation;
mod offer;
mod on_demand;
pub mod reservation;
pub mod savings_plan;
mod settle;
mod spot;
pub mod sustained_use;
mod tariff;
mod usage;

pub use capacity::{Idle, ReservedCapacity, unused_capacity};
pub use charge::{Charge, ChargeKind, CostPart};
pub use commitment::{Benefit, Commitment};
pub use hourly::{HourlyUsage, billed_usage, hourly_usage};
pub use ledger::{Invoice, Ledger, bill, invoice};
pub use offer::{Offer, Payment, amortised, list_value};
pub use on_demand::{RunStates, billed_time};
pub use settle::{CommitmentUse, Covered};
pub use spot::{SpotRun, spot_billed_time};
pub use tariff::{MarketTariff, PoolTariff, Tariff};
pub use usage::{EndedBy, Usage};

#[cfg(test)]
mod tests;
