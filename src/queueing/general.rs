//! M/G/1: one server, any law of service times.

use super::{OutOfRange, check_positive, check_stable};

/// Moments of a service time, in the unit of time and its square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// E\[S\].
    pub mean: f64,
    /// E\[S²\].
    pub second: f64,
}

impl Moments {
    /// Those of an exponential time.
    pub fn exponential(mean: f64) -> Self {
        Self { mean, second: 2.0 * mean * mean }
    }

    /// Those of a constant time.
    pub fn constant(time: f64) -> Self {
        Self { mean: time, second: time * time }
    }

    fn check(&self) -> Result<(), OutOfRange> {
        check_positive(&[self.mean, self.second])?;
        // A variance is not negative, up to rounding.
        if self.second < self.mean * self.mean * (1.0 - 1e-9) { Err(OutOfRange::Argument) } else { Ok(()) }
    }
}

/// The mean wait in M/G/1, λ E\[S²\] / (2 (1 - ρ)) (F. Pollaczek, 1930; A. Khinchine, 1932).
pub fn wait_mean(arrivals: f64, service: Moments) -> Result<f64, OutOfRange> {
    service.check()?;
    check_positive(&[arrivals])?;
    check_stable(arrivals * service.mean, 1.0)?;
    Ok(arrivals * service.second / (2.0 * (1.0 - arrivals * service.mean)))
}

/// The variance of the wait in M/G/1 from the third moment of the service time, too: the square of the mean wait and
/// λ E\[S³\] / (3 (1 - ρ)) (L. Takács, 1962).
pub fn wait_variance(arrivals: f64, service: Moments, third: f64) -> Result<f64, OutOfRange> {
    check_positive(&[third])?;
    let mean = wait_mean(arrivals, service)?;
    Ok(mean * mean + arrivals * third / (3.0 * (1.0 - arrivals * service.mean)))
}
