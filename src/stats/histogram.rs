//! A log-linear histogram of positive times.
//!
//! The bin of a value is its double's bits shifted right by 46: 64 bins per octave, so that a bin is at most 1.6 % wide and
//! a quantile interpolated within it errs by less than 0.8 %. Counts are integers: merging in any order gives the same histogram.

use crate::simd::{Isa, compiled_for_each_isa};

/// Sub-bins per octave as a power of two.
const SHIFT: u32 = 46;
/// Values below 2⁻¹⁷ s (about 8 microseconds) share the first bin.
const LOWEST_EXPONENT: u64 = 1023 - 17;
/// Values of 2²⁵ s (a year) and more share the last bin.
const HIGHEST_EXPONENT: u64 = 1023 + 25;
const BASE: u64 = LOWEST_EXPONENT << (52 - SHIFT);
/// Number of bins.
const BINS: usize = ((HIGHEST_EXPONENT - LOWEST_EXPONENT) << (52 - SHIFT)) as usize;

/// The bin of a value in seconds. Negative values and NaN never occur; they would land in an end bin.
#[inline(always)]
pub fn bin_of(seconds: f64) -> usize {
    let key = (seconds.to_bits() >> SHIFT).saturating_sub(BASE) as usize;
    key.min(BINS - 1)
}

/// The lower edge of a bin in seconds.
fn edge(bin: usize) -> f64 {
    if bin == 0 { 0.0 } else { f64::from_bits((bin as u64 + BASE) << SHIFT) }
}

/// Counts of times in log-linear bins.
#[derive(Debug, Clone)]
pub struct Histogram {
    /// The counts, and behind them what [`Histogram::add_all`] leaves out.
    counts: Box<[u64]>,
    /// All counts outside these bins (the first and one behind the last) are zero.
    used: [usize; 2],
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BINS + 1].into_boxed_slice(), used: [BINS, 0] }
    }
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        self.counts[..BINS] == other.counts[..BINS]
    }
}

impl Eq for Histogram {}

/// Numbers whose bins are found together.
const TOGETHER: usize = 64;

compiled_for_each_isa! {
    /// The bin of each number, [`BINS`] for negative ones; returns the lowest and the highest bin among the rest.
    fn bins_of(seconds: &[f64], bins: &mut [u32]) -> [u32; 2] {
        const LAST: u32 = BINS as u32 - 1;
        let (mut lowest, mut highest) = (LAST, 0);
        for (bin, x) in bins.iter_mut().zip(seconds) {
            // The upper half of the double holds its exponent and more than the bits that make the bin.
            let upper = (x.to_bits() >> 32) as u32;
            let key = (upper >> (SHIFT - 32)).max(BASE as u32) - BASE as u32;
            let inside = key.min(LAST);
            let negative = upper >> 31 != 0;
            *bin = if negative { BINS as u32 } else { inside };
            lowest = lowest.min(if negative { LAST } else { inside });
            highest = highest.max(if negative { 0 } else { inside });
        }
        [lowest, highest]
    }
}

impl Histogram {
    /// Counts one value in seconds.
    #[inline(always)]
    pub fn add(&mut self, seconds: f64) {
        self.add_times(seconds, 1);
    }

    /// Counts a value in seconds several times.
    #[inline(always)]
    pub fn add_times(&mut self, seconds: f64, times: u64) {
        let bin = bin_of(seconds);
        self.counts[bin] += times;
        self.use_bins(bin, bin);
    }

    /// Counts many values in seconds; negative ones are left out.
    pub fn add_all(&mut self, isa: Isa, seconds: &[f64]) {
        let mut bins = [0; TOGETHER];
        for part in seconds.chunks(TOGETHER) {
            let bins = &mut bins[..part.len()];
            let [lowest, highest] = bins_of(isa, part, bins);
            for bin in bins {
                self.counts[*bin as usize] += 1;
            }
            self.use_bins(lowest as usize, highest as usize);
        }
    }

    #[inline(always)]
    fn use_bins(&mut self, lowest: usize, highest: usize) {
        self.used = [self.used[0].min(lowest), self.used[1].max(highest + 1)];
    }

