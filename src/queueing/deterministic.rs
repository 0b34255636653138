//! M/D/c: constant service times.

use super::chain::{Chain, mean_excess};
use super::poisson::Poisson;
use super::tail::{ServiceLaw, decay_rate, longest_queue};
use super::{OutOfRange, check_positive};

/// M/D/c: Poisson arrivals, service times that are all equal.
///
/// Whoever is in service now has left after one service time, and whoever came meanwhile is still there: the number that wait goes over
/// to (Q + A - c)⁺, with A arrivals in a service time (C. D. Crommelin, 1932).
#[derive(Debug, Clone, PartialEq)]
pub struct DeterministicService {
    arrivals: f64,
    service: f64,
    servers: usize,
    /// The law of the number that wait.
    queue: Vec<f64>,
    /// The probability that more wait, for each number.
    beyond: Vec<f64>,
}

impl DeterministicService {
    /// `arrivals` per unit of time, and the `service` time.
    pub fn new(arrivals: f64, service: f64, servers: u32) -> Result<Self, OutOfRange> {
        check_positive(&[arrivals, service, f64::from(servers)])?;
        let decay = decay_rate(arrivals, servers, &ServiceLaw::Constant(service))?;
        let coming = Poisson::new(arrivals * service)?;
        let servers = servers as usize;
        let up = coming.last().saturating_sub(servers).max(1);
        let states = longest_queue(arrivals, decay)? + up + 1;
        let mut chain = Chain::new(states, servers.min(states - 1), up)?;
        for waiting in 0..states {
            for (came, probability) in coming.iter() {
                chain.add(waiting, (waiting + came).saturating_sub(servers), probability);
            }
        }
        let queue = chain.stationary();
        let mut beyond: Vec<f64> = Vec::with_capacity(states);
        let mut sum = 0.0;
        for share in queue.iter().rev() {
            beyond.push(sum);
            sum += share;
        }
        beyond.reverse();
        Ok(Self { arrivals, service, servers, queue, beyond })
    }

    /// The mean number of requests that wait.
    pub fn mean_queue(&self) -> f64 {
        mean_excess(&self.queue, 0)
    }

    /// The mean wait.
    pub fn mean_wait(&self) -> f64 {
        self.mean_queue() / self.arrivals
    }

    /// The mean sojourn.
    pub fn mean_sojourn(&self) -> f64 {
        self.mean_wait() + self.service
    }

    /// The probability of waiting.
    pub fn wait_probability(&self) -> Result<f64, OutOfRange> {
        self.wait_tail(0.0)
    }

    /// The probability of waiting longer than `time`.
    ///
    /// G. J. Franx, Operations Research Letters 29 (2001): for (k-1)D ≤ t < kD a request waits no longer than t if and only if of those
    /// who waited at the time kD - t before and those who came since at most kc - 1 are there.
    pub fn wait_tail(&self, time: f64) -> Result<f64, OutOfRange> {
        if !(time >= 0.0 && time.is_finite()) {
            return Err(OutOfRange::Argument);
        }
        let services = (time / self.service).floor() + 1.0;
        let coming = Poisson::new(self.arrivals * (services * self.service - time).max(0.0))?;
        let room = services * self.servers as f64;
        let full = |came: usize| {
            let left = room - 1.0 - came as f64;
            if left < 0.0 { 1.0 } else { self.beyond.get(left as usize).copied().unwrap_or(0.0) }
        };
        Ok(coming.iter().map(|(came, probability)| probability * full(came)).sum())
    }

    /// The probability of a sojourn longer than `time`.
    pub fn sojourn_tail(&self, time: f64) -> Result<f64, OutOfRange> {
        if time < self.service { Ok(1.0) } else { self.wait_tail(time - self.service) }
    }
}
