//! Random interruptions: Poisson times of single instances and of shocks that hit a whole market.
//!
//! Times belong to a market and a slot of the spot pool, never to a launch: mixes that hold the same slot lose it at the same time.

use crate::rng::math::ln;
use crate::rng::{Purpose, Stream};
use crate::scenario::Hazard;
use crate::units::{Duration, MONTH_SECONDS, SimTime};

/// Interruptions per second, by what they hit. Their sum is what one instance meets.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HazardRates {
    /// One instance alone.
    pub alone: f64,
    /// All instances of the market.
    pub market: f64,
    /// All instances of several markets.
    pub common: f64,
}

impl HazardRates {
    /// The rates of a hazard: -ln(1-q) per 730 h from the monthly share q (RULES R110), divided by its shared parts.
    pub fn new(hazard: &Hazard) -> Self {
        let rate = -libm::log1p(-hazard.monthly_share) / MONTH_SECONDS;
        let shared = rate * hazard.shared;
        Self {
            alone: rate * (1.0 - hazard.shared),
            market: shared * (1.0 - hazard.across_markets),
            common: shared * hazard.across_markets,
        }
    }
}

/// Events per second, from their number in a month of 730 h.
pub fn per_second(per_month: f64) -> f64 {
    per_month / MONTH_SECONDS
}

/// A Poisson process of interruption times.
#[derive(Debug, Clone)]
pub struct HazardClock {
    numbers: Stream,
    replication: u32,
    entity: u64,
    per_second: f64,
    draw: u32,
    last: SimTime,
}

impl HazardClock {
    /// The process numbered `process` of market `market`: 0 for shocks of the whole market, 1 + slot for one slot of the pool.
    pub fn new(seed: u32, replication: u32, market: u32, process: u32, per_second: f64, from: SimTime) -> Self {
        let entity = (u64::from(market) << 32) | u64::from(process);
        Self { numbers: Stream::new(seed, Purpose::Interruption), replication, entity, per_second, draw: 0, last: from }
    }

    /// Entity and number of the last draw: where other numbers of the same event may be addressed.
    pub fn address(&self) -> (u64, u32) {
        (self.entity, self.draw)
    }

    /// The next time, in whole milliseconds; `None` when it never happens.
    pub fn next_time(&mut self) -> Option<SimTime> {
        if self.per_second <= 0.0 {
            return None;
        }
        let gap = -ln(self.numbers.uniform(self.replication, self.entity, self.draw)) / self.per_second;
        self.draw += 1;
        if gap > 3e9 {
            return None;
        }
        self.last = self.last + Duration::from_secs_f64_rounded_to_millis(gap);
        Some(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_becomes_its_hourly_rate() {
        // RULES R110: 5 % a month is 7.0e-5 per hour, 20 % is 3.06e-4 per hour.
        let rates =
            |monthly_share, shared, across_markets| HazardRates::new(&Hazard { monthly_share, shared, across_markets });
        assert!((rates(0.05, 0.0, 0.0).alone * 3600.0 - 7.0e-5).abs() < 5e-7);
        assert!((rates(0.20, 0.0, 0.0).alone * 3600.0 - 3.06e-4).abs() < 1e-6);
        let parts = rates(0.2, 0.5, 0.25);
        assert!((parts.market / parts.alone - 0.75).abs() < 1e-12 && (parts.common / parts.alone - 0.25).abs() < 1e-12);
    }

    #[test]
    fn interruptions_come_at_the_rate() {
        let mut clock = HazardClock::new(1, 0, 0, 1, 0.01, SimTime::START);
        let last = (0..10_000).map(|_| clock.next_time().unwrap()).last().unwrap();
        // 10,000 gaps of mean 100 s: four standard errors are 4 %.
        assert!((last.as_secs_f64() / 1e6 - 1.0).abs() < 0.04);
        assert_eq!(HazardClock::new(1, 0, 0, 1, 0.0, SimTime::START).next_time(), None);
    }
}
