//! Quantile functions without a closed form, tabulated once and interpolated.
//!
//! The logarithm of the quantile is a smooth function of z, the normal quantile of the probability. It is tabulated at steps of
//! 1/64 in z with its exact derivative and interpolated by cubic Hermite polynomials; the relative error stays below 10⁻⁷.

use super::math::exp;
use super::normal::{normal_quantile, normal_quantiles};
use crate::simd::{Isa, compiled_for_each_isa};

const STEPS_PER_UNIT: f64 = 64.0;
/// |z| of the smallest and largest uniform number is below 8.3.
const LIMIT: f64 = 8.5;
const NODES: usize = (2.0 * LIMIT * STEPS_PER_UNIT) as usize + 1;

/// A tabulated quantile function of a positive law.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileTable {
    /// ln of the quantile and its derivative by z, at each node.
    nodes: Vec<[f64; 2]>,
}

/// What the table needs to know of a law, at x = e^y.
struct Shape<'a> {
    /// ln P(X ≤ x).
    ln_below: &'a dyn Fn(f64) -> f64,
    /// ln P(X > x).
    ln_above: &'a dyn Fn(f64) -> f64,
    /// ln of (density · x).
    ln_density: &'a dyn Fn(f64) -> f64,
}

impl QuantileTable {
    /// The gamma law with shape 1/cv² and scale mean·cv².
    pub fn gamma(mean: f64, cv: f64) -> Self {
        let shape = 1.0 / (cv * cv);
        let ln_gamma = libm::lgamma(shape);
        let mut table = Self::tabulate(&Shape {
            ln_below: &|y| ln_gamma_below(shape, ln_gamma, y),
            ln_above: &|y| ln_gamma_above(shape, ln_gamma, y),
            ln_density: &|y| shape * y - libm::exp(y) - ln_gamma,
        });
        let ln_scale = libm::log(mean * cv * cv);
        table.nodes.iter_mut().for_each(|node| node[0] += ln_scale);
        table
    }

    /// The mixture of two exponentials with balanced means: p₁ = (1 + √((cv²−1)/(cv²+1)))/2, rates 2pᵢ/mean.
    pub fn hyperexponential(mean: f64, cv: f64) -> Self {
        let square = cv * cv;
        let p1 = 0.5 * (1.0 + ((square - 1.0) / (square + 1.0)).sqrt());
        let (p2, r1, r2) = (1.0 - p1, 2.0 * p1, 2.0 * (1.0 - p1));
        let mut table = Self::tabulate(&Shape {
            ln_below: &|y| {
                let x = libm::exp(y);
                libm::log(-(p1 * libm::expm1(-r1 * x) + p2 * libm::expm1(-r2 * x)))
            },
            ln_above: &|y| {
                let x = libm::exp(y);
                // The slow phase is factored out, so that nothing underflows.
                -r2 * x + libm::log(p1 * libm::exp(-(r1 - r2) * x) + p2)
            },
            ln_density: &|y| {
                let x = libm::exp(y);
                -r2 * x + libm::log(p1 * r1 * libm::exp(-(r1 - r2) * x) + p2 * r2) + y
            },
        });
        let ln_mean = libm::log(mean);
        table.nodes.iter_mut().for_each(|node| node[0] += ln_mean);
        table
    }

    fn tabulate(law: &Shape) -> Self {
        let nodes = (0..NODES)
            .map(|i| {
                let z = i as f64 / STEPS_PER_UNIT - LIMIT;
                let ln_tail = libm::log(0.5 * libm::erfc(z.abs() / std::f64::consts::SQRT_2));
                let y = bisect(|y| if z < 0.0 { (law.ln_below)(y) < ln_tail } else { (law.ln_above)(y) > ln_tail });
                let ln_normal_density = -0.5 * z * z - 0.5 * libm::log(2.0 * std::f64::consts::PI);
                [y, libm::exp(ln_normal_density - (law.ln_density)(y))]
            })
            .collect();
        Self { nodes }
    }

    /// The time that belongs to the uniform number `u`.
    #[inline]
    pub fn draw(&self, u: f64) -> f64 {
        let (index, t) = position(normal_quantile(u));
        exp(between(self.nodes[index], self.nodes[index + 1], t))
    }

