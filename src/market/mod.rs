//! Spot markets in one replication: prices and random interruptions.

mod hazard;
mod price_path;

pub use hazard::{HazardClock, hazard_rates};
pub use price_path::PricePath;
