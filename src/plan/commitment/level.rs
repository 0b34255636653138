//! The rule of levels: the best purchase of terms that all cover the whole time.
//!
//! The first level of a usage is in use whenever at least one instance runs, the second whenever two do. A level that is used for
//! U hours is covered by the offer with the lowest fee + price · U, or by none if on-demand costs no more: the lower envelope of
//! these lines, known as screening curves. With uncertain usage U is its mean over the worlds (the newsvendor's fractile). Levels do not
//! meet each other, so this is optimal; where terms begin at several dates it is not, and [`super::solve`] is needed.

/// A commitment for all of the time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cover {
    /// Due whether it is used or not, in the currency.
    pub fee: f64,
    /// Due for each hour that is used.
    pub price: f64,
}

/// What to cover each level with.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// How many levels each offer covers.
    pub counts: Vec<u32>,
    /// The cost of all levels.
    pub cost: f64,
}

/// Covers levels, each used for some hours, with the cheapest of the offers or on-demand at `on_demand` for an hour.
///
/// An offer must save something: at equal cost nothing is bought, and of equal offers the first.
pub fn cover(hours: &[f64], on_demand: f64, offers: &[Cover]) -> Levels {
    let mut levels = Levels { counts: vec![0; offers.len()], cost: 0.0 };
    for used in hours {
        let mut best = (on_demand * used, None);
        for (index, offer) in offers.iter().enumerate() {
            let cost = offer.fee + offer.price * used;
            if cost < best.0 {
                best = (cost, Some(index));
            }
        }
        levels.cost += best.0;
        if let Some(index) = best.1 {
            levels.counts[index] += 1;
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::commitment::{Curve, Segment};

    fn hours(demand: &[f64]) -> Vec<f64> {
        let hours: Vec<_> = demand.iter().map(|instances| [Segment { instances: *instances, price: 1.0 }]).collect();
        Curve::new(hours.iter().map(|hour| hour.as_slice())).savings().to_vec()
    }

    const DEMAND: [f64; 12] = [3.0, 5.0, 2.0, 7.0, 4.0, 4.0, 6.0, 1.0, 3.0, 5.0, 2.0, 4.0];

    #[test]
    fn a_level_is_covered_if_its_use_pays_the_fee() {
        let used = hours(&DEMAND);
        assert_eq!(used, [12.0, 11.0, 9.0, 7.0, 4.0, 2.0, 1.0]);
        let levels = cover(&used, 1.0, &[Cover { fee: 5.0, price: 0.1 }]);
        assert_eq!(levels.counts, [4]);
        assert!((levels.cost - 30.9).abs() < 1e-9);
        // A level of 5 hours would save nothing at a fee of 5.
        assert_eq!(cover(&[5.0], 1.0, &[Cover { fee: 5.0, price: 0.0 }]).counts, [0]);
    }

    #[test]
    fn each_level_takes_the_lowest_line() {
        let offers = [Cover { fee: 6.0, price: 0.0 }, Cover { fee: 3.0, price: 0.35 }];
        let levels = cover(&hours(&DEMAND), 1.0, &offers);
        assert_eq!(levels.counts, [3, 1]);
        assert!((levels.cost - 30.45).abs() < 1e-9);
    }
}
