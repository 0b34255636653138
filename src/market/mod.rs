//! Spot markets in one replication: prices, capacity and random interruptions.

mod hazard;
mod path;

pub use hazard::{HazardClock, HazardRates, per_second};
pub use path::{CapacityPath, MarketPath, PricePath, StepPath};
