//! The total of a finite population of which some were looked at, chosen at random within strata.

use super::Interval;
use super::interval::t_quantile;

/// A part of a population and what was found in a random sample of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stratum {
    /// Members of the stratum.
    pub members: usize,
    /// The values of those that were looked at: all of them, or at least two.
    pub values: Vec<f64>,
}

/// The estimated total of a stratified population: the sum over strata of members times the sample's mean (Cochran, Sampling Techniques,
/// chapter 5).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StratifiedTotal {
    /// The total.
    pub estimate: f64,
    /// Its estimated variance, zero for strata that were looked at as a whole.
    pub variance: f64,
    /// Degrees of freedom of the variance; infinite if it is zero.
    pub freedom: f64,
}

impl StratifiedTotal {
    /// The total of the strata together.
    ///
    /// The degrees of freedom are Satterthwaite's, which take values to be about normal, or fewer: a few values far out make a
    /// variance less certain, and a sample that has none of them makes it too small (Cochran, Sampling Techniques, section 5.4).
    ///
    /// # Panics
    /// If a stratum with members has no values, or one only of several members.
    pub fn new(strata: &[Stratum]) -> Self {
        let (mut total, mut quartic) = (Self::default(), 0.0);
        let mut residuals: Vec<f64> = Vec::new();
        for Stratum { members, values } in strata.iter().filter(|stratum| stratum.members > 0) {
            let (all, looked) = (*members as f64, values.len() as f64);
            assert!(values.len() == *members || values.len() >= 2, "a variance needs two values");
            let mean = values.iter().sum::<f64>() / looked;
            total.estimate += all * mean;
            if values.len() < *members {
                let spread: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
                let part = all * all * (1.0 - looked / all) * spread / (looked - 1.0) / looked;
                total.variance += part;
                quartic += part * part / (looked - 1.0);
                residuals.extend(values.iter().map(|value| value - mean));
            }
        }
        total.freedom = if quartic > 0.0 {
            (total.variance * total.variance / quartic).min(freedom_by_kurtosis(&residuals))
        } else {
            f64::INFINITY
        };
        total
    }

    /// Student's interval of the total.
    pub fn interval(&self, level: f64) -> Interval {
        let half = if self.variance > 0.0 { t_quantile(self.freedom, level) * self.variance.sqrt() } else { 0.0 };
        Interval { estimate: self.estimate, limits: Some([self.estimate - half, self.estimate + half]) }
    }
}

/// Degrees of freedom of the variance of such values: the variance of that of n values with the kurtosis κ is
/// σ⁴ (κ - (n - 3) / (n - 1)) / n, that of a chi-square variable with f degrees of freedom 2 σ⁴ / f.
fn freedom_by_kurtosis(residuals: &[f64]) -> f64 {
    let count = residuals.len() as f64;
    let moment = |power: i32| residuals.iter().map(|value| value.powi(power)).sum::<f64>() / count;
    let kurtosis = moment(4) / (moment(2) * moment(2));
    2.0 * count / (kurtosis - (count - 3.0) / (count - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_population_is_known_exactly() {
        let total = StratifiedTotal::new(&[
            Stratum { members: 3, values: vec![1.0, 2.0, 6.0] },
            Stratum { members: 0, values: vec![] },
            Stratum { members: 1, values: vec![4.0] },
        ]);
        assert_eq!((total.estimate, total.variance), (13.0, 0.0));
        assert_eq!(total.interval(0.95).limits, Some([13.0, 13.0]));
    }

    /// Two strata by hand: 10 members, values 1, 2, 3; 4 members, values 5, 7.
    #[test]
    fn a_sample_is_expanded_by_stratum() {
        let total = StratifiedTotal::new(&[
            Stratum { members: 10, values: vec![1.0, 2.0, 3.0] },
            Stratum { members: 4, values: vec![5.0, 7.0] },
        ]);
        let parts = [100.0 * 0.7 * 1.0 / 3.0, 16.0 * 0.5 * 2.0 / 2.0];
        assert!((total.estimate - 44.0).abs() < 1e-12);
        assert!((total.variance - (parts[0] + parts[1])).abs() < 1e-9);
        let freedom = (parts[0] + parts[1]).powi(2) / (parts[0] * parts[0] / 2.0 + parts[1] * parts[1]);
        assert!((total.freedom - freedom).abs() < 1e-9);
    }

    /// Seven zeros and an eight: kurtosis 301/49, so 16 / (301/49 - 5/7) in place of seven.
    #[test]
    fn a_value_far_out_takes_degrees_of_freedom() {
        let values = vec![0.0, 0.0, 0.0, 8.0, 0.0, 0.0, 0.0, 0.0];
        let total = StratifiedTotal::new(&[Stratum { members: 20, values }]);
        assert!((total.freedom - 56.0 / 19.0).abs() < 1e-12, "{}", total.freedom);
        let even = StratifiedTotal::new(&[Stratum { members: 20, values: (0..8).map(f64::from).collect() }]);
        assert_eq!(even.freedom, 7.0);
    }
}
