//! Confidence intervals over independent replications.

use super::Histogram;
use statrs::distribution::{Beta, ContinuousCDF, StudentsT};

/// A point estimate and its confidence interval, if there are enough replications for one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The point estimate.
    pub estimate: f64,
    /// Lower and upper limit; `None` with a single replication.
    pub limits: Option<[f64; 2]>,
}

/// The two-sided Student t factor for `n` replications at confidence `level`.
fn t_factor(n: usize, level: f64) -> Option<f64> {
    (n >= 2).then(|| t_quantile((n - 1) as f64, level))
}

/// The two-sided Student t factor for positive degrees of freedom, those beyond a million being as good as infinitely many.
pub(super) fn t_quantile(freedom: f64, level: f64) -> f64 {
    let law = StudentsT::new(0.0, 1.0, freedom.min(1e6)).expect("degrees of freedom are positive");
    law.inverse_cdf(0.5 + 0.5 * level)
}

/// Mean and standard error of the mean.
pub(super) fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, (squares / (n - 1.0).max(1.0) / n).sqrt())
}

/// The mean of independent values with its Student t interval.
///
/// # Panics
/// If `values` is empty.
pub fn mean_interval(values: &[f64], level: f64) -> Interval {
    assert!(!values.is_empty(), "an estimate needs at least one replication");
    let (estimate, error) = mean_and_error(values);
    let limits = t_factor(values.len(), level).map(|t| [estimate - t * error, estimate + t * error]);
    Interval { estimate, limits }
}

/// The difference of the means of two independent samples, `b` less `a`, whose variances may differ, with Welch's t interval. Without
/// limits if a sample has a single value.
///
/// # Panics
/// If a sample is empty.
pub fn difference_interval(a: &[f64], b: &[f64], level: f64) -> Interval {
    assert!(!a.is_empty() && !b.is_empty(), "an estimate needs at least one replication");
    let (estimate, error, freedom) = welch(a, b);
    let half = (a.len() > 1 && b.len() > 1).then(|| t_quantile(freedom, level) * error);
    Interval { estimate, limits: half.map(|half| [estimate - half, estimate + half]) }
}

/// The mean of `b` less that of `a`, its standard error, and the degrees of freedom of its t (Welch 1947, Satterthwaite 1946). Of samples
/// without any variation they are those of the smaller one.
pub(super) fn welch(a: &[f64], b: &[f64]) -> (f64, f64, f64) {
    let ((mean_a, error_a), (mean_b, error_b)) = (mean_and_error(a), mean_and_error(b));
    let (x, y) = (error_a * error_a, error_b * error_b);
    let freedom = |n: usize| (n - 1) as f64;
    let welch = (x + y) * (x + y) / (x * x / freedom(a.len()) + y * y / freedom(b.len()));
    let freedom = if welch.is_finite() { welch } else { freedom(a.len().min(b.len())) };
    (mean_b - mean_a, (x + y).sqrt(), freedom)
}

/// The share Σy/Σn of counts and, for each pair, what it alone would make of it in the linearised form of [`ratio_interval`]: values
/// whose mean is the share and whose spread is that of its error. `None` when Σn is 0.
pub fn share_by_replication(parts: &[u64], wholes: &[u64]) -> Option<Vec<f64>> {
    let float = |counts: &[u64]| counts.iter().map(|count| *count as f64).collect::<Vec<f64>>();
    let (ratio, residuals) = linearised(&float(parts), &float(wholes))?;
    Some(residuals.into_iter().map(|residual| ratio + residual).collect())
}

/// The ratio of sums and by how much each pair moves it; `None` when the lower sum is 0.
fn linearised(numerators: &[f64], denominators: &[f64]) -> Option<(f64, Vec<f64>)> {
    let total: f64 = denominators.iter().sum();
    let ratio = numerators.iter().sum::<f64>() / total;
    let mean = total / denominators.len() as f64;
    let residuals = numerators.iter().zip(denominators).map(|(y, n)| (y - ratio * n) / mean);
    (total != 0.0).then(|| (ratio, residuals.collect()))
}

/// The ratio of sums Σy/Σn with a t interval on the linearised residuals y − (Σy/Σn)·n (the delta method).
///
/// The estimate is 0 when Σn is 0.
pub fn ratio_interval(numerators: &[f64], denominators: &[f64], level: f64) -> Interval {
    let Some((estimate, residuals)) = linearised(numerators, denominators) else {
        return Interval { estimate: 0.0, limits: (numerators.len() > 1).then_some([0.0, 0.0]) };
    };
    let (_, error) = mean_and_error(&residuals);
    let limits = t_factor(numerators.len(), level).map(|t| [estimate - t * error, estimate + t * error]);
    Interval { estimate, limits }
}

