//! From the usage log to money: charges by the regime's rules, and the ledger that sums them exactly.
//!
//! Dynamics first, money after: a run of the engine yields [`Usage`]; nothing here changes what happened.

pub mod catalogue;
mod charge;
pub mod finance;
mod hourly;
mod ledger;
pub mod normalisation;
mod offer;
mod on_demand;
pub mod reservation;
mod reserved;
pub mod savings_plan;
mod spot;
pub mod sustained_use;
mod usage;

pub use charge::{Charge, ChargeKind};
pub use hourly::{HourlyUsage, hourly_usage};
pub use ledger::{Ledger, Tariff, bill};
pub use offer::{Offer, Payment, amortised, list_value};
pub use on_demand::{RunStates, billed_time};
pub use reserved::Commitment;
pub use spot::{SpotRun, spot_billed_time};
pub use usage::{EndedBy, Usage};
