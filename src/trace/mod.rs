//! Time series of rates and prices, their generators and fits.

mod series;
mod transform;

pub use series::{AfterEnd, PriceSeries, RateSeries};
pub use transform::{MAX_INTERVALS, TransformError, transformed};
