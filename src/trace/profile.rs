//! Profiles: the small set of fitted parameters from which a trace is generated.
//!
//! A profile is what `trace fit` measures in a real trace and what `trace generate` draws a synthetic one from. It holds
//! no part of the trace itself.

use super::{CapacityStatistics, PriceStatistics, RequestStatistics};
use crate::rng::math::{exp, ln, normal_quantile};
use crate::units::Duration;
use serde::{Deserialize, Serialize};

/// The version of the profile format that this crate reads.
pub const PROFILE_FORMAT: u32 = 1;

/// A profile file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileFile {
    /// Version of the profile format: 1.
    pub format: u32,
    /// What can be generated.
    pub profile: Profile,
}

/// What can be generated from a profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Profile {
    /// A demand trace.
    Demand(Box<DemandProfile>),
    /// A spot price trace.
    Price(Box<PriceProfile>),
    /// A capacity trace.
    Capacity(Box<CapacityProfile>),
    /// Single requests with sizes.
    Requests(Box<RequestProfile>),
}

impl Profile {
    /// What can be generated, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Profile::Demand(_) => "demand",
            Profile::Price(_) => "price",
            Profile::Capacity(_) => "capacity",
            Profile::Requests(_) => "requests",
        }
    }
}

/// How many instances a market can give: times up and down that alternate, and a count while up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityProfile {
    /// What it was measured from, in words.
    pub source: String,
    /// How long at least one instance could be had, in minutes, by share of the times.
    pub up_minutes: Quantiles,
    /// How long none could be had, in minutes; absent if that never happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_minutes: Option<Quantiles>,
    /// The count while up.
    pub level: CapacityLevel,
    /// Figures of the measured trace, to hold a generated one against.
    pub measured: CapacityStatistics,
}

/// The count while at least one instance could be had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityLevel {
    /// Changes of the count per hour up.
    pub changes_per_hour: f64,
    /// Time in which the correlation of the count's normal score falls to 1/e, in hours.
    pub time_constant_hours: f64,
    /// Count by share of the time up.
    pub counts: Quantiles,
}

/// Single requests: gaps between them, and sizes such as tokens in and out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestProfile {
    /// What it was measured from, in words.
    pub source: String,
    /// Times between requests.
    pub gaps: RequestGaps,
    /// What each request is made of.
    pub sizes: Vec<RequestSize>,
    /// Figures of the measured requests, to hold generated ones against.
    pub measured: RequestStatistics,
}

/// Times between requests, and how these hang together: the normal score of a gap is the sum of a slow one and a fresh one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestGaps {
    /// Mean gap in seconds.
    pub mean_seconds: f64,
    /// Gap in seconds, by share of the gaps.
    pub quantiles: Quantiles,
    /// Share of the slow score in the variance of the score.
    pub slow_share: f64,
    /// Correlation of the slow score from one request to the next.
    pub kept: f64,
}

/// One size of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestSize {
    /// Name of its column.
    pub name: String,
    /// Correlation of its normal score with that of the first size.
    pub with_first: f64,
    /// Size, by share of the requests; sizes are whole and at least 1.
    pub quantiles: Quantiles,
}

/// Demand as rhythm, noise and flash crowds.
///
/// The rate at time t is `mean · rhythm(t) · noise(t) · (1 + crowds(t))`: the rhythm repeats weekly, the noise is lognormal
/// with mean 1, and each flash crowd adds a share of the rate that jumps up and decays exponentially.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandProfile {
    /// What it was measured from, in words.
    pub source: String,
    /// Mean rate in requests per second.
    pub mean_per_second: f64,
    /// Growth of the rate in a week, as a factor less one; the mean is that in the middle of a generated trace.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub growth_per_week: f64,
    /// Distance between rows of the generated trace; that of the measured one.
    pub interval: Duration,
    /// Rate in the middle of each hour of the week (UTC) / mean rate: seven days of 24 h, from Monday. Linear between.
    pub hour_of_week: [[f64; 24]; 7],
    /// Fluctuation around the rhythm.
    pub noise: DemandNoise,
    /// Sudden rises.
    pub flash_crowds: FlashCrowds,
}

/// Fluctuation of the rate around its rhythm, beyond the Poisson scatter of counts (which the simulator draws).
///
/// The sum of a slow part, an AR(1) process, and a fast one, independent in each interval, in the logarithm of the rate.
/// Each is given by the coefficient of variation of the rate that it causes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandNoise {
    /// Coefficient of variation of the slow part.
    pub slow_cv: f64,
    /// Time after which the autocorrelation of the slow part has fallen to 1/e, in minutes.
    pub slow_minutes: f64,
    /// Coefficient of variation of the part that is independent in each interval.
    pub fast_cv: f64,
}

/// Sudden rises of the rate, independent of each other and of the hour.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlashCrowds {
    /// Mean number in a week (Poisson).
    pub per_week: f64,
    /// Peak rate / rate without the crowd - 1.
    pub height: LognormalLaw,
    /// Time in which the rise falls to 1/e, in minutes.
    pub decay_minutes: LognormalLaw,
}

