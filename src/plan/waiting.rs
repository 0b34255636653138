//! What waiting is worth: reserved servers for work that must not wait, and for work that may.
//!
//! Poisson arrivals, exponential work, no interruptions. What must not wait takes a free reserved server, else on-demand for all of its
//! work: the share that does is Erlang B's, since whoever finds all servers busy leaves them for good. What may wait queues for the
//! reserved servers: Erlang C. Prices are for each unit of offered work, as a price of a server-hour is for an hour of it.

use crate::queueing::{ErlangC, erlang_b};

/// Reserved servers with on-demand beside them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WithoutWaiting {
    /// Reserved servers.
    pub servers: u32,
    /// Share of the work that on-demand does.
    pub on_demand_share: f64,
    /// Price of a unit of offered work.
    pub price: f64,
}

/// Reserved servers alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WithWaiting {
    /// Reserved servers.
    pub servers: u32,
    /// Mean wait, in mean service times.
    pub mean_wait: f64,
    /// Price of a unit of offered work.
    pub price: f64,
}

/// The largest load that is planned for, in busy servers.
pub const LARGEST_LOAD: f64 = 1e6;

/// What `servers` reserved servers and on-demand cost where nobody waits, at a load of `load` busy servers.
pub fn without_waiting(servers: u32, load: f64, reserved: f64, on_demand: f64) -> WithoutWaiting {
    let on_demand_share = erlang_b(servers, load);
    let price = reserved * f64::from(servers) / load + on_demand * on_demand_share;
    WithoutWaiting { servers, on_demand_share, price }
}

/// The number of reserved servers for which that is cheapest, the smallest of equal ones; `None` unless the load is above 0 and at most
/// [`LARGEST_LOAD`], and the prices are above 0.
///
/// Erlang B is convex in the number of servers (E. J. Messerli, 1972), and so is the price: the first rise ends the search.
pub fn cheapest_without_waiting(load: f64, reserved: f64, on_demand: f64) -> Option<WithoutWaiting> {
    let positive = load > 0.0 && reserved > 0.0 && on_demand > 0.0 && on_demand.is_finite();
    if !positive || load > LARGEST_LOAD {
        return None;
    }
    let (mut best, mut blocked) = (without_waiting(0, load, reserved, on_demand), 1.0);
    for servers in 1.. {
        let count = f64::from(servers);
        blocked = load * blocked / (count + load * blocked);
        let price = reserved * count / load + on_demand * blocked;
        if price >= best.price {
            break;
        }
        best = WithoutWaiting { servers, on_demand_share: blocked, price };
    }
    Some(best)
}

/// What `servers` reserved servers cost where all wait, and how long they do: for ever if the servers cannot keep up.
pub fn with_waiting(servers: u32, load: f64, reserved: f64) -> WithWaiting {
    let mean_wait = ErlangC::new(servers, load).mean_wait();
    WithWaiting { servers, mean_wait, price: reserved * f64::from(servers) / load }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.2 jobs a second of 500 s each are a load of 100.
    const LOAD: f64 = 0.2 / 0.002;

    #[test]
    fn a_load_of_a_hundred_wants_108_reserved_servers() {
        let best = cheapest_without_waiting(LOAD, 3.84, 9.6).unwrap();
        assert_eq!(best.servers, 108);
        assert!((best.on_demand_share - 0.034944).abs() < 5e-7, "{best:?}");
        assert!((best.price - 4.482662).abs() < 5e-7, "{best:?}");
    }

    #[test]
    fn the_cheapest_number_is_the_best_of_all() {
        for (load, reserved, on_demand) in [(0.3, 1.0, 4.0), (5.0, 2.0, 3.0), (40.0, 1.0, 10.0), (7.0, 5.0, 4.0)] {
            let all = (0..400).map(|servers| without_waiting(servers, load, reserved, on_demand));
            let least = all.min_by(|a, b| a.price.total_cmp(&b.price)).unwrap();
            let found = cheapest_without_waiting(load, reserved, on_demand).unwrap();
            assert_eq!(found.servers, least.servers);
            assert!(
                (found.price - least.price).abs() < 1e-12
                    && (found.on_demand_share - least.on_demand_share).abs() < 1e-12
            );
        }
        assert_eq!(cheapest_without_waiting(0.0, 1.0, 2.0), None);
        assert_eq!(cheapest_without_waiting(f64::NAN, 1.0, 2.0), None);
    }

    #[test]
    fn who_waits_needs_fewer_servers() {
        let waiting = with_waiting(104, LOAD, 3.84);
        assert!((waiting.mean_wait * 500.0 - 74.232).abs() < 5e-4, "{waiting:?}");
        assert!((waiting.price - 3.9936).abs() < 1e-12);
        assert!(with_waiting(100, LOAD, 3.84).mean_wait.is_infinite());
    }
}
