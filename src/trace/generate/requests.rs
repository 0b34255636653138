//! Synthetic requests with sizes.

use crate::rng::math::normal_quantile;
use crate::rng::{Purpose, Stream};
use crate::trace::profile::{Quantiles, RequestProfile};
use crate::trace::requests::SizedRequests;
use crate::units::Duration;

/// Points of a law from which its mean is taken.
const POINTS: u32 = 20_000;
/// Draws of a request: its gap, and its sizes.
const GAP: u32 = 0;
const SIZES: u32 = 1;

/// Draws requests in whole milliseconds until `duration`, those of several profiles together in order of time.
///
/// Each gap is the quantile at a normal score, a slow one (AR(1) from request to request) and a fresh one; quantiles are scaled so that the mean gap is
/// the measured one, since they are log-linear between. Sizes are whole, from scores that hang together with the first size's.
pub fn generate_requests(profiles: &[RequestProfile], duration: Duration, seed: u32) -> SizedRequests {
    let stream = Stream::new(seed, Purpose::TraceRequests);
    let length = duration.as_secs_f64();
    let mut all: Vec<(f64, Vec<f64>)> = Vec::new();
    for (profile, number) in profiles.iter().zip(0..) {
        let gaps = &profile.gaps;
        let scale = gaps.mean_seconds / mean(&gaps.quantiles);
        let [slow_weight, fresh_weight] = [gaps.slow_share, 1.0 - gaps.slow_share].map(f64::sqrt);
        let innovation = (1.0 - gaps.kept * gaps.kept).sqrt();
        let (mut now, mut slow) = (0.0, normal_quantile(stream.uniform(number, u64::MAX, GAP)));
        for request in 0.. {
            let [step, fresh] = stream.uniforms(number, request, GAP).map(normal_quantile);
            slow = gaps.kept * slow + innovation * step;
            now += scale * gaps.quantiles.at(slow_weight * slow + fresh_weight * fresh);
            if now >= length {
                break;
            }
            all.push(((now * 1000.0).floor() / 1000.0, sizes(profile, stream, number, request)));
        }
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let names = profiles.first().map_or(&[][..], |profile| &profile.sizes).iter().map(|size| size.name.clone());
    SizedRequests {
        seconds: all.iter().map(|(time, _)| *time).collect(),
        length,
        sizes: names.enumerate().map(|(i, name)| (name, all.iter().map(|(_, sizes)| sizes[i]).collect())).collect(),
    }
}

fn sizes(profile: &RequestProfile, stream: Stream, number: u32, request: u64) -> Vec<f64> {
    let mut first = None;
    let of_each = profile.sizes.iter().zip(SIZES..);
    of_each
        .map(|(size, draw)| {
            let fresh = normal_quantile(stream.uniform(number, request, draw));
            let score = match first {
                None => fresh,
                Some(first) => size.with_first * first + (1.0 - size.with_first * size.with_first).sqrt() * fresh,
            };
            first = first.or(Some(score));
            size.quantiles.at(score).round()
        })
        .collect()
}

/// The mean of a law between its quantiles.
fn mean(law: &Quantiles) -> f64 {
    let score = |point: u32| normal_quantile((f64::from(point) + 0.5) / f64::from(POINTS));
    (0..POINTS).map(|point| law.at(score(point))).sum::<f64>() / f64::from(POINTS)
}