/// A lognormal law by its median and the standard deviation of its logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LognormalLaw {
    /// Median, in the unit of the quantity.
    pub median: f64,
    /// Standard deviation of the natural logarithm.
    pub log_sigma: f64,
    /// The law ends here, where it is given: larger values become this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
}

impl LognormalLaw {
    /// The value at a standard normal score: `median · exp(log_sigma · z)`, unless the law ends before it.
    pub fn at(&self, z: f64) -> f64 {
        let value = self.median * exp(self.log_sigma * z);
        self.most.map_or(value, |most| value.min(most))
    }

    /// Median and spread of positive `values`; a law that is always zero when there are none.
    pub fn of(values: &[f64]) -> Self {
        let logs: Vec<f64> = values.iter().filter(|v| **v > 0.0).map(|v| ln(*v)).collect();
        if logs.is_empty() {
            return Self { median: 0.0, log_sigma: 0.0, most: None };
        }
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let variance = logs.iter().map(|l| (l - mean) * (l - mean)).sum::<f64>() / logs.len() as f64;
        Self { median: exp(super::fit::median(&logs)), log_sigma: variance.sqrt(), most: None }
    }
}

/// A spot price as two regimes relative to the on-demand price: calm at or below it, spikes above it.
///
/// *Calm*: a hidden normal score z reverts to 0 (Ornstein-Uhlenbeck, correlation `exp(-t / time_constant)`); at each change of
/// price the ratio is the calm quantile at z. Gaps between changes are lognormal. *Spikes* come at a constant rate of calm
/// time, last a lognormal time, and take an independent draw of their own quantiles at the beginning and at each change within.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceProfile {
    /// What it was measured from, in words.
    pub source: String,
    /// The regime at or below the on-demand price.
    pub calm: CalmPrice,
    /// Whether a change of the calm price that rounds to the same price moves it by one tick, so that every change is one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub always_moves: bool,
    /// The regime above the on-demand price; absent when the trace never went there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spikes: Option<PriceSpikes>,
    /// Figures of the measured trace, to hold a generated one against.
    pub measured: PriceStatistics,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// Prices at or below on-demand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalmPrice {
    /// Changes of price per day of calm time.
    pub changes_per_day: f64,
    /// Standard deviation of the logarithm of the gap between changes.
    pub gap_log_sigma: f64,
    /// Time in which the correlation of the normal score falls to 1/e, in hours.
    pub time_constant_hours: f64,
    /// Price / on-demand price, by share of calm time.
    pub quantiles: Quantiles,
}

/// Prices above on-demand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSpikes {
    /// Spikes per day of calm time.
    pub per_day: f64,
    /// Time above the on-demand price, in minutes.
    pub duration_minutes: LognormalLaw,
    /// Time above the on-demand price by share of the spikes, in minutes: what counts where it is given. Real times have a longer tail
    /// than a lognormal law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durations: Option<Quantiles>,
    /// Changes of price per hour within a spike.
    pub changes_per_hour: f64,
    /// Price / on-demand price, by share of time in spikes; the last is the cap.
    pub quantiles: Quantiles,
}

/// A law given by some of its quantiles; between them log-linear in the normal score, beyond them constant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantiles(pub Vec<(f64, f64)>);

impl Quantiles {
    /// The shares at which quantiles are measured.
    ///
    /// The last stands for the maximum, which has no score.
    pub const SHARES: [f64; 12] = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];

    /// The value at normal score `z`.
    ///
    /// # Panics
    /// If there are no quantiles: [`ProfileFile::check`] excludes that.
    pub fn at(&self, z: f64) -> f64 {
        let score = |i: usize| normal_quantile(self.0[i].0);
        let above = (0..self.0.len()).find(|i| score(*i) >= z).unwrap_or(self.0.len() - 1);
        if above == 0 || z >= score(above) {
            return self.0[above].1;
        }
        let (z0, z1) = (score(above - 1), score(above));
        let (low, high) = (ln(self.0[above - 1].1), ln(self.0[above].1));
        exp(low + (high - low) * (z - z0) / (z1 - z0))
    }
}

/// What is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct ProfileError {
    /// Which field, as a JSON pointer.
    pub field: &'static str,
    /// What was found and what is allowed.
    pub message: String,
}

impl ProfileFile {
    /// The file of a profile.
    pub fn new(profile: Profile) -> Self {
        Self { format: PROFILE_FORMAT, profile }
    }

    /// The first thing that types cannot express and that is wrong.
    pub fn check(&self) -> Result<(), ProfileError> {
        if self.format != PROFILE_FORMAT {
            let message = format!("version {} is not known; this program reads {PROFILE_FORMAT}", self.format);
            return Err(ProfileError { field: "/format", message });
        }
        match &self.profile {
            Profile::Demand(demand) => check_demand(demand),
            Profile::Price(price) => check_price(price),
            Profile::Capacity(capacity) => check_capacity(capacity),
            Profile::Requests(requests) => check_requests(requests),
        }
    }
}

