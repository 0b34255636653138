//! Moments, histograms and intervals. Knows numbers only.

mod excess;
mod histogram;
mod interval;
mod stratified;
mod truncation;

pub use excess::{confidence_above_zero, confidence_of_difference, f_upper};
pub use histogram::{Histogram, bin_of};
pub use interval::{
    Interval, difference_interval, mean_interval, proportion_interval, quantile_interval, ratio_by_replication,
    ratio_interval,
};
pub use stratified::{StratifiedTotal, Stratum};
pub use truncation::{Truncation, mser};
