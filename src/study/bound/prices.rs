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

/// The least prices of the seconds between two times, each with the share of the time that has it. Where no maximum lets an instance run there
/// is none.
pub(super) fn price_levels(market: &OfMarket, maxima: &[Rate], from: SimTime, until: SimTime) -> Vec<(f64, f64)> {
    // Between these times nothing changes about the least price of a second.
    let steps = market.path.steps();
    let (first, last) = (market.path.index_at(from - Duration::HOUR), market.path.index_at(until));
    let of_prices = steps[first..=last].iter().flat_map(|(time, _)| [*time, *time + Duration::HOUR]);
    let of_free = market.free.iter().flat_map(|(begins, ends)| [*begins, *ends]);
    let mut times: Vec<SimTime> = of_prices.chain(of_free).filter(|time| from < *time && *time < until).collect();
    times.extend([from, until]);
    times.sort_unstable();
    times.dedup();
    let length = (until - from).as_secs_f64();
    let mut levels: Vec<(f64, f64)> = Vec::new();
    for pair in times.windows(2) {
        // What begins at the end does not count yet.
        let Some(price) = least_price(market, maxima, pair[0], pair[1] - Duration::from_nanos(1)) else { continue };
        let share = (pair[1] - pair[0]).as_secs_f64() / length;
        match levels.iter_mut().find(|(other, _)| *other == price) {
            Some((_, known)) => *known += share,
            None => levels.push((price, share)),
        }
    }
    levels
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

    /// No second costs less than its level says, and levels cover the time in which an instance can run.
    #[test]
    fn levels_are_those_of_the_seconds() {
        let minute = |minutes: i64| SimTime::from_secs(minutes * 60);
        let steps = vec![
            (minute(0), rate(0.3)),
            (minute(90), rate(0.2)),
            (minute(300), rate(1.2)),
            (minute(330), rate(0.4)),
            (minute(345), rate(0.25)),
        ];
        let maxima = [rate(0.5)];
        let market = OfMarket::new(PricePath::new(steps), &maxima, Duration::from_secs(120));
        for hour in 1..9 {
            let (from, until) = (minute(60 * hour), minute(60 * hour + 60));
            let mut found = price_levels(&market, &maxima, from, until);
            let mut expected: Vec<(f64, f64)> = Vec::new();
            for second in 0..3600 {
                let begin = from + Duration::from_secs(second);
                let end = begin + Duration::from_secs(1) - Duration::from_nanos(1);
                let Some(price) = least_price(&market, &maxima, begin, end) else { continue };
                match expected.iter_mut().find(|(other, _)| *other == price) {
                    Some((_, share)) => *share += 1.0 / 3600.0,
                    None => expected.push((price, 1.0 / 3600.0)),
                }
            }
            found.sort_by(|a, b| a.0.total_cmp(&b.0));
            expected.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert_eq!(found.len(), expected.len(), "hour {hour}: {found:?} {expected:?}");
            for (found, expected) in found.iter().zip(&expected) {
                assert!(found.0 == expected.0 && (found.1 - expected.1).abs() < 1e-9, "hour {hour}");
            }
        }
        // From minute 242 on the hour is free; before it costs 0.2.
        assert_eq!(price_levels(&market, &maxima, minute(240), minute(300)), [(0.2, 2.0 / 60.0), (0.0, 58.0 / 60.0)]);
        assert!(price_levels(&market, &[rate(0.1)], minute(420), minute(480)).is_empty());
    }
}
