//! Constants of other ways to select the best of some systems, to compare with: two stages, of which the second takes (h s / δ)² samples of a
//! system whose first ones had the standard deviation s.
//!
//! Densities are integrated by Simpson's rule, for samples of which at least three are taken first.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::gamma::ln_gamma;

/// Nodes of an integral, an even number of steps.
const STEPS: usize = 240;

/// Nodes and weights over an interval.
fn simpson(from: f64, to: f64) -> impl Iterator<Item = (f64, f64)> + Clone {
    let step = (to - from) / STEPS as f64;
    (0..=STEPS).map(move |index| {
        let weight = if index == 0 || index == STEPS {
            1.0
        } else if index % 2 == 1 {
            4.0
        } else {
            2.0
        };
        (from + step * index as f64, weight * step / 3.0)
    })
}

/// Roots of chi-square variables: nodes with the probability that they stand for.
fn chi(freedom: f64) -> Vec<(f64, f64)> {
    let middle = freedom.sqrt();
    let scale = (1.0 - 0.5 * freedom) * std::f64::consts::LN_2 - ln_gamma(0.5 * freedom);
    let density = |z: f64| if z > 0.0 { libm::exp(scale + (freedom - 1.0) * libm::log(z) - 0.5 * z * z) } else { 0.0 };
    simpson((middle - 7.0).max(0.0), middle + 7.0).map(|(z, weight)| (z, weight * density(z))).collect()
}

/// Where an increasing probability reaches `wanted`.
fn root(wanted: f64, probability: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while probability(high) < wanted && high < 1e6 {
        high *= 2.0;
    }
    for _ in 0..48 {
        let middle = 0.5 * (low + high);
        if probability(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

fn sensible(first: u32, systems: u32, confidence: f64) -> bool {
    (3..=10_000).contains(&first) && systems >= 2 && 1.0 / f64::from(systems) < confidence && confidence < 1.0
}

/// Rinott's h (1978) for the best of `systems` with `first` samples of each in the first stage: the best one is selected with this
/// confidence. `None` outside of 3 to 10,000 samples, for fewer than two systems, or a confidence that guessing reaches.
pub fn rinott(first: u32, systems: u32, confidence: f64) -> Option<f64> {
    if !sensible(first, systems, confidence) {
        return None;
    }
    let freedom = f64::from(first) - 1.0;
    let (normal, chi) = (Normal::standard(), chi(freedom));
    let probability = |h: f64| -> f64 {
        let against = |own: f64| -> f64 {
            let one = |(other, weight): &(f64, f64)| {
                weight * normal.cdf(h / (freedom * (1.0 / (own * own) + 1.0 / (other * other))).sqrt())
            };
            chi.iter().filter(|(other, _)| *other > 0.0).map(one).sum()
        };
        let own = chi.iter().filter(|(own, _)| *own > 0.0);
        own.map(|(own, weight)| weight * against(*own).powf(f64::from(systems) - 1.0)).sum()
    };
    Some(root(confidence, probability))
}

/// The h of Dudewicz and Dalal (1975), for weighted means of both stages; arguments like [`rinott`].
pub fn dudewicz_dalal(first: u32, systems: u32, confidence: f64) -> Option<f64> {
    if !sensible(first, systems, confidence) {
        return None;
    }
    let freedom = f64::from(first) - 1.0;
    let law = statrs::distribution::StudentsT::new(0.0, 1.0, freedom).ok()?;
    // The tangent brings Student's long tails into an interval.
    let reach = freedom.sqrt();
    let scale = ln_gamma(0.5 * (freedom + 1.0)) - ln_gamma(0.5 * freedom) - 0.5 * libm::log(std::f64::consts::PI);
    let node = |(angle, weight): (f64, f64)| {
        let (t, cos) = (reach * libm::tan(angle), libm::cos(angle));
        // Density times the derivative of t: the powers of the cosine that remain.
        (t, weight * libm::exp(scale) * cos.max(0.0).powf(freedom - 1.0))
    };
    let half = std::f64::consts::FRAC_PI_2 * (1.0 - 1e-9);
    let nodes: Vec<(f64, f64)> = simpson(-half, half).map(node).collect();
    let power = f64::from(systems) - 1.0;
    let probability = |h: f64| -> f64 { nodes.iter().map(|(t, weight)| weight * law.cdf(t + h).powf(power)).sum() };
    Some(root(confidence, probability))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed tables: h for 20 first samples and 95 %; with two systems both procedures have the same.
    #[test]
    fn printed_constants_come_out() {
        let close =
            |found: Option<f64>, printed: f64| assert!((found.unwrap() - printed).abs() < 6e-4, "{found:?} {printed}");
        close(rinott(20, 2, 0.95), 2.453);
        close(rinott(20, 10, 0.95), 3.875);
        close(dudewicz_dalal(20, 2, 0.95), 2.453);
        close(dudewicz_dalal(20, 10, 0.95), 3.679);
        assert_eq!([rinott(2, 3, 0.9), rinott(20, 1, 0.9), dudewicz_dalal(20, 4, 0.25), rinott(20, 4, 1.0)], [None; 4]);
    }
}
