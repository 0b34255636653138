//! How many servers: exactly, and by the square root of the load.

use super::erlang::{next_blocked, waiting_from_blocked};
use super::tail::bisect;
use super::{OutOfRange, check_positive};

/// The probability of waiting with a + β√a servers at a large load a: 1 / (1 + βΦ(β)/φ(β)) for β > 0 (S. Halfin and W. Whitt, Operations
/// Research 29, 1981).
pub fn halfin_whitt(safety: f64) -> f64 {
    let below = 0.5 * libm::erfc(-safety * std::f64::consts::FRAC_1_SQRT_2);
    let density = libm::exp(-0.5 * safety * safety) / std::f64::consts::TAU.sqrt();
    density / (density + safety * below)
}

/// The safety β at which [`halfin_whitt`] comes down to `target`, which is between 0 and 1: a + β√a servers are then about enough.
pub fn safety_factor(target: f64) -> Result<f64, OutOfRange> {
    /// Here the probability is below the least double.
    const MOST: f64 = 40.0;
    check_share(target)?;
    Ok(bisect(0.0, MOST, |safety| halfin_whitt(safety) > target))
}

/// Square-root staffing: a + β√a servers, rounded up.
pub fn square_root_servers(load: f64, safety: f64) -> f64 {
    (load + safety * load.sqrt()).ceil()
}

/// The least number of servers with which at most the share `target` of requests waits in M/M/c, at a `load` of up to a million busy servers.
pub fn least_servers(load: f64, target: f64) -> Result<u32, OutOfRange> {
    const MOST_LOAD: f64 = 1e6;
    check_positive(&[load])?;
    check_share(target)?;
    if load > MOST_LOAD {
        return Err(OutOfRange::TooLarge);
    }
    // Erlang B falls faster than any power once there are more servers than load, so this ends.
    let (mut servers, mut blocked) = (0, 1.0);
    loop {
        servers += 1;
        blocked = next_blocked(blocked, servers, load);
        if waiting_from_blocked(blocked, servers, load) <= target {
            return Ok(servers);
        }
    }
}

fn check_share(share: f64) -> Result<(), OutOfRange> {
    if share > 0.0 && share < 1.0 { Ok(()) } else { Err(OutOfRange::Argument) }
}
