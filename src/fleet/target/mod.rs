//! Instances as targets of a load balancer: health checks, deregistration, slow start, zones. Pure rules.

mod drain;
mod health;
mod slow_start;
mod zones;

pub use drain::{Deregistration, deregistration, drain_ends};
pub use health::{HealthCheck, TargetHealth, TargetState};
pub use slow_start::slow_start_share;
pub use zones::{ZoneTargets, fails_open, share_by_zone, unhealthy_zones};
