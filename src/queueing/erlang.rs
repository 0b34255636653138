//! Erlang's formulas.

/// Erlang B: the share of requests that find all `servers` busy when nobody waits, at a load of `load` busy servers.
///
/// The recursion B(k) = a B(k-1) / (k + a B(k-1)) neither overflows nor cancels.
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| load * blocked / (f64::from(k) + load * blocked))
}

/// M/M/c: Poisson arrivals, exponential service times of mean 1, in order of arrival (A. K. Erlang, 1917).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErlangC {
    servers: f64,
    load: f64,
    waits: f64,
}

impl ErlangC {
    /// A queue with `servers` servers and a load of `load` busy servers, which is the arrival rate in requests per mean service time.
    pub fn new(servers: u32, load: f64) -> Self {
        let (blocked, count) = (erlang_b(servers, load), f64::from(servers));
        let waits = if load < count { blocked / (1.0 - load / count * (1.0 - blocked)) } else { 1.0 };
        Self { servers: count, load, waits }
    }

    /// The probability of waiting; 1 if the servers cannot keep up.
    pub fn wait_probability(&self) -> f64 {
        self.waits
    }

    /// The probability of waiting longer than `time` mean service times; 1 if the servers cannot keep up.
    pub fn wait_tail(&self, time: f64) -> f64 {
        if self.load < self.servers { self.waits * libm::exp((self.load - self.servers) * time) } else { 1.0 }
    }
}
