//! How the cost of a month spreads over replications.

use crate::results::{MixRecord, Results};
use crate::units::MONTH_SECONDS;

/// With fewer replications the dearest tenth is one or two of them, and says little.
pub const FEWEST_FOR_TAILS: usize = 20;

/// The spread of the cost of a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// The cheapest replication.
    pub least: f64,
    /// The middle one (P50).
    pub median: f64,
    /// The dearest.
    pub most: f64,
    /// What nine of ten replications are below (P90), and the mean of the dearest tenth (CVaR); `None` of few replications.
    pub tail: Option<(f64, f64)>,
}

/// The cost of a month in each replication; `None` where it speaks of no risk: when neither demand nor markets varied, with a single
/// replication, or in a record without figures of single replications.
pub fn monthly_costs(results: &Results, mix: &MixRecord) -> Option<Vec<f64>> {
    let costs = &mix.by_replication.cost;
    let month = MONTH_SECONDS / results.scenario.horizon_seconds;
    (results.demand_or_market_varied && costs.len() > 1 && month.is_finite())
        .then(|| costs.iter().map(|cost| cost * month).collect())
}

/// The spread of these costs; `None` if there are none.
pub fn risk(costs: &[f64]) -> Option<Risk> {
    let mut sorted = costs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (least, most) = (*sorted.first()?, *sorted.last()?);
    let tail = (sorted.len() >= FEWEST_FOR_TAILS).then(|| {
        let dearest = &sorted[sorted.len() - sorted.len().div_ceil(10)..];
        (quantile(&sorted, 0.9), dearest.iter().sum::<f64>() / dearest.len() as f64)
    });
    Some(Risk { least, median: quantile(&sorted, 0.5), most, tail })
}

/// Linear between order statistics (Hyndman and Fan 1996, type 7). The values are sorted, and there is one.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_dearest_tenth() {
        let costs: Vec<f64> = (1..=21).rev().map(f64::from).collect();
        let risk = risk(&costs).unwrap();
        assert_eq!((risk.least, risk.median, risk.most), (1.0, 11.0, 21.0));
        // Place 18 of 0 to 20; the dearest tenth of 21 are three.
        assert_eq!(risk.tail, Some((19.0, 20.0)));
        assert_eq!(super::risk(&costs[..19]).unwrap().tail, None);
        assert_eq!(super::risk(&[]), None);
    }
}
