//! Time series of rates and prices, their generators and fits.

mod arrivals;
mod capacity;
mod fit;
mod generate;
mod profile;
mod requests;
mod resample;
mod series;
mod statistics;
mod transform;
mod write;

pub use arrivals::{ArrivalSeries, DemandSeries};
pub use capacity::{CapacityStatistics, capacity_statistics};
pub use fit::{
    FitError, Fitted, ServiceFit, ServiceQuestion, ServiceSample, fit_any_demand, fit_capacity, fit_demand, fit_price,
    fit_price_regimes, fit_requests, fit_service,
};
pub use generate::{
    DemandRequest, PriceRequest, generate_capacity, generate_demand, generate_price, generate_requests,
};
pub use profile::{
    CalmPrice, CapacityLevel, CapacityProfile, DemandNoise, DemandProfile, FlashCrowds, LognormalLaw, PROFILE_FORMAT,
    PriceProfile, PriceSpikes, Profile, ProfileError, ProfileFile, Quantiles, RequestGaps, RequestProfile, RequestSize,
};
pub use requests::{RequestStatistics, SizedRequests, request_statistics};
pub use resample::{BlockSource, Blocks, resampled};
pub use series::{AfterEnd, CountSeries, PriceSeries, RateSeries, StepSeries};
pub use statistics::{PriceStatistics, price_statistics};
pub use transform::{MAX_INTERVALS, TransformError, transformed};
pub use write::{WriteError, count_csv, demand_csv, price_csv, profile_json, requests_csv, write_file};
