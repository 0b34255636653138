//! One model of the queue for each program, written as its authors write theirs.

#[cfg(feature = "desque")]
pub mod desque;
pub mod fleetmix;
#[cfg(feature = "nexosim")]
pub mod nexosim;
pub mod textbook;
