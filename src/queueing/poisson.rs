//! Poisson probabilities.

use super::OutOfRange;

/// The probabilities of a Poisson number, as far as they count: what is left out is below 10⁻²² in sum.
///
/// They are computed outward from the most probable number by their ratios and divided by their sum, so that nothing
/// overflows or cancels (B. L. Fox and P. W. Glynn, Communications of the ACM 31, 1988).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Poisson {
    first: usize,
    probabilities: Vec<f64>,
    up_to: Vec<f64>,
}

impl Poisson {
    /// The law with the given mean, up to 10⁸.
    pub(super) fn new(mean: f64) -> Result<Self, OutOfRange> {
        const MOST: f64 = 1e8;
        const NEGLIGIBLE: f64 = 1e-28;
        if !(0.0..=MOST).contains(&mean) {
            return Err(OutOfRange::TooLarge);
        }
        let mode = mean as usize;
        let (mut probabilities, mut weight, mut first) = (vec![1.0], 1.0, mode);
        while first > 0 && weight > NEGLIGIBLE {
            weight *= first as f64 / mean;
            probabilities.push(weight);
            first -= 1;
        }
        probabilities.reverse();
        let (mut weight, mut number) = (1.0, mode);
        while weight > NEGLIGIBLE {
            number += 1;
            weight *= mean / number as f64;
            probabilities.push(weight);
        }
        let total: f64 = probabilities.iter().sum();
        let mut sum = 0.0;
        let mut up_to = Vec::with_capacity(probabilities.len());
        for probability in &mut probabilities {
            *probability /= total;
            sum += *probability;
            up_to.push(sum);
        }
        Ok(Self { first, probabilities, up_to })
    }

    /// The largest number that counts.
    pub(super) fn last(&self) -> usize {
        self.first + self.probabilities.len() - 1
    }

    /// The numbers that count, with their probabilities.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        (self.first..).zip(self.probabilities.iter().copied())
    }

    /// The probability of `number`.
    pub(super) fn at(&self, number: usize) -> f64 {
        let place = number.checked_sub(self.first);
        place.and_then(|place| self.probabilities.get(place)).copied().unwrap_or(0.0)
    }

    /// The probability of `number` or less.
    pub(super) fn at_most(&self, number: usize) -> f64 {
        match number.checked_sub(self.first) {
            Some(place) => self.up_to.get(place).copied().unwrap_or(1.0).min(1.0),
            None => 0.0,
        }
    }
}