    /// Replaces each uniform number by its time: [`QuantileTable::draw`] of each, bit for bit.
    pub(super) fn draw_all(&self, isa: Isa, numbers: &mut [f64]) {
        draw_all(isa, &self.nodes, numbers);
    }
}

compiled_for_each_isa! {
    fn draw_all(nodes: &[[f64; 2]], numbers: &mut [f64]) {
        normal_quantiles(numbers);
        for z in numbers.iter_mut() {
            let (index, t) = position(*z);
            *z = between(nodes[index], nodes[index + 1], t);
        }
        numbers.iter_mut().for_each(|y| *y = exp(*y));
    }
}

/// The node before the normal quantile `z`, and the share of the step beyond it.
#[inline(always)]
fn position(z: f64) -> (usize, f64) {
    let position = (z + LIMIT) * STEPS_PER_UNIT;
    let index = (position as usize).min(NODES - 2);
    (index, position - index as f64)
}

/// The Hermite polynomial between two nodes.
#[inline(always)]
fn between([y0, d0]: [f64; 2], [y1, d1]: [f64; 2], t: f64) -> f64 {
    let (d0, d1) = (d0 / STEPS_PER_UNIT, d1 / STEPS_PER_UNIT);
    let rise = y1 - y0;
    let (a, b) = (d0 - rise, rise - d1);
    y0 + t * (rise + (1.0 - t) * (a * (1.0 - t) + b * t))
}

/// The y at which `too_low` changes from true to false.
fn bisect(too_low: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (-40_000.0, 20.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if too_low(middle) { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// ln P(a, e^y), the regularised lower incomplete gamma function: its power series below a + 1, else 1 − Q.
fn ln_gamma_below(a: f64, ln_gamma: f64, y: f64) -> f64 {
    let x = libm::exp(y);
    if x >= a + 1.0 {
        return libm::log1p(-libm::exp(ln_gamma_above(a, ln_gamma, y)));
    }
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
    for _ in 0..10_000 {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    a * y - x - ln_gamma + libm::log(sum)
}

/// ln Q(a, e^y), the upper function: Lentz's continued fraction above a + 1, else 1 − P.
fn ln_gamma_above(a: f64, ln_gamma: f64, y: f64) -> f64 {
    let x = libm::exp(y);
    if x < a + 1.0 {
        return libm::log1p(-libm::exp(ln_gamma_below(a, ln_gamma, y)));
    }
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..10_000 {
        let an = -f64::from(i) * (f64::from(i) - a);
        b += 2.0;
        d = 1.0 / nonzero(an * d + b, tiny);
        c = nonzero(b + an / c, tiny);
        let delta = d * c;
        h *= delta;
        if (delta - 1.0).abs() < 1e-16 {
            break;
        }
    }
    a * y - x - ln_gamma + libm::log(h)
}

fn nonzero(value: f64, tiny: f64) -> f64 {
    if value.abs() < tiny { tiny } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Gamma};

    #[test]
    fn gamma_quantiles_agree_with_an_independent_library() {
        for cv in [0.2, 0.5, 1.0, 2.0] {
            let (table, law) =
                (QuantileTable::gamma(3.0, cv), Gamma::new(1.0 / (cv * cv), 1.0 / (3.0 * cv * cv)).unwrap());
            for i in 1..1000 {
                let u = f64::from(i) / 1000.0;
                let x = table.draw(u);
                assert!((law.cdf(x) - u).abs() < 1e-8, "cv {cv} u {u} x {x} cdf {}", law.cdf(x));
            }
        }
    }

    #[test]
    fn tails_are_finite_and_ordered() {
        for table in [QuantileTable::gamma(1.0, 3.0), QuantileTable::hyperexponential(1.0, 4.0)] {
            let mut last = 0.0;
            for u in [1.2e-16, 1e-9, 0.01, 0.5, 0.99, 1.0 - 1e-9, 1.0 - 1.2e-16] {
                let x = table.draw(u);
                assert!(x.is_finite() && x >= last, "{u}: {x}");
                last = x;
            }
        }
    }
}
