//! The cost that is minimised: its mean, or a mean of it and of the worst cases.

/// How much the worst cases count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// Weight of the mean of the worst cases, from 0 (the mean alone) to 1.
    pub weight: f64,
    /// Where the worst cases begin: 0.95 for the dearest twentieth.
    pub level: f64,
}

impl Risk {
    /// The mean alone.
    pub const NEUTRAL: Risk = Risk { weight: 0.0, level: 0.95 };

    /// (1 - w) E\[cost\] + w CVaR\[cost\] over (cost, probability).
    pub fn of(&self, costs: &[(f64, f64)]) -> f64 {
        let mean: f64 = costs.iter().map(|(cost, probability)| cost * probability).sum();
        if self.weight == 0.0 {
            return mean;
        }
        (1.0 - self.weight) * mean + self.weight * conditional_value_at_risk(costs, self.level)
    }
}

/// The mean of the dearest share 1 - `level` of (value, probability): (1/(1-b)) ∫ VaR over the levels above b.
///
/// The value at the level counts with the part of its probability that lies above (Rockafellar and Uryasev 2002). From a level of
/// 1 on it is the largest value, and 0 without values.
pub fn conditional_value_at_risk(values: &[(f64, f64)], level: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let share = 1.0 - level;
    let Some((largest, _)) = sorted.first().copied().filter(|_| share > 0.0) else {
        return sorted.first().map_or(0.0, |(largest, _)| *largest);
    };
    let (mut left, mut sum) = (share, 0.0);
    for (value, probability) in sorted {
        let part = probability.min(left);
        sum += (value - largest) * part;
        left -= part;
    }
    largest + sum / share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_counts_the_part_of_a_value_at_the_level() {
        let values: Vec<(f64, f64)> =
            [10.0, 12.0, 9.0, 30.0, 14.0, 11.0, 13.0, 50.0, 10.0, 12.0].map(|value| (value, 0.1)).to_vec();
        assert!((conditional_value_at_risk(&values, 0.8) - 40.0).abs() < 1e-9);
        assert!((conditional_value_at_risk(&values, 0.85) - (5.0 + 1.5) / 0.15).abs() < 1e-9);
        assert!((conditional_value_at_risk(&values, 0.0) - 17.1).abs() < 1e-9);
        assert_eq!(conditional_value_at_risk(&values, 1.0), 50.0);
        assert_eq!(conditional_value_at_risk(&[], 0.5), 0.0);
        assert!((Risk { weight: 0.5, level: 0.8 }.of(&values) - 0.5 * (17.1 + 40.0)).abs() < 1e-9);
        assert!((Risk::NEUTRAL.of(&values) - 17.1).abs() < 1e-12);
    }
}
