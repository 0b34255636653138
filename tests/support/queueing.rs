//! Formulas of queueing theory, written from the literature and independent of the simulator: what it is held against.

#![allow(dead_code, reason = "each test uses a part of this module")]

use statrs::function::gamma::gamma_lr;

/// Erlang B: the share of blocked calls with `servers` servers and `load` = λ/μ.
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |b, k| load * b / (f64::from(k) + load * b))
}

/// Erlang C: the share of calls that wait.
pub fn erlang_c(servers: u32, load: f64) -> f64 {
    let b = erlang_b(servers, load);
    b / (1.0 - load / f64::from(servers) * (1.0 - b))
}

/// M/M/c, first come, first served.
#[derive(Debug, Clone, Copy)]
pub struct Mmc {
    /// Arrivals per second.
    pub lambda: f64,
    /// Services per second and server.
    pub mu: f64,
    /// Servers.
    pub servers: u32,
}

impl Mmc {
    /// c·μ − λ.
    fn slack(&self) -> f64 {
        f64::from(self.servers) * self.mu - self.lambda
    }

    /// P(W > 0).
    pub fn wait_probability(&self) -> f64 {
        erlang_c(self.servers, self.lambda / self.mu)
    }

    /// E[W].
    pub fn mean_wait(&self) -> f64 {
        self.wait_probability() / self.slack()
    }

    /// The q-quantile of the wait.
    pub fn wait_quantile(&self, q: f64) -> f64 {
        ((self.wait_probability() / (1.0 - q)).ln() / self.slack()).max(0.0)
    }

    /// E[T].
    pub fn mean_sojourn(&self) -> f64 {
        self.mean_wait() + 1.0 / self.mu
    }

    /// P(T > t).
    pub fn sojourn_tail(&self, t: f64) -> f64 {
        let (c, mut_) = (self.wait_probability(), self.mu * t);
        let d = f64::from(self.servers) - 1.0 - self.lambda / self.mu;
        let bracket = if d == 0.0 { mut_ } else { -(-mut_ * d).exp_m1() / d };
        (-mut_).exp() * (1.0 + c * bracket)
    }

    /// The q-quantile of the sojourn time.
    pub fn sojourn_quantile(&self, q: f64) -> f64 {
        quantile(|t| self.sojourn_tail(t), q)
    }

    /// The time in which a disturbance falls to 1/e (the relaxation time).
    pub fn relaxation(&self) -> f64 {
        let gap = (f64::from(self.servers) * self.mu).sqrt() - self.lambda.sqrt();
        1.0 / (gap * gap).min(self.mu)
    }
}