fn check_demand(demand: &DemandProfile) -> Result<(), ProfileError> {
    within("/profile/demand/mean_per_second", demand.mean_per_second, 1e-9, 1e9)?;
    within("/profile/demand/growth_per_week", demand.growth_per_week, -0.99, 10.0)?;
    within("/profile/demand/interval", demand.interval.as_secs_f64(), 1.0, 3600.0)?;
    for value in demand.hour_of_week.as_flattened() {
        within("/profile/demand/hour_of_week", *value, 0.0, 168.0)?;
    }
    within("/profile/demand/hour_of_week", demand.hour_of_week.as_flattened().iter().sum(), 1e-3, 1e5)?;
    within("/profile/demand/noise/slow_cv", demand.noise.slow_cv, 0.0, 10.0)?;
    within("/profile/demand/noise/slow_minutes", demand.noise.slow_minutes, 0.01, 1e6)?;
    within("/profile/demand/noise/fast_cv", demand.noise.fast_cv, 0.0, 10.0)?;
    within("/profile/demand/flash_crowds/per_week", demand.flash_crowds.per_week, 0.0, 10_000.0)?;
    check_law("/profile/demand/flash_crowds/height", &demand.flash_crowds.height)?;
    check_law("/profile/demand/flash_crowds/decay_minutes", &demand.flash_crowds.decay_minutes)
}

fn check_capacity(capacity: &CapacityProfile) -> Result<(), ProfileError> {
    check_quantiles("/profile/capacity/up_minutes", &capacity.up_minutes, 1e-3, 1e7)?;
    if let Some(down) = &capacity.down_minutes {
        check_quantiles("/profile/capacity/down_minutes", down, 1e-3, 1e7)?;
    }
    within("/profile/capacity/level/changes_per_hour", capacity.level.changes_per_hour, 0.0, 3600.0)?;
    within("/profile/capacity/level/time_constant_hours", capacity.level.time_constant_hours, 1e-3, 1e6)?;
    within("/profile/capacity/measured/share_up", capacity.measured.share_up, 0.0, 1.0)?;
    check_quantiles("/profile/capacity/level/counts", &capacity.level.counts, 1.0, 1e6)
}

fn check_requests(requests: &RequestProfile) -> Result<(), ProfileError> {
    let gaps = &requests.gaps;
    within("/profile/requests/gaps/mean_seconds", gaps.mean_seconds, 1e-5, 1e5)?;
    check_quantiles("/profile/requests/gaps/quantiles", &gaps.quantiles, 1e-6, 1e6)?;
    within("/profile/requests/gaps/slow_share", gaps.slow_share, 0.0, 1.0)?;
    within("/profile/requests/gaps/kept", gaps.kept, 0.0, 1.0)?;
    for size in &requests.sizes {
        within("/profile/requests/sizes/with_first", size.with_first, -1.0, 1.0)?;
        check_quantiles("/profile/requests/sizes/quantiles", &size.quantiles, 1.0, 1e9)?;
    }
    Ok(())
}

fn check_price(price: &PriceProfile) -> Result<(), ProfileError> {
    within("/profile/price/calm/changes_per_day", price.calm.changes_per_day, 1e-3, 86_400.0)?;
    within("/profile/price/calm/gap_log_sigma", price.calm.gap_log_sigma, 0.0, 5.0)?;
    within("/profile/price/calm/time_constant_hours", price.calm.time_constant_hours, 1e-3, 1e6)?;
    check_quantiles("/profile/price/calm/quantiles", &price.calm.quantiles, 1e-6, 1.0)?;
    let Some(spikes) = &price.spikes else { return Ok(()) };
    within("/profile/price/spikes/per_day", spikes.per_day, 0.0, 1e4)?;
    check_law("/profile/price/spikes/duration_minutes", &spikes.duration_minutes)?;
    if let Some(durations) = &spikes.durations {
        check_quantiles("/profile/price/spikes/durations", durations, 1e-3, 1e7)?;
    }
    within("/profile/price/spikes/changes_per_hour", spikes.changes_per_hour, 0.0, 3600.0)?;
    check_quantiles("/profile/price/spikes/quantiles", &spikes.quantiles, 1.0, 1e6)
}

fn within(field: &'static str, value: f64, low: f64, high: f64) -> Result<(), ProfileError> {
    if value >= low && value <= high {
        return Ok(());
    }
    Err(ProfileError { field, message: format!("{value} is not between {low} and {high}") })
}

fn check_law(field: &'static str, law: &LognormalLaw) -> Result<(), ProfileError> {
    within(field, law.median, 0.0, 1e6)?;
    within(field, law.most.unwrap_or(0.0), 0.0, 1e6)?;
    within(field, law.log_sigma, 0.0, 5.0)
}

fn check_quantiles(field: &'static str, quantiles: &Quantiles, low: f64, high: f64) -> Result<(), ProfileError> {
    for (share, value) in &quantiles.0 {
        within(field, *share, 1e-6, 1.0 - 1e-6)?;
        within(field, *value, low, high)?;
    }
    let rising = quantiles.0.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
    if quantiles.0.is_empty() || !rising {
        let message = "pairs of share and value must rise, and there must be at least one".to_string();
        return Err(ProfileError { field, message });
    }
    Ok(())
}
