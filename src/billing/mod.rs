//! From the usage log to money: charges by the regime's rules, and the ledger that sums them exactly.
//!
//! Dynamics first, money after: a run of the engine yields [`Usage`]; nothing here changes what happened.

mod charge;
mod ledger;
mod on_demand;
mod reserved;
mod spot;
mod usage;

pub use charge::{Charge, ChargeKind};
pub use ledger::{Ledger, Tariff, bill};
pub use on_demand::billed_time;
pub use reserved::Commitment;
pub use spot::{SpotRun, spot_billed_time};
pub use usage::{EndedBy, Usage};