/// Where a falling tail function meets 1 − q.
pub fn quantile(tail: impl Fn(f64) -> f64, q: f64) -> f64 {
    let mut high = 1.0;
    while tail(high) > 1.0 - q {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if tail(middle) > 1.0 - q { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// A birth-death process in equilibrium: births at `birth(n)`, deaths at `death(n)`, states 0 to `last`.
pub fn birth_death(last: usize, birth: impl Fn(usize) -> f64, death: impl Fn(usize) -> f64) -> Vec<f64> {
    // In logarithms, so that nothing overflows.
    let mut logs = vec![0.0f64];
    for n in 1..=last {
        logs.push(logs[n - 1] + (birth(n - 1) / death(n)).ln());
    }
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// M/M/c with room for `places` requests in all, those in service included.
#[derive(Debug, Clone)]
pub struct Mmck {
    lambda: f64,
    mu: f64,
    servers: usize,
    states: Vec<f64>,
}

impl Mmck {
    /// The queue in equilibrium.
    pub fn new(lambda: f64, mu: f64, servers: u32, places: u32) -> Self {
        let servers = servers as usize;
        let states = birth_death(places as usize, |_| lambda, |n| mu * n.min(servers) as f64);
        Self { lambda, mu, servers, states }
    }

    /// The share of arrivals that find no room.
    pub fn block_probability(&self) -> f64 {
        *self.states.last().expect("there is a state")
    }

    /// Mean wait of the accepted.
    pub fn mean_wait(&self) -> f64 {
        let queue: f64 = self.states.iter().enumerate().map(|(n, p)| p * n.saturating_sub(self.servers) as f64).sum();
        queue / (self.lambda * (1.0 - self.block_probability()))
    }

    /// Mean sojourn of the accepted.
    pub fn mean_sojourn(&self) -> f64 {
        self.mean_wait() + 1.0 / self.mu
    }
}

/// How long clients wait before they leave.
#[derive(Debug, Clone, Copy)]
pub enum Patience {
    /// All equally long.
    Constant(f64),
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
}

impl Patience {
    /// P(patience ≥ x).
    fn at_least(self, x: f64) -> f64 {
        match self {
            Patience::Constant(time) => f64::from(u8::from(x <= time)),
            Patience::Exponential { mean } => (-x / mean).exp(),
        }
    }

    /// The integral of P(patience > u) from 0 to x.
    fn integral(self, x: f64) -> f64 {
        match self {
            Patience::Constant(time) => x.min(time),
            Patience::Exponential { mean } => -mean * (-x / mean).exp_m1(),
        }
    }

    fn mean(self) -> f64 {
        match self {
            Patience::Constant(mean) | Patience::Exponential { mean } => mean,
        }
    }
}

/// M/M/c+G: clients leave when they have waited as long as their patience (Baccelli and Hebuterne 1981; Barrer 1957 for
/// constant patience).
///
/// The wait V that an infinitely patient arrival would have is 0 with probability Σ π_j over j < c, where π_j = π_0 a^j / j!,
/// and else has the density v(x) = λ π_{c-1} exp(λ ∫₀ˣ P(patience > u) du − c μ x): the level x is crossed upward by arrivals that find
/// at most x and stay (rate λ P(patience > ·)), downward by work at rate c μ.
#[derive(Debug, Clone, Copy)]
pub struct Impatient {
    lambda: f64,
    mu: f64,
    servers: f64,
    patience: Patience,
    /// π_{c−1}.
    last_free: f64,
    /// P(V = 0).
    at_once: f64,
}

impl Impatient {
    /// The queue in equilibrium.
    pub fn new(lambda: f64, mu: f64, servers: u32, patience: Patience) -> Self {
        let mut queue = Self { lambda, mu, servers: f64::from(servers), patience, last_free: 1.0, at_once: 0.0 };
        // π_{c−1} / Σ_{j<c} π_j is Erlang B with c − 1 servers.
        let share = erlang_b(servers - 1, lambda / mu);
        let total = 1.0 / share + queue.integrate(|_| 1.0, &[]);
        queue.last_free = 1.0 / total;
        queue.at_once = queue.last_free / share;
        queue
    }

    fn density(&self, x: f64) -> f64 {
        let exponent = self.lambda * self.patience.integral(x) - self.servers * self.mu * x;
        self.lambda * self.last_free * exponent.exp()
    }

    /// ∫ v(x) f(x) dx over (0, ∞) by Simpson's rule; `cuts` are points at which f is not smooth.
    fn integrate(&self, f: impl Fn(f64) -> f64, cuts: &[f64]) -> f64 {
        const STEPS: usize = 4000;
        let patience = self.patience.mean();
        let end = (self.lambda * patience + 60.0) / (self.servers * self.mu) + patience;
        let mut edges = vec![0.0, end];
        if let Patience::Constant(time) = self.patience {
            edges.push(time);
        }
        edges.extend(cuts.iter().copied().filter(|cut| *cut > 0.0 && *cut < end));
        edges.sort_by(f64::total_cmp);
        let part = |from: f64, to: f64| {
            let step = (to - from) / STEPS as f64;
            let value = |i: usize| {
                // The ends are those of an open interval: f may jump there.
                let x = (from + step * i as f64).clamp(from.next_up(), to.next_down());
                self.density(x) * f(x)
            };
            let inner: f64 = (1..STEPS).map(|i| value(i) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
            (value(0) + inner + value(STEPS)) * step / 3.0
        };
        edges.windows(2).filter(|edge| edge[1] > edge[0]).map(|edge| part(edge[0], edge[1])).sum()
    }

    /// P(V > t).
    pub fn offered_wait_tail(&self, t: f64) -> f64 {
        self.integrate(|x| f64::from(u8::from(x > t)), &[t])
    }

    /// The share of clients that leave.
    pub fn abandon_probability(&self) -> f64 {
        self.integrate(|x| 1.0 - self.patience.at_least(x), &[])
    }

    fn served(&self) -> f64 {
        1.0 - self.abandon_probability()
    }

    /// Mean wait of the served.
    pub fn served_mean_wait(&self) -> f64 {
        self.integrate(|x| x * self.patience.at_least(x), &[]) / self.served()
    }

    /// Mean sojourn of the served.
    pub fn served_mean_sojourn(&self) -> f64 {
        self.served_mean_wait() + 1.0 / self.mu
    }

    /// P(T > t) of the served.
    pub fn served_sojourn_tail(&self, t: f64) -> f64 {
        let service = |rest: f64| (-self.mu * rest.max(0.0)).exp();
        let waited = self.integrate(|x| self.patience.at_least(x) * service(t - x), &[t]);
        (self.at_once * service(t) + waited) / self.served()
    }

    /// Busy share of the servers.
    pub fn utilisation(&self) -> f64 {
        self.lambda * self.served() / (self.servers * self.mu)
    }
}

/// M/D/c: with equal services every c-th client meets the same server, so that the wait is that of E_c/D/1, and Spitzer's
/// identity gives it by sums over k of (kD − A)⁺, A the time of k·c arrivals.
#[derive(Debug, Clone, Copy)]
pub struct Mdc {
    /// Arrivals per second.
    pub lambda: f64,
    /// Service time.
    pub service: f64,
    /// Servers.
    pub servers: u32,
}

impl Mdc {
    fn sum(&self, term: impl Fn(f64, f64, f64) -> f64) -> f64 {
        let mut total = 0.0;
        for k in 1..100_000 {
            let k = f64::from(k);
            // P(at least n arrivals in kD) for n = kc and n = kc + 1.
            let (n, mean) = (k * f64::from(self.servers), k * self.lambda * self.service);
            let term = term(k, gamma_lr(n, mean), gamma_lr(n + 1.0, mean));
            total += term;
            if term < 1e-15 * total {
                break;
            }
        }
        total
    }

    /// E[W].
    pub fn mean_wait(&self) -> f64 {
        self.sum(|k, at_least, more| {
            (k * self.service * at_least - k * f64::from(self.servers) / self.lambda * more).max(0.0) / k
        })
    }

    /// P(W > 0).
    pub fn wait_probability(&self) -> f64 {
        -(-self.sum(|k, at_least, _| at_least / k)).exp_m1()
    }
}

/// Pollaczek and Khinchine: mean wait of M/G/1 from the first two moments of the service time.
pub fn pollaczek_khinchine(lambda: f64, mean: f64, second_moment: f64) -> f64 {
    lambda * second_moment / (2.0 * (1.0 - lambda * mean))
}
