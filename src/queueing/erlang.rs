//! Erlang's formulas.

use super::tail::quantile;

/// Erlang B: the share of requests that find all `servers` busy when nobody waits, at a load of `load` busy servers.
///
/// The recursion B(k) = a B(k-1) / (k + a B(k-1)) neither overflows nor cancels.
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| next_blocked(blocked, k, load))
}

/// Erlang B with `servers` servers from that with one fewer.
pub(super) fn next_blocked(blocked: f64, servers: u32, load: f64) -> f64 {
    load * blocked / (f64::from(servers) + load * blocked)
}

/// Erlang C from Erlang B.
pub(super) fn waiting_from_blocked(blocked: f64, servers: u32, load: f64) -> f64 {
    let count = f64::from(servers);
    if load < count { blocked / (1.0 - load / count * (1.0 - blocked)) } else { 1.0 }
}

/// M/M/c: Poisson arrivals, exponential service times of mean 1, in order of arrival (A. K. Erlang, 1917).
///
/// All times are in mean service times. With a load of `servers` or more the queue grows for ever: means are infinite, tails 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErlangC {
    servers: f64,
    load: f64,
    waits: f64,
}

impl ErlangC {
    /// A queue with `servers` servers and a load of `load` busy servers, which is the arrival rate in requests per mean service time.
    pub fn new(servers: u32, load: f64) -> Self {
        let waits = waiting_from_blocked(erlang_b(servers, load), servers, load);
        Self { servers: f64::from(servers), load, waits }
    }

    /// The probability of waiting; 1 if the servers cannot keep up.
    pub fn wait_probability(&self) -> f64 {
        self.waits
    }

    /// The probability of waiting longer than `time` mean service times; 1 if the servers cannot keep up.
    pub fn wait_tail(&self, time: f64) -> f64 {
        if self.is_stable() { self.waits * libm::exp((self.load - self.servers) * time) } else { 1.0 }
    }

    /// The mean wait, of those who need not wait, too.
    pub fn mean_wait(&self) -> f64 {
        if self.is_stable() { self.waits / (self.servers - self.load) } else { f64::INFINITY }
    }

    /// The wait that is not exceeded with probability `q`.
    pub fn wait_quantile(&self, q: f64) -> f64 {
        if !self.is_stable() || q >= 1.0 {
            return f64::INFINITY;
        }
        (libm::log(self.waits / (1.0 - q)) / (self.servers - self.load)).max(0.0)
    }

    /// The mean sojourn.
    pub fn mean_sojourn(&self) -> f64 {
        self.mean_wait() + 1.0
    }

    /// The probability of a sojourn longer than `time`: the wait and the service time are independent, so that
    /// P(T > t) = e^(-t) + C e^(-t) (1 - e^(-dt)) / d with d = c - 1 - a, which is continuous at d = 0.
    pub fn sojourn_tail(&self, time: f64) -> f64 {
        if !self.is_stable() {
            return 1.0;
        }
        let (served, d) = (libm::exp(-time), self.servers - 1.0 - self.load);
        let waited = if d == 0.0 {
            served * time
        } else if (d * time).abs() < 1.0 {
            served * -libm::expm1(-d * time) / d
        } else {
            (served - libm::exp(-(1.0 + d) * time)) / d
        };
        served + self.waits * waited
    }

    /// The sojourn that is not exceeded with probability `q`.
    pub fn sojourn_quantile(&self, q: f64) -> f64 {
        if self.is_stable() { quantile(|time| self.sojourn_tail(time), q) } else { f64::INFINITY }
    }

    /// The mean number of requests that wait (Little's law).
    pub fn mean_queue(&self) -> f64 {
        self.load * self.mean_wait()
    }

    /// The mean number of requests that wait or are served.
    pub fn mean_requests(&self) -> f64 {
        self.load * self.mean_sojourn()
    }

    fn is_stable(&self) -> bool {
        self.load < self.servers
    }
}
