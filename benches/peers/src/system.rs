//! The queue that all programs simulate, and what each of them has to say about it.

use fleetmix::stats::Histogram;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::Exp;
use std::time::Duration;

/// Mean service time in seconds. Short, so that millions of requests pass between two metric ticks of fleetmix, which nothing else has.
pub const MEAN_SERVICE: f64 = 0.01;

/// Share of the simulated time whose requests are simulated but not counted: the queue begins empty.
const WARM_UP_SHARE: f64 = 0.2;

/// An M/M/c queue, first come first served, from empty until the last request that arrived in time is served.
#[derive(Debug, Clone, Copy)]
pub struct System {
    pub servers: u32,
    /// Busy share of the servers.
    pub load: f64,
    /// Mean number of requests; it sets the simulated time.
    pub requests: u64,
    pub seed: u32,
}

impl System {
    /// Arrivals per second.
    pub fn arrival_rate(&self) -> f64 {
        self.load * f64::from(self.servers) / MEAN_SERVICE
    }

    /// When arrivals end, in seconds.
    pub fn end(&self) -> f64 {
        self.requests as f64 / self.arrival_rate()
    }

    /// Arrivals before this time are not counted, in seconds.
    pub fn warm_up(&self) -> f64 {
        WARM_UP_SHARE * self.end()
    }
}

/// Gaps and services as one draws them in Rust: a small generator and the ziggurat.
#[derive(Debug)]
pub struct Draws {
    numbers: SmallRng,
    gaps: Exp<f64>,
    services: Exp<f64>,
}

impl Draws {
    pub fn new(system: &System) -> Result<Self, rand_distr::ExpError> {
        Ok(Self {
            numbers: SmallRng::seed_from_u64(u64::from(system.seed)),
            gaps: Exp::new(system.arrival_rate())?,
            services: Exp::new(1.0 / MEAN_SERVICE)?,
        })
    }

    /// Seconds until the next arrival.
    pub fn gap(&mut self) -> f64 {
        self.numbers.sample(self.gaps)
    }

    /// Seconds of a service.
    pub fn service(&mut self) -> f64 {
        self.numbers.sample(self.services)
    }
}

/// What is noted of the requests.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    warm_up: f64,
    requests: u64,
    wait_sum: f64,
    sojourns: Histogram,
}

impl Tally {
    pub fn new(system: &System) -> Self {
        Self { warm_up: system.warm_up(), ..Self::default() }
    }

    /// Notes a request whose service begins; all times in seconds.
    pub fn served(&mut self, arrival: f64, start: f64, service: f64) {
        self.requests += 1;
        if arrival >= self.warm_up {
            self.wait_sum += start - arrival;
            self.sojourns.add(start - arrival + service);
        }
    }
}

/// What a program measured.
#[derive(Debug)]
pub struct Measured {
    /// Requests simulated, those of the warm-up included.
    pub requests: u64,
    /// Seconds that took.
    pub seconds: f64,
    /// Mean time in the queue, in seconds.
    pub mean_wait: f64,
    /// 95th percentile of the time in the system, in seconds.
    pub p95_sojourn: f64,
}

impl Measured {
    pub fn new(tally: &Tally, took: Duration) -> Self {
        Self {
            requests: tally.requests,
            seconds: took.as_secs_f64(),
            mean_wait: tally.wait_sum / tally.sojourns.total() as f64,
            p95_sojourn: tally.sojourns.quantile(0.95),
        }
    }
}
