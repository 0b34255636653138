//! A synthetic demand trace.

use crate::rng::math::{exp, ln, normal_quantile};
use crate::rng::{Purpose, Stream};
use crate::trace::profile::{DemandProfile, FlashCrowds, LognormalLaw};
use crate::trace::{AfterEnd, RateSeries};
use crate::units::{Duration, Instant, SimTime};

/// Draws of one interval.
const NOISE: u32 = 0;
/// Draws of one flash crowd.
const CROWD_GAP: u32 = 1;
const CROWD_SHAPE: u32 = 2;

/// What demand trace is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DemandRequest {
    /// The instant of the first row; the series lies at [`SimTime::START`].
    pub start: Instant,
    /// Length, in whole intervals of the profile.
    pub duration: Duration,
    /// Mean rate without flash crowds, in requests per second; the profile's unless given.
    pub mean_per_second: Option<f64>,
    /// No flash crowd lifts the rate before noise above this many requests per second: heights come from their law cut
    /// off there. No limit unless given.
    pub crowds_up_to: Option<f64>,
    /// Seed.
    pub seed: u32,
}

/// Draws a demand trace: expected rates, around which a simulator draws the arrivals.
///
/// `rate(t) = mean · rhythm(t) · exp(s·z - s²/2) · exp(f·e - f²/2) · (1 + crowds(t))` with z an AR(1) process of variance 1
/// (correlation `exp(-interval / slow_minutes)` from one interval to the next), e independent normal, `s² = ln(1 + slow_cv²)` and `f`
/// alike. A crowd of height h at time u adds `h · exp(-(t - u) / decay)` from u on; crowds come as a Poisson process.
pub fn generate_demand(profile: &DemandProfile, request: &DemandRequest) -> RateSeries {
    let stream = Stream::new(request.seed, Purpose::TraceDemand);
    let count = (request.duration.nanos() / profile.interval.nanos()).max(1) as usize;
    let mean = request.mean_per_second.unwrap_or(profile.mean_per_second);
    let scale = mean * 168.0 / profile.hour_of_week.as_flattened().iter().sum::<f64>();
    let half = Duration::from_nanos(profile.interval.nanos() / 2);
    let weeks = |i: usize| (i as f64 - 0.5 * count as f64) * profile.interval.as_secs_f64() / (7.0 * 86_400.0);
    let growth = |i: usize| match profile.growth_per_week {
        0.0 => 1.0,
        per_week => exp(ln(1.0 + per_week) * weeks(i)),
    };
    let rhythm = |i: usize| rhythm_at(&profile.hour_of_week, request.start + profile.interval.times(i as i64) + half);
    let ordinary: Vec<f64> = (0..count).map(|i| scale * rhythm(i) * growth(i)).collect();
    let interval_minutes = profile.interval.as_secs_f64() / 60.0;
    let crowds = crowd_factors(&profile.flash_crowds, &ordinary, interval_minutes, request.crowds_up_to, &stream);
    let noise = noise_factors(profile, count, interval_minutes, &stream);
    let per_second = (0..count).map(|i| ordinary[i] * crowds[i] * noise[i]).collect();
    RateSeries { start: SimTime::START, interval: profile.interval, per_second, after_end: AfterEnd::Undefined }
}

/// Rate / mean rate at `instant`: linear between the middles of the hours of the week (UTC).
pub(in crate::trace) fn rhythm_at(hour_of_week: &[[f64; 24]; 7], instant: Instant) -> f64 {
    const WEEK: i128 = 7 * 86_400 * 1_000_000_000;
    const MONDAY: i128 = 4 * 86_400 * 1_000_000_000; // 1970-01-05
    let nanos = (instant.unix_nanos() - MONDAY - 1_800_000_000_000).rem_euclid(WEEK);
    let hours = nanos as f64 / 3.6e12;
    let hour = hours as usize % 168;
    let share = hours - hour as f64;
    let knots = hour_of_week.as_flattened();
    knots[hour] * (1.0 - share) + knots[(hour + 1) % 168] * share
}

/// Product of slow and fast noise in each interval, of mean 1.
fn noise_factors(profile: &DemandProfile, count: usize, interval_minutes: f64, stream: &Stream) -> Vec<f64> {
    let log_sigma = |cv: f64| ln(1.0 + cv * cv).sqrt();
    let (slow, fast) = (log_sigma(profile.noise.slow_cv), log_sigma(profile.noise.fast_cv));
    let keep = exp(-interval_minutes / profile.noise.slow_minutes);
    let fresh = (1.0 - keep * keep).sqrt();
    let mut z = 0.0;
    (0..count)
        .map(|i| {
            let [a, b] = stream.uniforms(0, i as u64, NOISE).map(normal_quantile);
            z = if i == 0 { a } else { keep * z + fresh * a };
            exp(slow * z - 0.5 * slow * slow + fast * b - 0.5 * fast * fast)
        })
        .collect()
}

/// 1 + the rises of all flash crowds in each interval.
fn crowd_factors(
    crowds: &FlashCrowds,
    ordinary: &[f64],
    interval_minutes: f64,
    up_to: Option<f64>,
    stream: &Stream,
) -> Vec<f64> {
    let mut factors = vec![1.0; ordinary.len()];
    if crowds.per_week <= 0.0 {
        return factors;
    }
    let mean_gap = 7.0 * 1440.0 / crowds.per_week / interval_minutes;
    let mut position = 0.0;
    for crowd in 0u64.. {
        position -= mean_gap * ln(stream.uniform(0, crowd, CROWD_GAP));
        if position >= ordinary.len() as f64 {
            break;
        }
        let begin = position as usize;
        let [u, v] = stream.uniforms(0, crowd, CROWD_SHAPE);
        let limit = up_to.map(|rate| rate / ordinary[begin] - factors[begin]);
        let height = height_below(&crowds.height, u, limit);
        let fall = exp(-interval_minutes / crowds.decay_minutes.at(normal_quantile(v)).max(1e-3));
        let mut rise = height;
        for factor in &mut factors[begin..] {
            *factor += rise;
            rise *= fall;
            if rise < 1e-4 {
                break;
            }
        }
    }
    factors
}

/// The height at `u` of the law cut off at `limit`: by bisection on the share below the limit, 0 if nothing may rise.
fn height_below(law: &LognormalLaw, u: f64, limit: Option<f64>) -> f64 {
    let Some(limit) = limit else { return law.at(normal_quantile(u)) };
    if limit <= 0.0 || law.median <= 0.0 {
        return 0.0;
    }
    let below = |share: f64| law.at(normal_quantile(share)) <= limit;
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if below(middle) { low = middle } else { high = middle }
    }
    law.at(normal_quantile(u * low)).min(limit)
}
