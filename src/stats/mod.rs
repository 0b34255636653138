//! Moments, histograms and intervals. Knows numbers only.

mod excess;
mod histogram;
mod interval;
mod truncation;

pub use excess::{confidence_above_zero, confidence_of_difference, f_upper};
pub use histogram::{Histogram, bin_of};
pub use interval::{Interval, mean_interval, proportion_interval, quantile_interval, ratio_interval};
pub use truncation::{Truncation, mser};
