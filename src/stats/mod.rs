//! Moments, histograms and intervals. Knows numbers only.

mod histogram;
mod interval;
mod stratified;
mod truncation;

pub use histogram::{Histogram, bin_of};
pub use interval::{Interval, mean_interval, proportion_interval, quantile_interval, ratio_interval};
pub use stratified::{StratifiedTotal, Stratum};
pub use truncation::{Truncation, mser};
