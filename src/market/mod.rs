//! Spot markets in one replication: prices, capacity and random interruptions; and what their laws mean for bids and capacity.

mod bid;
mod hazard;
mod path;
mod pools;
mod reversion;

pub use bid::{PriceLaw, one_time_bid};
pub use hazard::{HazardClock, HazardRates, per_second};
pub use path::{CapacityPath, MarketPath, PricePath, StepPath};
pub use pools::{SharedFate, enough_left};
pub use reversion::MeanReversion;
