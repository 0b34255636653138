//! Time series of rates and prices, their generators and fits.

mod series;

pub use series::{AfterEnd, PriceSeries, RateSeries};
