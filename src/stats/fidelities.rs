//! What a cheap model is worth beside a dear one.

/// How two models of the same thing estimate its mean together, the dear one corrected by the cheap one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoFidelities {
    /// Variance of the estimate over that of the dear model alone, at equal cost.
    pub variance_ratio: f64,
    /// Runs of the cheap model for each of the dear one that make it least.
    pub cheap_runs: f64,
}

/// For models with this correlation, of which the cheap one costs `cost_ratio` of the dear one (Peherstorfer, Willcox and Gunzburger, 2016:
/// *Optimal model management for multifidelity Monte Carlo estimation*).
///
/// `None` unless the correlation is between -1 and 1 and not 0, the ratio positive, and the cheap model is worth more runs than the dear
/// one gets.
pub fn two_fidelities(correlation: f64, cost_ratio: f64) -> Option<TwoFidelities> {
    let explained = correlation * correlation;
    let cheap_runs = (explained / (cost_ratio * (1.0 - explained))).sqrt();
    let known = explained < 1.0 && cost_ratio > 0.0 && cheap_runs >= 1.0 && cheap_runs.is_finite();
    known.then(|| TwoFidelities {
        variance_ratio: ((1.0 - explained).sqrt() + (cost_ratio * explained).sqrt()).powi(2),
        cheap_runs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variance of m dear runs with n cheap ones is (1 - ρ²) σ² / m + ρ² σ² / n: no other division of the budget has less.
    #[test]
    fn no_other_division_is_better() {
        let (correlation, cost_ratio) = (0.9f64, 0.01);
        let best = two_fidelities(correlation, cost_ratio).unwrap();
        let explained = correlation * correlation;
        let variance = |cheap: f64| (1.0 + cost_ratio * cheap) * ((1.0 - explained) + explained / cheap);
        assert!((variance(best.cheap_runs) - best.variance_ratio).abs() < 1e-12);
        for other in [0.5, 0.9, 1.1, 2.0] {
            assert!(variance(other * best.cheap_runs) > best.variance_ratio);
        }
        assert_eq!([two_fidelities(0.1, 0.5), two_fidelities(1.0, 0.1), two_fidelities(f64::NAN, 0.1)], [None; 3]);
    }
}
