//! Serving requests minute by minute: the `interval` fidelity.
//!
//! The control plane is the one of every replication: fleet, spot market, alarms and policies go from control event to control event as
//! ever. Only what happens to requests in between is not simulated. What arrives in each minute (how many requests with how much
//! work) is known from the replication's own requests, so a minute's utilisation is what it would be. What a server set makes of it is
//! looked up in a [`Table`], which the request engine has filled: the share of late and failed requests and percentiles of the
//! latency, for the utilisation of the minute and what the one before left behind. Beyond the table, where load passes capacity for
//! long, a fluid backlog in closed form takes over.
//!
//! Tables belong to a server set and are shared by all mixes and replications of a study.

mod build;
mod kernel;
mod load;
mod table;
mod tables;

pub(super) use kernel::IntervalKernel;
pub use load::{MinuteLoads, Moments};
pub use tables::Tables;

/// Seconds of a minute.
const MINUTE: f64 = 60.0;