/// The quantile of all values of independent replications pooled, with an interval by inversion (Woodruff):
/// the limits are the pooled quantiles at q ± t·se of the share of values below the point estimate.
pub fn quantile_interval(replications: &[&Histogram], q: f64, level: f64) -> Interval {
    let mut pooled = Histogram::default();
    for histogram in replications {
        pooled.merge(histogram);
    }
    let estimate = pooled.quantile(q);
    let below: Vec<f64> = replications.iter().map(|h| h.count_below(estimate)).collect();
    let totals: Vec<f64> = replications.iter().map(|h| h.total() as f64).collect();
    let limits = ratio_interval(&below, &totals, level).limits.map(|[low, high]| {
        let half = 0.5 * (high - low);
        [pooled.quantile(q - half), pooled.quantile(q + half)]
    });
    Interval { estimate, limits }
}

/// A share of `n` independent yes/no outcomes with its exact (Clopper-Pearson) interval.
pub fn proportion_interval(yes: f64, n: usize, level: f64) -> Interval {
    let count = n as f64;
    let tail = 0.5 * (1.0 - level);
    let quantile = |a: f64, b: f64, p: f64| Beta::new(a, b).map_or(f64::NAN, |law| law.inverse_cdf(p));
    let low = if yes <= 0.0 { 0.0 } else { quantile(yes, count - yes + 1.0, tail) };
    let high = if yes >= count { 1.0 } else { quantile(yes + 1.0, count - yes, 1.0 - tail) };
    Interval { estimate: yes / count, limits: (n >= 2).then_some([low, high]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_replication_has_no_interval() {
        assert_eq!(mean_interval(&[3.0], 0.95), Interval { estimate: 3.0, limits: None });
        assert_eq!(ratio_interval(&[3.0], &[6.0], 0.95), Interval { estimate: 0.5, limits: None });
    }

    #[test]
    fn the_t_interval_is_the_textbook_one() {
        // Mean 3, s = sqrt(2.5), n = 5, t(4, .975) = 2.776445.
        let interval = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95);
        let half = 2.776_445_105 * (2.5f64 / 5.0).sqrt();
        let [low, high] = interval.limits.unwrap();
        assert!((low - (3.0 - half)).abs() < 1e-6 && (high - (3.0 + half)).abs() < 1e-6);
    }

    #[test]
    fn a_ratio_weighs_replications_by_their_size() {
        let interval = ratio_interval(&[1.0, 30.0], &[10.0, 100.0], 0.95);
        assert!((interval.estimate - 31.0 / 110.0).abs() < 1e-12);
    }

    #[test]
    fn the_difference_of_two_samples_is_the_textbook_one() {
        // Means 3 and 5, variances 2.5 and 10, n = 5 each: se² = 0.5 + 2, df = 6.25 / (0.0625 + 1) = 5.882, t(.975) = 2.4589.
        let interval = difference_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 3.0, 5.0, 7.0, 9.0], 0.95);
        let [low, high] = interval.limits.unwrap();
        assert!((interval.estimate - 2.0).abs() < 1e-12);
        assert!((0.5 * (high - low) / 2.5f64.sqrt() - 2.4589).abs() < 2e-3, "{low} {high}");
        assert_eq!(difference_interval(&[1.0, 1.0], &[4.0, 4.0], 0.95).limits, Some([3.0, 3.0]));
        assert_eq!(difference_interval(&[1.0], &[4.0, 4.0], 0.95).limits, None);
    }

    #[test]
    fn a_share_by_replication_has_its_mean_and_its_error() {
        let values = share_by_replication(&[1, 30, 9], &[10, 100, 40]).unwrap();
        let (over, under) = ([1.0, 30.0, 9.0], [10.0, 100.0, 40.0]);
        let (direct, indirect) = (ratio_interval(&over, &under, 0.95), mean_interval(&values, 0.95));
        assert!((direct.estimate - indirect.estimate).abs() < 1e-12);
        assert!((direct.limits.unwrap()[0] - indirect.limits.unwrap()[0]).abs() < 1e-12);
        assert_eq!(share_by_replication(&[0], &[0]), None);
    }

    #[test]
    fn clopper_pearson_is_the_textbook_one() {
        // 0 of 8: upper limit 1 - 0.025^(1/8) = 0.36942.
        let [low, high] = proportion_interval(0.0, 8, 0.95).limits.unwrap();
        assert!(low == 0.0 && (high - 0.369_416_6).abs() < 1e-5, "{high}");
    }

    #[test]
    fn the_quantile_interval_contains_the_estimate() {
        let histograms: Vec<Histogram> = (0..4)
            .map(|r| {
                let mut h = Histogram::default();
                (0..1000).for_each(|i| h.add(f64::from(i) * (1.0 + 0.01 * f64::from(r)) / 1000.0));
                h
            })
            .collect();
        let interval = quantile_interval(&histograms.iter().collect::<Vec<_>>(), 0.95, 0.95);
        let [low, high] = interval.limits.unwrap();
        assert!(low < interval.estimate && interval.estimate < high && high - low < 0.1);
    }
}
