//! Servers that have to start, and servers that fail.

use super::general::Moments;
use super::{OutOfRange, check_positive};

/// The time that a set-up adds to the mean wait in M/G/1, where the server is switched off when nobody is there and needs a set-up time
/// before the next service: (2 E\[I\] + λ E\[I²\]) / (2 (1 + λ E\[I\])) (P. D. Welch, Operations Research 12, 1964). For exponential
/// set-ups this is their mean.
pub fn setup_delay(arrivals: f64, setup: Moments) -> Result<f64, OutOfRange> {
    check_positive(&[arrivals, setup.mean, setup.second])?;
    Ok((2.0 * setup.mean + arrivals * setup.second) / (2.0 * (1.0 + arrivals * setup.mean)))
}

/// The moments of the time from the begin of a service to its end on a server that fails while it serves, at the rate `failures`, and goes
/// on with the same service when it is repaired (B. Avi-Itzhak and P. Naor, Operations Research 11, 1963). In M/G/1 they take the
/// place of the service time's.
pub fn with_breakdowns(service: Moments, failures: f64, repair: Moments) -> Result<Moments, OutOfRange> {
    check_positive(&[service.mean, service.second, failures, repair.mean, repair.second])?;
    let stretch = 1.0 + failures * repair.mean;
    let second = service.second * stretch * stretch + failures * service.mean * repair.second;
    Ok(Moments { mean: service.mean * stretch, second })
}

/// The mean time to finish `work` where failures at the rate `failures` lose all of it, and repairs take `repair` in the mean:
/// (1/ξ + r) (e^(ξw) - 1) (a restart model, as in A. Duda, Information Processing Letters 16, 1983).
pub fn restarted_service(work: f64, failures: f64, repair: f64) -> Result<f64, OutOfRange> {
    check_positive(&[work, failures])?;
    if !(repair >= 0.0 && repair.is_finite()) {
        return Err(OutOfRange::Argument);
    }
    Ok((1.0 / failures + repair) * libm::expm1(failures * work))
}

/// The time between checkpoints of length `checkpoint` that loses least when failures come at the rate `failures`, to first order:
/// √(2δ/ξ) (J. W. Young, Communications of the ACM 17, 1974). Good while δ is short against 1/ξ.
pub fn checkpoint_interval(checkpoint: f64, failures: f64) -> Result<f64, OutOfRange> {
    check_positive(&[checkpoint, failures])?;
    Ok((2.0 * checkpoint / failures).sqrt())
}
