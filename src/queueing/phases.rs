//! M/PH/c: service times of two phases.

use super::chain::{Chain, mean_excess};
use super::tail::{ServiceLaw, decay_rate, longest_queue};
use super::{OutOfRange, check_positive};

/// A law of service times with two exponential phases.
///
/// A service begins in the first phase with probability `first`, else in the second; after the first phase the second follows
/// with probability `onward`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoPhases {
    first: f64,
    onward: f64,
    rates: [f64; 2],
}

impl TwoPhases {
    /// Exponential.
    pub fn exponential(mean: f64) -> Result<Self, OutOfRange> {
        check_positive(&[mean])?;
        Ok(Self { first: 1.0, onward: 0.0, rates: [1.0 / mean; 2] })
    }

    /// Erlang's law of two equal phases: squared coefficient of variation ½.
    pub fn erlang(mean: f64) -> Result<Self, OutOfRange> {
        check_positive(&[mean])?;
        Ok(Self { first: 1.0, onward: 1.0, rates: [2.0 / mean; 2] })
    }

    /// The hyperexponential law with balanced means, whose two kinds of service add equally to the mean; `variability`, the squared
    /// coefficient of variation, is 1 or more (H. C. Tijms, Stochastic Models, 1994).
    pub fn balanced(mean: f64, variability: f64) -> Result<Self, OutOfRange> {
        check_positive(&[mean, variability])?;
        if variability < 1.0 {
            return Err(OutOfRange::Argument);
        }
        let first = 0.5 * (1.0 + ((variability - 1.0) / (variability + 1.0)).sqrt());
        Ok(Self { first, onward: 0.0, rates: [2.0 * first / mean, 2.0 * (1.0 - first) / mean] })
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        let [first, second] = self.rates;
        self.first * (1.0 / first + self.onward / second) + (1.0 - self.first) / second
    }

    /// E[e^(sS)] - 1 for s ≥ 0; infinite where the moment does not exist.
    pub(super) fn exponential_moment_less_one(&self, s: f64) -> f64 {
        let [first, second] = self.rates;
        let uses_second = self.first < 1.0 || self.onward > 0.0;
        if s >= first || (uses_second && s >= second) {
            return f64::INFINITY;
        }
        let after_first = if uses_second { s / (second - s) } else { 0.0 };
        self.first * (s + first * self.onward * after_first) / (first - s) + (1.0 - self.first) * after_first
    }
}

/// M/PH/c with service times of two phases, exactly: a Markov chain of the number of requests and of those in their first phase.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseQueue {
    arrivals: f64,
    service: f64,
    servers: usize,
    /// The law of the number of requests.
    law: Vec<f64>,
}

impl PhaseQueue {
    /// `arrivals` per unit of time.
    pub fn new(arrivals: f64, servers: u32, service: TwoPhases) -> Result<Self, OutOfRange> {
        let decay = decay_rate(arrivals, servers, &ServiceLaw::Phases(service))?;
        let servers = servers as usize;
        let most = servers + longest_queue(arrivals, decay)?;
        let levels = Levels { servers };
        // A request more or less moves the state by a level, and the number in the first phase by one.
        let jump = servers + 2;
        let mut chain = Chain::new(levels.state(most, servers) + 1, jump, jump)?;
        for requests in 0..=most {
            let busy = requests.min(servers);
            for first in 0..=busy {
                add_jumps(&mut chain, &levels, arrivals, &service, requests, first, most);
            }
        }
        let shares = chain.stationary();
        let level = |requests: usize| {
            let busy = requests.min(servers);
            shares[levels.state(requests, 0)..=levels.state(requests, busy)].iter().sum()
        };
        let law = (0..=most).map(level).collect();
        Ok(Self { arrivals, service: service.mean(), servers, law })
    }

    /// The probability of waiting.
    pub fn wait_probability(&self) -> f64 {
        self.law.iter().skip(self.servers).sum()
    }

    /// The mean number of requests that wait.
    pub fn mean_queue(&self) -> f64 {
        mean_excess(&self.law, self.servers)
    }

    /// The mean wait.
    pub fn mean_wait(&self) -> f64 {
        self.mean_queue() / self.arrivals
    }

    /// The mean sojourn.
    pub fn mean_sojourn(&self) -> f64 {
        self.mean_wait() + self.service
    }
}

/// Where the states of the chain are: by the number of requests, then by those in their first phase.
struct Levels {
    servers: usize,
}

impl Levels {
    fn state(&self, requests: usize, first: usize) -> usize {
        let full = requests.saturating_sub(self.servers);
        let partial = requests.min(self.servers);
        // Levels below have one state more than requests, up to the number of servers.
        partial * (partial + 1) / 2 + full * (self.servers + 1) + first
    }
}

fn add_jumps(
    chain: &mut Chain,
    levels: &Levels,
    arrivals: f64,
    service: &TwoPhases,
    requests: usize,
    first: usize,
    most: usize,
) {
    let from = levels.state(requests, first);
    let busy = requests.min(levels.servers);
    let mut jump = |requests: usize, first: usize, rate: f64| {
        if rate > 0.0 {
            chain.add(from, levels.state(requests, first), rate);
        }
    };
    if requests < most {
        if requests < levels.servers {
            jump(requests + 1, first + 1, arrivals * service.first);
            jump(requests + 1, first, arrivals * (1.0 - service.first));
        } else {
            jump(requests + 1, first, arrivals);
        }
    }
    let in_first = first as f64 * service.rates[0];
    let in_second = (busy - first) as f64 * service.rates[1];
    if first > 0 {
        jump(requests, first - 1, in_first * service.onward);
    }
    // The next one of the queue begins where one ends; without a queue the server is idle.
    let next = if requests > levels.servers { [service.first, 1.0 - service.first] } else { [0.0, 1.0] };
    if first > 0 {
        let ends = in_first * (1.0 - service.onward);
        jump(requests - 1, first, ends * next[0]);
        jump(requests - 1, first - 1, ends * next[1]);
    }
    if busy > first {
        jump(requests - 1, first + 1, in_second * next[0]);
        jump(requests - 1, first, in_second * next[1]);
    }
}
