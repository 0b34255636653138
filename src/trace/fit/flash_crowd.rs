//! Finding flash crowds in the residual of a demand trace.

use super::median;

/// A rise to this many times the surroundings is a flash crowd.
const THRESHOLD: f64 = 1.5;
/// The residual is averaged over this time, so that the scatter of single counts is no crowd.
const SMOOTHED_MINUTES: f64 = 5.0;
/// What lies within this time to either side is the surroundings.
const SURROUNDINGS_MINUTES: f64 = 180.0;
/// Two rises less than this apart are one.
const JOINED_MINUTES: f64 = 10.0;

/// A flash crowd in a residual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Crowd {
    /// Index of its first interval.
    pub first: usize,
    /// Index after its last interval, fading included.
    pub end: usize,
    /// Peak / surroundings - 1.
    pub height: f64,
    /// Area of the rise / height, in minutes.
    pub decay_minutes: f64,
}

/// The flash crowds of `residual`, whose intervals are `minutes` long; surroundings are at least `floor`.
pub(super) fn find_crowds(residual: &[f64], minutes: f64, floor: f64) -> Vec<Crowd> {
    let intervals = |time: f64| (time / minutes).round() as usize;
    let (reach, step) = (intervals(SURROUNDINGS_MINUTES), intervals(JOINED_MINUTES).max(1));
    let relative = relative_to_surroundings(residual, reach, step, floor.max(1e-9));
    let smooth = smoothed(&relative, intervals(SMOOTHED_MINUTES) / 2);
    let mut crowds: Vec<Crowd> = Vec::new();
    let mut next = 0;
    while let Some(begin) = (next..smooth.len()).find(|i| smooth[*i] >= THRESHOLD) {
        let mut last = begin;
        while let Some(again) =
            (last + 1..smooth.len().min(last + 1 + intervals(JOINED_MINUTES))).rev().find(|i| smooth[*i] >= THRESHOLD)
        {
            last = again;
        }
        next = last + 1;
        let first = begin.saturating_sub(intervals(SMOOTHED_MINUTES));
        let end = (last + 1 + intervals(3.0 * SMOOTHED_MINUTES)).min(smooth.len());
        let height = smooth[begin..=last].iter().fold(0.0, |a, b| f64::max(a, *b)) - 1.0;
        let area: f64 = smooth[first..end].iter().map(|value| (value - 1.0).max(0.0) * minutes).sum();
        crowds.push(Crowd { first, end, height, decay_minutes: area / height });
    }
    crowds
}

/// Each value / the median of its surroundings, which is taken every `step` intervals.
fn relative_to_surroundings(residual: &[f64], reach: usize, step: usize, floor: f64) -> Vec<f64> {
    let surroundings: Vec<f64> = (0..residual.len())
        .step_by(step)
        .map(|i| median(&residual[i.saturating_sub(reach)..(i + reach + 1).min(residual.len())]))
        .collect();
    residual.iter().enumerate().map(|(i, value)| value / surroundings[i / step].max(floor)).collect()
}

/// The centred mean over `reach` values to either side.
fn smoothed(values: &[f64], reach: usize) -> Vec<f64> {
    let mean = |slice: &[f64]| slice.iter().sum::<f64>() / slice.len() as f64;
    (0..values.len()).map(|i| mean(&values[i.saturating_sub(reach)..(i + reach + 1).min(values.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One rise of 3 that decays with 20 minutes, on a level residual.
    #[test]
    fn a_crowd_is_measured() {
        let rise = |i: usize| if i < 1000 { 0.0 } else { 3.0 * crate::rng::math::exp(-((i - 1000) as f64) / 20.0) };
        let residual: Vec<f64> = (0..2000).map(|i| 1.0 + rise(i)).collect();
        let [crowd] = find_crowds(&residual, 1.0, 0.0)[..] else { panic!("one crowd") };
        assert!((998..=1000).contains(&(crowd.first + 5)), "{crowd:?}");
        assert!((crowd.height - 2.8).abs() < 0.3, "{crowd:?}");
        assert!((crowd.decay_minutes - 20.0).abs() < 2.5, "{crowd:?}");
    }

    #[test]
    fn a_quiet_trace_has_none() {
        assert!(find_crowds(&[1.0; 500], 1.0, 0.0).is_empty());
        assert!(find_crowds(&[], 1.0, 0.0).is_empty());
    }
}
