//! Spot running time, by who ended it and when.

use super::on_demand::hours_from;
use super::{Charge, ChargeKind, EndedBy, Usage};
use crate::market::PricePath;
use crate::scenario::{PriceSampling, SpotBilling};
use crate::units::{Duration, Rate, SimTime};

/// A spot run with what its price depends on.
#[derive(Debug, Clone, Copy)]
pub struct SpotRun<'a> {
    /// The run.
    pub usage: &'a Usage,
    /// The price of its market.
    pub price: &'a PricePath,
    /// Time from the clock hour before the start of simulated time to that start.
    pub since_clock_hour: Duration,
}

/// The billed time of a spot run (RULES R6, R13).
///
/// * bid-2015: whole hours; the broken hour is free when the cloud interrupts, else it is billed whole.
/// * modern: whole seconds, at least the minimum; free when the cloud interrupts within the first hour, or the time set.
pub fn spot_billed_time(run: Duration, ended_by: EndedBy, rule: SpotBilling) -> Duration {
    let by_cloud = ended_by == EndedBy::Cloud;
    match rule {
        SpotBilling::Bid2015(_) if by_cloud => Duration::HOUR.times(run.nanos() / Duration::HOUR.nanos()),
        SpotBilling::Bid2015(_) => run.rounded_up_to(Duration::HOUR),
        SpotBilling::Modern(modern) if by_cloud && run < modern.free_if_interrupted_within => Duration::ZERO,
        SpotBilling::Modern(modern) => run.rounded_up_to(Duration::from_secs(1)).max(modern.minimum),
    }
}

impl SpotRun<'_> {
    /// The charges of the run: one an hour since launch, or one a price within it, as the sampling says.
    pub fn charges(&self, rule: SpotBilling) -> Vec<Charge> {
        if !self.usage.length().is_positive() {
            return Vec::new();
        }
        let sampling = match rule {
            SpotBilling::Bid2015(settings) => settings.price_sampling,
            SpotBilling::Modern(settings) => settings.price_sampling,
        };
        let end = self.usage.from + spot_billed_time(self.usage.length(), self.usage.ended_by, rule);
        self.priced_intervals(end, sampling).into_iter().map(|interval| self.charge(interval)).collect()
    }

    fn charge(&self, (start, end, rate): (SimTime, SimTime, Rate)) -> Charge {
        Charge {
            kind: ChargeKind::Spot,
            instance: Some(self.usage.instance),
            market: self.usage.market,
            commitment: None,
            capacity: None,
            start,
            end,
            quantity: end - start,
            rate: Some(rate),
            amount: rate.charge_for(end - start),
        }
    }

    /// The billed time from launch to `end`, cut where the price that applies may change.
    fn priced_intervals(&self, end: SimTime, sampling: PriceSampling) -> Vec<(SimTime, SimTime, Rate)> {
        let from = self.usage.from;
        let cuts: Vec<(SimTime, SimTime)> = match sampling {
            PriceSampling::InstanceHourStart => hours_from(from, end).collect(),
            PriceSampling::Continuous => {
                let steps = self.price.steps().iter().map(|(time, _)| *time).filter(|t| *t > from && *t < end);
                intervals(from, steps, end)
            }
            PriceSampling::ClockHourStart => {
                let since_hour =
                    (from.since_start() + self.since_clock_hour).nanos().rem_euclid(Duration::HOUR.nanos());
                let first = from - Duration::from_nanos(since_hour) + Duration::HOUR;
                intervals(from, hours_from(first, end).map(|(hour, _)| hour), end)
            }
        };
        cuts.into_iter().map(|(start, end)| (start, end, self.price.at(start))).collect()
    }
}

/// `from..end` cut at `cuts`, which lie within it in increasing order.
fn intervals(from: SimTime, cuts: impl Iterator<Item = SimTime>, end: SimTime) -> Vec<(SimTime, SimTime)> {
    if from >= end {
        return Vec::new();
    }
    let starts: Vec<SimTime> = std::iter::once(from).chain(cuts).collect();
    let ends = starts.iter().skip(1).copied().chain(std::iter::once(end));
    starts.iter().copied().zip(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::PurchaseOption;
    use crate::scenario::{Bid2015Billing, ModernSpotBilling};
    use crate::units::Money;

    fn bid_2015() -> SpotBilling {
        SpotBilling::Bid2015(Bid2015Billing::default())
    }

    fn modern(price_sampling: PriceSampling) -> SpotBilling {
        SpotBilling::Modern(ModernSpotBilling { price_sampling, ..ModernSpotBilling::default() })
    }

    fn cost(run_seconds: i64, ended_by: EndedBy, rule: SpotBilling, prices: &[(i64, f64)]) -> f64 {
        let usage = Usage {
            instance: 0,
            option: PurchaseOption::Spot,
            market: Some(0),
            from: SimTime::START,
            until: SimTime::from_secs(run_seconds),
            ended_by,
        };
        let steps = prices.iter().map(|(t, p)| (SimTime::from_secs(*t), Rate::from_f64(*p).unwrap())).collect();
        let price = PricePath::new(steps);
        let run = SpotRun { usage: &usage, price: &price, since_clock_hour: Duration::from_secs(1800) };
        run.charges(rule).iter().map(|charge| charge.amount).sum::<Money>().to_f64()
    }

    #[test]
    fn the_interruption_table_comes_out() {
        let billed = |run: i64, by, rule| spot_billed_time(Duration::from_secs(run), by, rule).nanos() / 1_000_000_000;
        let seconds = modern(PriceSampling::default());
        // RULES R6: first hour, later hours; by the owner, by the cloud; per second, per hour.
        assert_eq!([billed(2400, EndedBy::Owner, seconds), billed(5400, EndedBy::Owner, seconds)], [2400, 5400]);
        assert_eq!([billed(2400, EndedBy::Cloud, seconds), billed(5400, EndedBy::Cloud, seconds)], [0, 5400]);
        assert_eq!([billed(2400, EndedBy::Owner, bid_2015()), billed(5400, EndedBy::Owner, bid_2015())], [3600, 7200]);
        assert_eq!([billed(2400, EndedBy::Cloud, bid_2015()), billed(5400, EndedBy::Cloud, bid_2015())], [0, 3600]);
        assert_eq!(billed(3600, EndedBy::Cloud, bid_2015()), 3600, "a complete hour is not broken");
    }

    #[test]
    fn the_bid_market_costs_the_price_of_each_hours_start() {
        // Vector spot-2015-02: 1.5 h, 0.04 then 0.05 from 30 minutes on, ended by the user: 0.04 + 0.05.
        assert!((cost(5400, EndedBy::Owner, bid_2015(), &[(0, 0.04), (1800, 0.05)]) - 0.09).abs() < 1e-12);
        assert!((cost(5400, EndedBy::Cloud, bid_2015(), &[(0, 0.04), (1800, 0.05)]) - 0.04).abs() < 1e-12);
    }

    #[test]
    fn the_price_sampling_is_a_setting() {
        let prices = [(0, 0.04), (2400, 0.10)];
        let by = |sampling| cost(5400, EndedBy::Owner, modern(sampling), &prices);
        assert!((by(PriceSampling::InstanceHourStart) - (0.04 + 0.05)).abs() < 1e-9);
        assert!((by(PriceSampling::Continuous) - (0.04 * 2400.0 + 0.10 * 3000.0) / 3600.0).abs() < 1e-9);
        // The start is half past: the price at launch until the full hour (1800 s), 0.04 still, then 0.10 from 5400 s on.
        assert!((by(PriceSampling::ClockHourStart) - 0.04 * 1.5).abs() < 1e-9);
    }
}
