//! Random numbers that depend only on what they are for.
//!
//! A draw is a function of (seed, purpose) and (replication, entity, draw): no state, no order. So the same request needs the
//! same work under every mix, whatever else was drawn before, and differences between mixes are paired.

mod bulk;
mod empirical;
mod law;
pub mod math;
mod normal;
mod philox;
mod quantile_table;
#[cfg(test)]
pub(crate) mod repeatable;

pub use empirical::Quantiles;
pub use law::Sampler;
pub use philox::philox4x32_10;
pub use quantile_table::QuantileTable;

/// What random numbers are used for. Numbers of different purposes are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Purpose {
    /// Work of a request, and its place in time.
    Request = 1,
    /// Gaps between arrivals.
    Gap = 2,
    /// Stages of a boot.
    Boot = 3,
    /// Prices of a market.
    Market = 4,
    /// Interruptions besides the price.
    Interruption = 5,
    /// Blocks of days between replications.
    Resample = 6,
    /// Delay of a spot request.
    Fulfilment = 7,
    /// Launches that fail.
    LaunchFailure = 8,
    /// A generated demand trace.
    TraceDemand = 9,
    /// A generated price trace.
    TracePrice = 10,
    /// How long a client waits.
    Patience = 11,
    /// When an instance fails.
    InstanceFailure = 20,
    /// Signals that an instance is at risk.
    RebalanceSignal = 21,
    /// Spot requests that are accepted and not delivered.
    Undelivered = 22,
    /// Which markets a common shock hits.
    CommonShock = 23,
    /// A generated capacity trace.
    TraceCapacity = 24,
    /// Blocks of resampled traces.
    TraceResample = 25,
    /// When an instance is checked.
    HealthCheck = 26,
    /// Work of a task that can wait.
    BackgroundTask = 27,
    /// How long a container takes to start.
    ContainerStart = 28,
    /// When a job is released, and its work.
    Job = 29,
    /// Which segments of a long horizon are simulated request by request.
    Segments = 30,
    /// Generated requests.
    TraceRequests = 31,
    /// What arrives in a minute, where requests are not drawn one by one.
    Minute = 32,
}

/// All random numbers of one seed and purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
}

impl Stream {
    /// The numbers of `purpose` under `seed`.
    pub const fn new(seed: u32, purpose: Purpose) -> Self {
        Self { key: [seed, purpose as u32] }
    }

    /// The four random words of one draw.
    #[inline]
    pub fn words(&self, replication: u32, entity: u64, draw: u32) -> [u32; 4] {
        philox4x32_10([replication, entity as u32, (entity >> 32) as u32, draw], self.key)
    }

    /// A number of (0, 1), uniform, with 53 random bits.
    #[inline]
    pub fn uniform(&self, replication: u32, entity: u64, draw: u32) -> f64 {
        self.uniforms(replication, entity, draw)[0]
    }

    /// Two independent uniform numbers of (0, 1) from one block; the first is [`Stream::uniform`].
    #[inline]
    pub fn uniforms(&self, replication: u32, entity: u64, draw: u32) -> [f64; 2] {
        let [w0, w1, w2, w3] = self.words(replication, entity, draw);
        [open_unit(w0, w1), open_unit(w2, w3)]
    }
}

/// The largest double below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

/// (n + ½) / 2⁵³ for the 53 bits n of two words.
///
/// From 2⁵² on n + ½ is rounded to an even n; without the limit the last value would become 1.
#[inline]
fn open_unit(high: u32, low: u32) -> f64 {
    let bits = (u64::from(high) << 21) ^ (u64::from(low) >> 11);
    ((bits as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)).min(BELOW_ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_numbers_never_touch_the_ends() {
        assert!(open_unit(0, 0) > 0.0);
        assert!(open_unit(u32::MAX, u32::MAX) < 1.0);
        assert_eq!(open_unit(1 << 31, 0), 0.5);
    }

    #[test]
    fn uniform_numbers_have_mean_and_variance() {
        let stream = Stream::new(1, Purpose::Gap);
        let n = 100_000u32;
        let draws = (0..n).flat_map(|i| stream.uniforms(0, u64::from(i) << 20, 3));
        let (sum, squares) = draws.fold((0.0, 0.0), |(s, q), u| (s + u, q + u * u));
        let mean = sum / f64::from(2 * n);
        // Five standard errors of 200,000 draws.
        assert!((mean - 0.5).abs() < 0.0033, "{mean}");
        assert!((squares / f64::from(2 * n) - 1.0 / 3.0).abs() < 0.0034);
    }

    #[test]
    fn every_part_of_the_address_counts() {
        let base = Stream::new(1, Purpose::Request).uniform(1, 1, 1);
        let others = [
            Stream::new(2, Purpose::Request).uniform(1, 1, 1),
            Stream::new(1, Purpose::Boot).uniform(1, 1, 1),
            Stream::new(1, Purpose::Request).uniform(2, 1, 1),
            Stream::new(1, Purpose::Request).uniform(1, 2, 1),
            Stream::new(1, Purpose::Request).uniform(1, 1 + (1 << 32), 1),
            Stream::new(1, Purpose::Request).uniform(1, 1, 2),
        ];
        assert!(others.iter().all(|u| *u != base));
    }
}
