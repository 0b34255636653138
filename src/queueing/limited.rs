//! M/M/c/K: limited room.

use super::chain::{birth_death, mean_excess};
use super::poisson::Poisson;
use super::{OutOfRange, check_positive};

/// M/M/c/K: requests that find `places` others in service or in the queue are turned away.
///
/// Birth-death equations; the wait of an accepted request that finds n ≥ c others is that for n - c + 1 departures at rate cμ
/// (D. Gross and C. M. Harris, Fundamentals of Queueing Theory). Any load is allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitedRoom {
    arrivals: f64,
    service_rate: f64,
    servers: usize,
    law: Vec<f64>,
}

impl LimitedRoom {
    /// `arrivals` and `service_rate` (of one server) per unit of time; `places` in all, at least one for each server.
    pub fn new(arrivals: f64, service_rate: f64, servers: u32, places: u32) -> Result<Self, OutOfRange> {
        check_positive(&[arrivals, service_rate, f64::from(servers)])?;
        if places < servers {
            return Err(OutOfRange::Argument);
        }
        let servers = servers as usize;
        let law = birth_death(places as usize, arrivals, |n| n.min(servers) as f64 * service_rate)?;
        Ok(Self { arrivals, service_rate, servers, law })
    }

    /// The share of requests that are turned away.
    pub fn block_probability(&self) -> f64 {
        self.law.last().copied().unwrap_or(1.0)
    }

    /// The share of accepted requests that wait.
    pub fn wait_probability(&self) -> f64 {
        let room = &self.law[..self.law.len() - 1];
        room.iter().skip(self.servers).sum::<f64>() / self.accepted()
    }

    /// The mean number of requests that wait.
    pub fn mean_queue(&self) -> f64 {
        mean_excess(&self.law, self.servers)
    }

    /// The mean number of requests that wait or are served.
    pub fn mean_requests(&self) -> f64 {
        mean_excess(&self.law, 0)
    }

    /// The mean wait of accepted requests.
    pub fn mean_wait(&self) -> f64 {
        self.mean_queue() / (self.arrivals * self.accepted())
    }

    /// The mean sojourn of accepted requests.
    pub fn mean_sojourn(&self) -> f64 {
        self.mean_wait() + 1.0 / self.service_rate
    }

    /// The share of accepted requests that wait longer than `time`.
    pub fn wait_tail(&self, time: f64) -> Result<f64, OutOfRange> {
        let departures = Poisson::new(self.servers as f64 * self.service_rate * time)?;
        let room = self.law[..self.law.len() - 1].iter().skip(self.servers);
        let waiting: f64 = room.enumerate().map(|(ahead, share)| share * departures.at_most(ahead)).sum();
        Ok(waiting / self.accepted())
    }

    fn accepted(&self) -> f64 {
        1.0 - self.block_probability()
    }
}
