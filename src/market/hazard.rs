//! Random interruptions: Poisson times of single instances and of shocks that hit a whole market.
//!
//! Times belong to a market and a slot of the spot pool, never to a launch: mixes that hold the same slot lose it at the same time.

use crate::rng::math::ln;
use crate::rng::{Purpose, Stream};
use crate::scenario::Hazard;
use crate::units::{Duration, SimTime};

/// Interruptions per second of (one instance alone, the whole market), from the monthly share: -ln(1-q) per 730 h (RULES R110).
pub fn hazard_rates(hazard: &Hazard) -> (f64, f64) {
    let rate = -libm::log1p(-hazard.monthly_share) / (730.0 * 3600.0);
    (rate * (1.0 - hazard.shared), rate * hazard.shared)
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
        let rate = |q| hazard_rates(&Hazard { monthly_share: q, shared: 0.0 }).0 * 3600.0;
        assert!((rate(0.05) - 7.0e-5).abs() < 5e-7);
        assert!((rate(0.20) - 3.06e-4).abs() < 1e-6);
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
