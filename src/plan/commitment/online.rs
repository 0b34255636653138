//! Buying without knowing the future: rules that see only what was spent until now.
//!
//! Money is counted in fees: a commitment costs 1, an hour on-demand some part of it, and an hour under a commitment a share
//! `alpha` of that (0 if everything is in the fee). Whoever knows the future pays the least; a rule is judged by how many times as
//! much it can cost at worst (W. Wang, B. Liang, B. Li: Optimal online multi-instance acquisition in IaaS clouds, IEEE TPDS 2015).

use std::f64::consts::E;

/// Prices in fees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prices {
    /// An hour on-demand.
    pub hour: f64,
    /// An hour under a commitment costs this share of one on-demand: at least 0 and below 1.
    pub alpha: f64,
}

impl Prices {
    /// Spending on-demand that a commitment would have saved its fee on: 1 / (1 - alpha).
    pub fn break_even(&self) -> f64 {
        1.0 / (1.0 - self.alpha)
    }

    /// What buying at the break-even costs at worst, in multiples of the least: 2 - alpha. No rule without chance does better.
    pub fn ratio_at_break_even(&self) -> f64 {
        2.0 - self.alpha
    }

    /// What buying at a random threshold costs on average at worst, in multiples of the least: e / (e - 1 + alpha). No rule
    /// does better.
    pub fn ratio_at_random(&self) -> f64 {
        E / (E - 1.0 + self.alpha)
    }

    /// The spending at which the random rule buys, for an even number from 0 to 1; `None` is never.
    ///
    /// The density is (1-a) e^((1-a)z) / (e-1+a) below the break-even. What is left of the probability never buys: a threshold at the
    /// break-even instead would cost more on a demand that ends just beyond it.
    pub fn random_threshold(&self, even: f64) -> Option<f64> {
        let exponent = libm::log1p(even * (E - 1.0 + self.alpha));
        (exponent < 1.0).then(|| exponent / (1.0 - self.alpha))
    }

    /// The least cost of one season: demand that would spend `spend` on-demand, all within a term.
    pub fn season_at_least(&self, spend: f64) -> f64 {
        spend.min(1.0 + self.alpha * spend)
    }

    /// The cost of a season when a commitment is bought as soon as spending would pass the threshold.
    pub fn season(&self, spend: f64, threshold: Option<f64>) -> f64 {
        match threshold.filter(|threshold| *threshold < spend) {
            Some(threshold) => threshold + 1.0 + self.alpha * (spend - threshold),
            None => spend,
        }
    }

    /// The expected cost of a season under the random rule.
    pub fn season_at_random(&self, spend: f64) -> f64 {
        // With y = (1-a) z the density is e^y / c, and buying at z costs 1 + a·spend + y.
        let all = E - 1.0 + self.alpha;
        let y = (1.0 - self.alpha) * spend.min(self.break_even());
        let bought = libm::expm1(y) / all;
        let early = ((y - 1.0) * libm::exp(y) + 1.0) / all;
        early + (1.0 + self.alpha * spend) * bought + spend * (1.0 - bought)
    }

    /// The cost of one level of a usage under a rule that buys when the on-demand spending of the last `term` hours would pass a
    /// threshold. `used` is the share of each hour that the level is in use.
    pub fn follow(&self, used: &[f64], term: usize, threshold: Option<f64>) -> f64 {
        let (mut cost, mut recent, mut until) = (0.0, 0.0, 0);
        // Hours paid on-demand; those under a commitment spend nothing.
        let mut spent = vec![0.0; used.len()];
        for (hour, share) in used.iter().enumerate() {
            let price = self.hour * share;
            if hour >= term {
                recent -= spent[hour - term];
            }
            if hour >= until && threshold.is_some_and(|threshold| recent + price > threshold) {
                cost += 1.0;
                until = hour + term;
            }
            if hour < until {
                cost += self.alpha * price;
            } else {
                cost += price;
                recent += price;
                spent[hour] = price;
            }
        }
        cost
    }

