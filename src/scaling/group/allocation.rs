//! Where spot instances are asked for: the allocation strategies (RULES R41).

use crate::units::Rate;
use std::cmp::Reverse;

/// What is known of a spot market when an instance is to be placed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpotMarketView {
    /// Its price.
    pub price: Rate,
    /// Units of capacity that its instances count for.
    pub weight: u32,
    /// How much capacity it seems to have to spare, in any unit that is the same for all markets; more is better.
    pub spare: f64,
    /// Instances of the group that it holds.
    pub held: u32,
}

/// Which market the next spot instance is asked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpotStrategy {
    /// The lowest price of a unit, spread evenly over this many of the cheapest markets.
    LowestPrice {
        /// Markets to spread over, at least one.
        pools: usize,
    },
    /// The market that holds the fewest; of these the cheapest.
    Diversified,
    /// The market with the most to spare.
    CapacityOptimized,
    /// The same, but of markets with about as much to spare the one named first (the order of the list is a priority).
    CapacityOptimizedPrioritized,
    /// Of the markets with the most to spare the cheapest.
    PriceCapacityOptimized,
}

/// Markets whose spare capacity is at least this share of the best one's have about as much.
const ABOUT_AS_MUCH: f64 = 0.5;

/// Indices of the markets in the order in which they are asked, the best first.
///
/// What a cloud knows of its spare capacity is not published; here it is a number of the caller, and "about as much" is half of the
/// largest. At equal standing the earlier market is first.
pub fn rank_markets(strategy: SpotStrategy, markets: &[SpotMarketView]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..markets.len()).collect();
    let per_unit = |index: usize| super::weights::unit_price(markets[index].price, markets[index].weight.max(1));
    let most = markets.iter().map(|market| market.spare).fold(0.0, f64::max);
    let roomy = |index: usize| markets[index].spare >= ABOUT_AS_MUCH * most;
    let by_room = |a: &usize, b: &usize| markets[*b].spare.total_cmp(&markets[*a].spare);
    match strategy {
        SpotStrategy::LowestPrice { pools } => {
            order.sort_by_key(|index| per_unit(*index));
            let spread = pools.clamp(1, order.len().max(1)).min(order.len());
            order[..spread].sort_by_key(|index| markets[*index].held);
        }
        SpotStrategy::Diversified => order.sort_by_key(|index| (markets[*index].held, per_unit(*index))),
        SpotStrategy::CapacityOptimized => order.sort_by(by_room),
        SpotStrategy::CapacityOptimizedPrioritized => {
            order.sort_by(by_room);
            order.sort_by_key(|index| if roomy(*index) { (0, *index) } else { (1, 0) });
        }
        SpotStrategy::PriceCapacityOptimized => {
            order.sort_by(by_room);
            order.sort_by_key(|index| Reverse(roomy(*index)));
            let roomy = order.iter().filter(|index| roomy(**index)).count();
            order[..roomy].sort_by_key(|index| per_unit(*index));
        }
    }
    order
}

/// Spreads `instances` over `pools` markets: how many each gets, and how many the cheapest gets beside that (RULES R42).
///
/// # Panics
/// If there is no market.
pub fn diversified(instances: u32, pools: u32) -> (u32, u32) {
    (instances / pools, instances % pools)
}

/// How many of `target` instances at `price` each stay within `max_total_price` (RULES R43).
pub fn affordable(target: u32, price: Rate, max_total_price: Rate) -> u32 {
    let (price, limit) = (price.nano_per_hour(), max_total_price.nano_per_hour().max(0));
    if price <= 0 { target } else { target.min(u32::try_from(limit / price).unwrap_or(u32::MAX)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(cents: i64, spare: f64, held: u32) -> SpotMarketView {
        SpotMarketView { price: Rate::from_nano_per_hour(cents * 10_000_000), weight: 1, spare, held }
    }

    #[test]
    fn each_strategy_has_its_first_market() {
        let markets = [market(30, 10.0, 0), market(10, 2.0, 3), market(20, 9.0, 1), market(25, 9.5, 0)];
        let first = |strategy| rank_markets(strategy, &markets)[0];
        assert_eq!(first(SpotStrategy::LowestPrice { pools: 1 }), 1);
        assert_eq!(first(SpotStrategy::LowestPrice { pools: 2 }), 2, "of the two cheapest the one with fewer");
        assert_eq!(first(SpotStrategy::Diversified), 3, "of those without any the cheaper");
        assert_eq!(first(SpotStrategy::CapacityOptimized), 0);
        assert_eq!(first(SpotStrategy::PriceCapacityOptimized), 2, "the cheapest with room");
        let mut prioritized = markets;
        prioritized[0].spare = 8.0;
        assert_eq!(rank_markets(SpotStrategy::CapacityOptimizedPrioritized, &prioritized), [0, 2, 3, 1]);
    }

    #[test]
    fn all_markets_stay_in_the_order() {
        let markets = [market(30, 1.0, 0), market(10, 5.0, 3), market(20, 4.0, 1)];
        for strategy in [SpotStrategy::LowestPrice { pools: 9 }, SpotStrategy::PriceCapacityOptimized] {
            let mut order = rank_markets(strategy, &markets);
            order.sort_unstable();
            assert_eq!(order, [0, 1, 2]);
        }
        assert!(rank_markets(SpotStrategy::Diversified, &[]).is_empty());
    }

    #[test]
    fn a_total_price_ends_launches() {
        let price = Rate::from_nano_per_hour(100_000_000);
        assert_eq!(affordable(10, price, Rate::from_nano_per_hour(800_000_000)), 8);
        assert_eq!(affordable(10, price, Rate::from_nano_per_hour(1_500_000_000)), 10);
    }
}
