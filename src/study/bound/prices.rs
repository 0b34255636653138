//! The least that a second of spot can cost somebody who knows all prices.
//!
//! Rules let an hour cost what its start cost, so a second costs at least the lowest price of the 3600 s up to it. In the bid era the
//! hour that the cloud breaks off is free: every second of the hour before an instance with one of the listed maxima is gone. A second
//! interruption changes nothing about that.

use crate::market::PricePath;
use crate::units::{Duration, Rate, SimTime};

/// A market's prices in one replication, and when hours are free.
#[derive(Debug, Clone)]
pub(super) struct OfMarket {
    path: PricePath,
    /// Stretches of time that can be free, each an hour long.
    free: Vec<(SimTime, SimTime)>,
}

impl OfMarket {
    /// Prices with hours that are free because an instance with one of `maxima` is taken away, `notice` after the price passes it.
    pub(super) fn new(path: PricePath, maxima: &[Rate], notice: Duration) -> Self {
        let crossings = |maximum: &Rate| {
            let passes =
                |pair: &[(SimTime, Rate)]| (pair[0].1 <= *maximum && pair[1].1 > *maximum).then_some(pair[1].0);
            path.steps().windows(2).filter_map(passes).collect::<Vec<_>>()
        };
        let free = maxima.iter().flat_map(crossings).map(|time| {
            let gone = time + notice;
            (gone - Duration::HOUR, gone)
        });
        Self { free: free.collect(), path }
    }
}

/// The least price of a second between two times with one of these maxima; `None` where no maximum lets an instance run.
pub(super) fn least_price(market: &OfMarket, maxima: &[Rate], from: SimTime, until: SimTime) -> Option<f64> {
    if market.free.iter().any(|(begins, ends)| *begins < until && *ends > from) {
        return Some(0.0);
    }
    let steps = market.path.steps();
    // Somebody who was let in before may still be there until the notice is over, so that hour's prices count, too.
    let (first, last) = (market.path.index_at(from - Duration::HOUR), market.path.index_at(until));
    let least = steps[first..=last].iter().map(|(_, price)| *price).min()?;
    maxima.iter().any(|maximum| least <= *maximum).then(|| least.to_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(units: f64) -> Rate {
        Rate::from_f64(units).unwrap()
    }

    #[test]
    fn hours_before_an_interruption_are_free_and_others_cost_their_cheapest_start() {
        let minute = |minutes: i64| SimTime::from_secs(minutes * 60);
        let steps =
            vec![(minute(0), rate(0.3)), (minute(90), rate(0.2)), (minute(300), rate(1.2)), (minute(330), rate(0.4))];
        let maxima = [rate(0.5)];
        let market = OfMarket::new(PricePath::new(steps), &maxima, Duration::from_secs(120));
        let price = |from, until| least_price(&market, &maxima, minute(from), minute(until));
        assert_eq!(price(0, 60), Some(0.3));
        assert_eq!(price(60, 120), Some(0.2));
        assert_eq!(price(180, 240), Some(0.2));
        // Gone two minutes after the price passes the maximum: the hour from 242 to 302 can be free.
        assert_eq!(price(240, 300), Some(0.0));
        assert_eq!(price(300, 360), Some(0.0));
        assert_eq!(price(420, 480), Some(0.4));
        assert_eq!(least_price(&market, &[rate(0.1)], minute(420), minute(480)), None);
    }
}
