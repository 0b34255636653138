//! G/G/1 and G/G/c: mean waits from two moments.
//!
//! Approximations for general gaps between arrivals and general service times, by their squared coefficients of variation
//! (variance / mean²; 1 for exponential times, 0 for constant ones).

use super::erlang::ErlangC;
use super::{OutOfRange, check_positive, check_stable};

/// How much gaps between arrivals and service times vary: squared coefficients of variation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variability {
    /// Of gaps between arrivals.
    pub arrivals: f64,
    /// Of service times.
    pub services: f64,
}

impl Variability {
    /// The factor of the wait against exponential times: the mean of both.
    fn factor(&self) -> f64 {
        0.5 * (self.arrivals + self.services)
    }
}

/// Checks a queue and gives the busy share of its servers.
fn busy_share(load: f64, servers: u32, variability: Variability) -> Result<f64, OutOfRange> {
    let count = f64::from(servers);
    check_positive(&[load, count])?;
    check_stable(load, count)?;
    let known = |number: f64| number >= 0.0 && number.is_finite();
    if known(variability.arrivals) && known(variability.services) {
        Ok(load / count)
    } else {
        Err(OutOfRange::Argument)
    }
}

/// The mean wait in G/G/1, in mean service times, at a busy share of `load`.
///
/// W. Krämer and M. Langenbach-Belz (1976), with their correction left out where gaps vary more than exponential ones, as in the
/// Queueing Network Analyzer (W. Whitt, Bell System Technical Journal 62, 1983). Exact for M/G/1.
pub fn qna(load: f64, variability: Variability) -> Result<f64, OutOfRange> {
    let busy = busy_share(load, 1, variability)?;
    let factor = variability.factor();
    let correction = if variability.arrivals < 1.0 && factor > 0.0 {
        let missing = 1.0 - variability.arrivals;
        libm::exp(-(1.0 - busy) * missing * missing / (3.0 * busy * factor))
    } else {
        1.0
    };
    Ok(busy / (1.0 - busy) * factor * correction)
}

/// The mean wait in G/G/c, in mean service times: that of M/M/c times the mean of both variabilities (A. O. Allen, 1978, after
/// Cunneen). Exact for M/M/c and M/G/1.
pub fn allen_cunneen(servers: u32, load: f64, variability: Variability) -> Result<f64, OutOfRange> {
    busy_share(load, servers, variability)?;
    Ok(variability.factor() * ErlangC::new(servers, load).mean_wait())
}

/// The same without Erlang C (H. Sakasegawa, Annals of the Institute of Statistical Mathematics 29, 1977).
pub fn sakasegawa(servers: u32, load: f64, variability: Variability) -> Result<f64, OutOfRange> {
    let busy = busy_share(load, servers, variability)?;
    let count = f64::from(servers);
    let power = libm::pow(busy, (2.0 * (count + 1.0)).sqrt() - 1.0);
    Ok(variability.factor() * power / (count * (1.0 - busy)))
}

/// The mean wait in G/G/c, in mean service times, with corrections for constant times (W. Whitt, Production and Operations
/// Management 2, 1993). Within a few per cent where the variabilities are below 4.
pub fn whitt(servers: u32, load: f64, variability: Variability) -> Result<f64, OutOfRange> {
    let busy = busy_share(load, servers, variability)?;
    let count = f64::from(servers);
    let Variability { arrivals, services } = variability;
    let factor = variability.factor();
    if factor == 0.0 {
        return Ok(0.0);
    }
    let idle = 1.0 - busy;
    let gamma = (idle * (count - 1.0) * ((4.0 + 5.0 * count).sqrt() - 2.0) / (16.0 * busy * count)).min(0.24);
    // The ratios to M/M/c of M/D/c, of D/M/c, and of a queue with both variabilities below 1.
    let constant_service = 1.0 + gamma;
    let constant_gaps = (1.0 - 4.0 * gamma) * libm::exp(-2.0 * idle / (3.0 * busy));
    let both = (0.5 * (constant_service + constant_gaps)).min(1.0);
    let psi = if factor >= 1.0 { 1.0 } else { libm::pow(both, 2.0 * (1.0 - factor)) };
    let phi = if arrivals >= services {
        (4.0 * (arrivals - services) * constant_service + services * psi) / (4.0 * arrivals - 3.0 * services)
    } else {
        ((services - arrivals) * constant_gaps + (services + 3.0 * arrivals) * psi) / (2.0 * (arrivals + services))
    };
    Ok(phi * factor * ErlangC::new(servers, load).mean_wait())
}
