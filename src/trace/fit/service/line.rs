//! A straight line through points in order of time, with the uncertainty of its slope and its beginning.

use super::Fitted;
use crate::stats::mean_interval;

/// A line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) slope: Fitted,
    pub(super) intercept: Fitted,
    /// Share of the variance that it explains.
    pub(super) explained: f64,
}

/// Stretches of time that are left out one after the other: neighbouring intervals have the same disturbances.
const STRETCHES: usize = 20;

/// Least squares; `None` if all points stand above each other.
pub(super) fn fit(points: &[(f64, f64)]) -> Option<Line> {
    let [slope, intercept, explained] = least_squares(points.iter().copied())?;
    let stretch = points.len().div_ceil(STRETCHES);
    let count = points.len().div_ceil(stretch) as f64;
    let mut pseudo = [Vec::new(), Vec::new()];
    for begin in (0..points.len()).step_by(stretch) {
        let others = points.iter().enumerate().filter(|(at, _)| !(begin..begin + stretch).contains(at));
        let [s, i, _] = least_squares(others.map(|(_, point)| *point))?;
        // Tukey's pseudo-values: their mean has the variance of the estimate.
        pseudo[0].push(count * slope - (count - 1.0) * s);
        pseudo[1].push(count * intercept - (count - 1.0) * i);
    }
    let [slope, intercept] = [(slope, &pseudo[0]), (intercept, &pseudo[1])].map(|(value, pseudo)| {
        let interval = mean_interval(pseudo, 0.95);
        let half = interval.limits.map_or(f64::INFINITY, |[low, high]| 0.5 * (high - low));
        Fitted { value, ci95: [value - half, value + half] }
    });
    Some(Line { slope, intercept, explained })
}

fn least_squares(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<[f64; 3]> {
    let n = points.clone().count() as f64;
    let mean = |pick: fn((f64, f64)) -> f64| points.clone().map(pick).sum::<f64>() / n;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let sum = |pick: &dyn Fn(f64, f64) -> f64| points.clone().map(|(a, b)| pick(a - x, b - y)).sum::<f64>();
    let (xx, xy, yy) = (sum(&|a, _| a * a), sum(&|a, b| a * b), sum(&|_, b| b * b));
    // No more than rounding apart.
    if xx.is_nan() || xx <= 1e-12 * n * x * x {
        return None;
    }
    let slope = xy / xx;
    Some([slope, y - slope * x, if yy > 0.0 { slope * xy / yy } else { 1.0 }])
}
