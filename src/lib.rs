//! Plans and simulates mixes of reserved, spot and on-demand instances.
#![warn(missing_docs)]
#![forbid(unsafe_op_in_unsafe_fn)]

pub mod report;
pub mod results;
pub mod scenario;
pub mod trace;
pub mod units;
