//! Moments, histograms and intervals. Knows numbers only.

mod fidelities;
mod histogram;
mod interval;
mod order;
mod truncation;

pub use fidelities::{TwoFidelities, two_fidelities};
pub use histogram::{Histogram, bin_of};
pub use interval::{Interval, mean_interval, proportion_interval, quantile_interval, ratio_interval};
pub use order::{Ranks, quantile_ranks, values_for_upper_limit};
pub use truncation::{Truncation, mser};
