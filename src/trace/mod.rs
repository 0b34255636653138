//! Time series of rates and prices, their generators and fits.

mod arrivals;
mod fit;
mod generate;
mod profile;
mod series;
mod statistics;
mod transform;
mod write;

pub use arrivals::{ArrivalSeries, DemandSeries};
pub use fit::{FitError, fit_demand, fit_price};
pub use generate::{DemandRequest, PriceRequest, generate_demand, generate_price};
pub use profile::{
    CalmPrice, DemandNoise, DemandProfile, FlashCrowds, LognormalLaw, PROFILE_FORMAT, PriceProfile, PriceSpikes,
    Profile, ProfileError, ProfileFile, Quantiles,
};
pub use series::{AfterEnd, CountSeries, PriceSeries, RateSeries, StepSeries};
pub use statistics::{PriceStatistics, price_statistics};
pub use transform::{MAX_INTERVALS, TransformError, transformed};
pub use write::{WriteError, demand_csv, price_csv, profile_json, write_file};
