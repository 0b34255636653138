//! The policies: what each wants of the group, from what it observed.

pub mod predictive;
pub mod scheduled;
pub mod simple;
pub mod step;
pub mod target_tracking;
