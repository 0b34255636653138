//! M/M/c-PS: servers that share their capacity.

use super::chain::birth_death;
use super::erlang::ErlangC;
use super::walk::{Rates, walk};
use super::{OutOfRange, check_positive, check_stable};

/// M/M/c-PS: all requests are served at once, each at the speed min(1, c/n) of one server where n are there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharedServers {
    arrivals: f64,
    service_rate: f64,
    servers: u32,
}

impl SharedServers {
    /// `arrivals` and the `service_rate` of one server per unit of time.
    pub fn new(arrivals: f64, service_rate: f64, servers: u32) -> Result<Self, OutOfRange> {
        check_positive(&[arrivals, service_rate, f64::from(servers)])?;
        check_stable(arrivals / service_rate, f64::from(servers))?;
        Ok(Self { arrivals, service_rate, servers })
    }

    /// The mean sojourn, which is that of M/M/c in order of arrival, and holds for every law of service times with this mean
    /// (J. W. Cohen, Acta Informatica 12, 1979).
    pub fn mean_sojourn(&self) -> f64 {
        ErlangC::new(self.servers, self.arrivals / self.service_rate).mean_sojourn() / self.service_rate
    }

    /// The variance of the sojourn with one server: (2 + ρ) / ((2 - ρ) μ² (1 - ρ)²) (E. G. Coffman, R. R. Muntz and H. Trotter, Journal of
    /// the ACM 17, 1970).
    pub fn variance_of_one(&self) -> Result<f64, OutOfRange> {
        if self.servers != 1 {
            return Err(OutOfRange::Argument);
        }
        let busy = self.arrivals / self.service_rate;
        let slack = self.service_rate - self.arrivals;
        Ok((2.0 + busy) / ((2.0 - busy) * slack * slack))
    }

    /// The probability of a sojourn longer than `time`, followed for one request: it meets the stationary number n of others, which then
    /// grows at the rate of arrivals and falls at nμ·min(1, c/(n+1)), until it leaves itself at μ·min(1, c/(n+1)).
    pub fn sojourn_tail(&self, time: f64) -> Result<f64, OutOfRange> {
        const MOST: f64 = 3e6;
        const ENOUGH: f64 = 45.0;
        let servers = self.servers as usize;
        let busy = self.arrivals / (self.service_rate * servers as f64);
        let waiting = ENOUGH / -libm::log(busy);
        if waiting.is_nan() || waiting > MOST {
            return Err(OutOfRange::TooLarge);
        }
        let death = |n: usize| n.min(servers) as f64 * self.service_rate;
        let others = birth_death(servers + waiting as usize + 1, self.arrivals, death)?;
        let fastest = self.arrivals + self.service_rate * servers as f64;
        let still_there = walk(others, time, fastest, |others| {
            let all = others + 1;
            let one = self.service_rate * (servers as f64 / all as f64).min(1.0);
            Rates { up: self.arrivals, down: others as f64 * one, out: one }
        })?;
        Ok(still_there.end.iter().sum())
    }
}
