//! Servers of different speeds.

use super::{OutOfRange, check_positive, check_stable};

/// The mean sojourn with two servers of rates `fast` ≥ `slow`, of which a request takes the faster one if both are free (K. S. Trivedi,
/// Probability and Statistics with Reliability, Queuing and Computer Science Applications, 1982).
///
/// It may be longer than with the fast server alone.
pub fn two_servers_sojourn(arrivals: f64, fast: f64, slow: f64) -> Result<f64, OutOfRange> {
    check_positive(&[arrivals, fast, slow])?;
    check_stable(arrivals, fast + slow)?;
    if fast < slow {
        return Err(OutOfRange::Argument);
    }
    let busy = arrivals / (fast + slow);
    let scale = fast * slow * (1.0 + 2.0 * busy) / (arrivals * (arrivals + slow)) + 1.0 / (1.0 - busy);
    let requests = 1.0 / (scale * (1.0 - busy) * (1.0 - busy));
    Ok(requests / arrivals)
}
