//! Plans and simulates mixes of reserved, spot and on-demand instances.
#![warn(missing_docs)]
#![forbid(unsafe_op_in_unsafe_fn)]

pub mod batch;
pub mod billing;
pub mod check;
pub mod cli;
pub mod difference;
pub mod engine;
pub mod export;
pub mod fleet;
pub mod input;
pub mod market;
pub mod plan;
pub mod queueing;
pub mod report;
pub mod results;
pub mod rng;
pub mod scaling;
pub mod scenario;
pub mod selfcheck;
pub mod simd;
pub mod starter;
pub mod stats;
pub mod study;
pub mod trace;
pub mod units;
pub mod workload;