    /// The least cost of one level of a usage for whoever knows the future.
    pub fn with_hindsight(&self, used: &[f64], term: usize) -> f64 {
        let mut sums = vec![0.0; used.len() + 1];
        for (hour, share) in used.iter().enumerate() {
            sums[hour + 1] = sums[hour] + self.hour * share;
        }
        let mut least = vec![0.0; used.len() + 1];
        for hour in (0..used.len()).rev() {
            let end = (hour + term).min(used.len());
            let bought = 1.0 + self.alpha * (sums[end] - sums[hour]) + least[end];
            least[hour] = bought.min(self.hour * used[hour] + least[hour + 1]);
        }
        least[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::repeatable::repeatable;
    use proptest::prelude::*;

    fn prices(hour: f64, alpha: f64) -> Prices {
        Prices { hour, alpha }
    }

    #[test]
    fn the_adversary_reaches_the_proved_ratios() {
        for alpha in [0.0, 0.3, 0.5, 0.9] {
            let prices = prices(0.01, alpha);
            let end = prices.break_even() * (1.0 + 1e-12);
            let ratio = prices.season(end, Some(prices.break_even())) / prices.season_at_least(end);
            assert!((ratio - prices.ratio_at_break_even()).abs() < 1e-9, "{alpha}: {ratio}");
            // Every season costs the random rule the same multiple.
            for spend in [0.1, 0.5, 1.0, 2.0, 10.0].map(|part| part * prices.break_even()) {
                let ratio = prices.season_at_random(spend) / prices.season_at_least(spend);
                assert!((ratio - prices.ratio_at_random()).abs() < 1e-9, "{alpha}, {spend}: {ratio}");
            }
        }
    }

    #[test]
    fn the_expected_cost_is_the_mean_over_thresholds() {
        let prices = prices(1.0, 0.3);
        for spend in [0.4, 1.3, 3.0] {
            let n = 200_000;
            let at = |index| prices.season(spend, prices.random_threshold((f64::from(index) + 0.5) / f64::from(n)));
            let mean = (0..n).map(at).sum::<f64>() / f64::from(n);
            assert!((mean - prices.season_at_random(spend)).abs() < 1e-4, "{spend}: {mean}");
        }
        assert!(prices.random_threshold(0.999).is_none() && prices.random_threshold(0.0) == Some(0.0));
    }

    #[test]
    fn a_level_by_hand() {
        // 0.5 an hour, break-even at 1: the third hour would pass it.
        let prices = prices(0.5, 0.0);
        assert_eq!(prices.follow(&[1.0; 6], 4, Some(1.0)), 2.0);
        assert_eq!(prices.with_hindsight(&[1.0; 6], 4), 2.0);
        assert_eq!(prices.follow(&[1.0; 2], 4, Some(1.0)), 1.0);
        // Spending that is older than the term is forgotten.
        assert_eq!(prices.follow(&[1.0, 1.0, 0.0, 0.0, 1.0, 1.0], 4, Some(1.0)), 2.0);
        assert_eq!(prices.follow(&[1.0; 6], 4, None), 3.0);
    }

    proptest! {
        #![proptest_config(repeatable(256))]

        #[test]
        fn break_even_never_costs_more_than_proved(
            used in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0f64..=1.0], 0..80),
            term in 1usize..30,
            hour in 0.01f64..1.5,
            alpha in 0.0f64..0.95,
        ) {
            let prices = prices(hour, alpha);
            let cost = prices.follow(&used, term, Some(prices.break_even()));
            let least = prices.with_hindsight(&used, term);
            prop_assert!(cost <= prices.ratio_at_break_even() * least + 1e-9, "{cost} against {least}");
        }

        #[test]
        fn random_thresholds_never_cost_more_than_proved_in_a_season(
            used in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0f64..=1.0], 1..60),
            hour in 0.01f64..0.5,
            alpha in 0.0f64..0.9,
        ) {
            let prices = prices(hour, alpha);
            let n = 1000;
            let term = used.len();
            let at = |index| prices.follow(&used, term, prices.random_threshold((f64::from(index) + 0.5) / f64::from(n)));
            let mean = (0..n).map(at).sum::<f64>() / f64::from(n);
            let least = prices.with_hindsight(&used, term);
            // The even numbers are 1/n apart, which is one fee in n where a threshold decides on buying.
            let grain = 1.0 / f64::from(n);
            prop_assert!(mean <= prices.ratio_at_random() * least + grain, "{mean} against {least}");
        }
    }
}