    /// The bins that may hold something.
    fn range(&self) -> std::ops::Range<usize> {
        self.used[0]..self.used[1].max(self.used[0])
    }

    /// Takes the counts of another histogram out again, all of which were added before.
    pub fn subtract(&mut self, other: &Histogram) {
        let range = other.range();
        for (mine, theirs) in self.counts[range.clone()].iter_mut().zip(&other.counts[range]) {
            *mine -= theirs;
        }
    }

    /// Number of values.
    pub fn total(&self) -> u64 {
        self.counts[self.range()].iter().sum()
    }

    /// Adds all counts of another histogram.
    pub fn merge(&mut self, other: &Histogram) {
        let range = other.range();
        if range.is_empty() {
            return;
        }
        self.use_bins(range.start, range.end - 1);
        for (mine, theirs) in self.counts[range.clone()].iter_mut().zip(&other.counts[range]) {
            *mine += theirs;
        }
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        let range = self.range();
        self.counts[range].fill(0);
        self.used = [BINS, 0];
    }

    /// The value below which a share `q` of the values lies, interpolated within its bin; NaN when empty.
    pub fn quantile(&self, q: f64) -> f64 {
        let total = self.total();
        if total == 0 {
            return f64::NAN;
        }
        let rank = q.clamp(0.0, 1.0) * total as f64;
        let mut below = 0u64;
        for bin in self.range() {
            let count = self.counts[bin];
            if count > 0 && (below + count) as f64 >= rank {
                let (low, high) = (edge(bin), edge(bin + 1));
                return low + (high - low) * ((rank - below as f64) / count as f64).clamp(0.0, 1.0);
            }
            below += count;
        }
        unreachable!("the counts sum to the total")
    }

    /// The number of values below `seconds`, interpolated within its bin.
    pub fn count_below(&self, seconds: f64) -> f64 {
        let bin = bin_of(seconds);
        let below: u64 = self.counts[..bin].iter().sum();
        let (low, high) = (edge(bin), edge(bin + 1));
        let part = ((seconds - low) / (high - low)).clamp(0.0, 1.0);
        below as f64 + part * self.counts[bin] as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_narrow_and_ordered() {
        for bin in 1..BINS {
            let (low, high) = (edge(bin), edge(bin + 1));
            assert!(low < high && (high - low) / low <= 1.0 / 64.0 + 1e-12);
            assert_eq!(bin_of(low), bin);
        }
        assert_eq!(bin_of(0.0), 0);
        assert_eq!(bin_of(1e9), BINS - 1);
    }

    #[test]
    fn quantiles_of_a_uniform_sample_are_close() {
        let mut histogram = Histogram::default();
        for i in 0..100_000 {
            histogram.add((f64::from(i) + 0.5) / 100_000.0);
        }
        for q in [0.01, 0.5, 0.9, 0.99] {
            assert!((histogram.quantile(q) / q - 1.0).abs() < 0.001, "{q}");
            assert!((histogram.count_below(q) / (q * 1e5) - 1.0).abs() < 0.001);
        }
    }

    #[test]
    fn many_at_once_are_counted_as_one_by_one() {
        let mut values: Vec<f64> = (0..5000).map(|i| 1e-7 * 1.01f64.powi(i)).collect();
        values.extend([0.0, -1.0, f64::INFINITY, -0.001, 3.0]);
        let mut expected = Histogram::default();
        values.iter().filter(|x| **x >= 0.0).for_each(|x| expected.add(*x));
        for &isa in Isa::available() {
            let mut found = Histogram::default();
            found.add_all(isa, &values);
            assert_eq!(found, expected, "{isa}");
            assert_eq!((found.total(), found.quantile(0.4)), (expected.total(), expected.quantile(0.4)));
            found.subtract(&expected);
            assert_eq!(found.total(), 0);
        }
    }

    #[test]
    fn merging_and_subtracting_are_exact() {
        let (mut a, mut b) = (Histogram::default(), Histogram::default());
        a.add(0.3);
        b.add(0.3);
        b.add(2.0);
        a.merge(&b);
        a.subtract(&b);
        assert_eq!(a.total(), 1);
        a.clear();
        assert_eq!(a, Histogram::default());
        assert!(a.quantile(0.5).is_nan());
    }
}
