//! Many servers with a queue each: the shortest of some queues.

use super::{OutOfRange, check_positive, check_stable};

/// The mean sojourn, in mean service times, where each request joins the shortest of `choices` queues drawn at random, at a busy share
/// of `load`, in the limit of many servers: the sum over i ≥ 1 of ρ^((dⁱ - d) / (d - 1)) (N. D. Vvedenskaya, R. L. Dobrushin and
/// F. I. Karpelevich, 1996; M. Mitzenmacher, 1996). With one choice this is M/M/1.
pub fn power_of_choices(load: f64, choices: u32) -> Result<f64, OutOfRange> {
    check_positive(&[load, f64::from(choices)])?;
    check_stable(load, 1.0)?;
    if choices == 1 {
        return Ok(1.0 / (1.0 - load));
    }
    let (d, mut exponent, mut sum) = (f64::from(choices), 0.0, 0.0);
    loop {
        // e(1) = 0 and e(i + 1) = d (e(i) + 1): at least a doubling each time, so that the terms soon vanish.
        let term = libm::pow(load, exponent);
        if term < f64::EPSILON * 1e-3 * sum {
            return Ok(sum);
        }
        sum += term;
        exponent = d * (exponent + 1.0);
    }
}
