//! Rules of a scaling group that do not depend on a metric: what it is made of, where its instances go, which of them leave.

mod allocation;
mod capacity_rebalancing;
mod lifecycle;
mod maintenance;
mod mixed;
mod refresh;
mod termination;
mod warm_pool;
mod weights;
mod zones;

pub use allocation::{SpotMarketView, SpotStrategy, affordable, diversified, rank_markets};
pub use capacity_rebalancing::{
    ends_replaced, launches_replacement, running_while_rebalancing, within_rebalancing_margin,
};
pub use lifecycle::{Health, hook_timeout, must_replace};
pub use maintenance::{HealthyRange, healthy_range};
pub use mixed::{MixedSplit, mixed_split};
pub use refresh::{RefreshEvent, RefreshSettings, RefreshStep, batch_size, refresh_timeline};
pub use termination::{Leaver, TerminationPolicy, choose_leavers};
pub use warm_pool::warm_pool_size;
pub use weights::{instances_for, overshoot, unit_price, units_after};
pub use zones::{ZoneMove, rebalance_zones, temporary_maximum};
