//! Moments, histograms and intervals. Knows numbers only.

mod excess;
mod fidelities;
mod histogram;
mod interval;
mod order;
mod stratified;
mod truncation;

pub use excess::{confidence_above_zero, confidence_of_difference, f_upper};
pub use fidelities::{TwoFidelities, two_fidelities};
pub use histogram::{Histogram, bin_of};
pub use interval::{
    Interval, difference_interval, mean_interval, proportion_interval, quantile_interval, ratio_interval,
    share_by_replication,
};
pub use order::{Ranks, quantile_ranks, values_for_upper_limit};
pub use stratified::{StratifiedTotal, Stratum};
pub use truncation::{Truncation, mser};
