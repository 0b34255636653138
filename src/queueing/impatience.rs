//! M/M/c+M: requests that leave.

use super::chain::{birth_death, mean_excess};
use super::{OutOfRange, check_positive};

/// Erlang A, M/M/c+M: a request that has waited for an exponential time, its patience, leaves without service (C. Palm, 1957;
/// O. Garnett, A. Mandelbaum and M. Reiman, 2002). Any load is allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Impatient {
    arrivals: f64,
    service_rate: f64,
    servers: usize,
    leaving_rate: f64,
    law: Vec<f64>,
}

impl Impatient {
    /// `arrivals`, the `service_rate` of one server and the `leaving_rate` of one waiting request (1 / mean patience), per unit of time.
    pub fn new(arrivals: f64, service_rate: f64, servers: u32, leaving_rate: f64) -> Result<Self, OutOfRange> {
        check_positive(&[arrivals, service_rate, f64::from(servers), leaving_rate])?;
        let servers = servers as usize;
        let death = |n: usize| n.min(servers) as f64 * service_rate + n.saturating_sub(servers) as f64 * leaving_rate;
        let last = last_state(|n| arrivals / death(n)).ok_or(OutOfRange::TooLarge)?;
        let law = birth_death(last, arrivals, death)?;
        Ok(Self { arrivals, service_rate, servers, leaving_rate, law })
    }

    /// The share of requests that cannot be served at once.
    pub fn wait_probability(&self) -> f64 {
        self.law.iter().skip(self.servers).sum()
    }

    /// The mean number of requests that wait.
    pub fn mean_queue(&self) -> f64 {
        mean_excess(&self.law, self.servers)
    }

    /// The mean time in the queue, of those who leave, too.
    pub fn mean_wait(&self) -> f64 {
        self.mean_queue() / self.arrivals
    }

    /// The share of requests that leave.
    pub fn abandon_probability(&self) -> f64 {
        self.leaving_rate * self.mean_wait()
    }

    /// The share of requests that would wait longer than `time` if they never left, while others do.
    ///
    /// Who finds n ≥ c others waits for n - c + 1 events at the rates cμ + (n-c)θ, …, cμ + θ, cμ: longer than t with probability
    /// I(e^(-θt); cμ/θ, n - c + 1), the regularised incomplete beta function. For whole second arguments it is a sum of positive
    /// terms, I(x; a, b + 1) = I(x; a, b) + x^a (1-x)^b Γ(a+b) / (Γ(a) Γ(b+1)), which is what is summed here.
    pub fn offered_wait_tail(&self, time: f64) -> f64 {
        let a = self.servers as f64 * self.service_rate / self.leaving_rate;
        let gone = libm::log(-libm::expm1(-self.leaving_rate * time));
        // The logarithm of the next term, because the first may be below the least double.
        let mut term = -(self.servers as f64) * self.service_rate * time;
        let (mut longer, mut tail) = (0.0, 0.0);
        for (ahead, share) in self.law.iter().skip(self.servers).enumerate() {
            let b = ahead as f64;
            longer += libm::exp(term);
            term += gone + libm::log((a + b) / (b + 1.0));
            tail += share * f64::min(longer, 1.0);
        }
        tail
    }

    /// The share of requests that wait longer than `time`, be it for service or until they leave.
    pub fn wait_tail(&self, time: f64) -> f64 {
        self.offered_wait_tail(time) * libm::exp(-self.leaving_rate * time)
    }
}

/// The state from which on nothing counts, by the ratios of successive probabilities, which fall.
fn last_state(ratio: impl Fn(usize) -> f64) -> Option<usize> {
    const MOST: usize = 3_000_000;
    const NEGLIGIBLE: f64 = -60.0;
    let (mut weight, mut largest) = (0.0, 0.0);
    (1..MOST).find(|n| {
        weight += libm::log(ratio(*n));
        largest = f64::max(largest, weight);
        weight < largest + NEGLIGIBLE
    })
}
