//! Numbers into words, once: tables, charts and pages all speak through these functions.

mod calendar;
mod estimate;
mod money;
mod quantity;

pub use calendar::{Calendar, Tick};
pub use estimate::{estimate, interval, money_estimate, objective, verdict};
pub use money::{money, money_tick, signed_money};
pub use quantity::{count, decimal, duration, grouped_cents, grouped_whole, percent_change, plural, share};

/// What stands where there is no number.
pub const NONE: &str = "–";
