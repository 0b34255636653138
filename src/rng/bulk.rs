//! Uniform numbers for many consecutive entities at once.

use super::philox::{KEY_STEPS, MULTIPLIERS, ROUNDS};
use super::{BELOW_ONE, Stream};
use crate::simd::{Isa, compiled_for_each_isa};

/// Entities whose words are computed together: short enough for the registers.
const WIDTH: usize = 8;
/// Entities whose words become numbers together: a loop long enough to stay one, so that the compiler makes vector code of it.
const CHUNK: usize = 16 * WIDTH;
const LOW_HALF: u64 = 0xffff_ffff;

impl Stream {
    /// The two uniform numbers of draw 0 of the entities `first..first + n`, n being the length of both slices.
    ///
    /// Equal to [`Stream::uniforms`] of each entity, bit for bit.
    ///
    /// # Panics
    /// If the slices differ in length, or the processor does not have `isa`.
    pub fn fill_uniforms(&self, isa: Isa, replication: u32, first: u64, a: &mut [f64], b: &mut [f64]) {
        assert_eq!(a.len(), b.len(), "both slices hold one number an entity");
        fill(isa, self.key, replication, first, a, b);
    }
}

compiled_for_each_isa! {
    fn fill(key: [u32; 2], replication: u32, first: u64, a: &mut [f64], b: &mut [f64]) {
        let keys = key_of_each_round(key);
        let (mut words_a, mut words_b) = ([0; CHUNK], [0; CHUNK]);
        let mut entity = first;
        for (a, b) in a.chunks_mut(CHUNK).zip(b.chunks_mut(CHUNK)) {
            let vectors = words_a.chunks_exact_mut(WIDTH).zip(words_b.chunks_exact_mut(WIDTH));
            for (words_a, words_b) in vectors.take(a.len().div_ceil(WIDTH)) {
                let [w0, w1, w2, w3] = words_of_consecutive(&keys, replication, entity);
                for i in 0..WIDTH {
                    words_a[i] = (w0[i] << 32) | (w1[i] & LOW_HALF);
                    words_b[i] = (w2[i] << 32) | (w3[i] & LOW_HALF);
                }
                entity = entity.wrapping_add(WIDTH as u64);
            }
            a.iter_mut().zip(&words_a).for_each(|(a, words)| *a = open_unit_of_both(*words));
            b.iter_mut().zip(&words_b).for_each(|(b, words)| *b = open_unit_of_both(*words));
        }
    }
}

#[inline(always)]
fn key_of_each_round([mut k0, mut k1]: [u32; 2]) -> [[u64; 2]; ROUNDS] {
    [(); ROUNDS].map(|()| {
        let key = [u64::from(k0), u64::from(k1)];
        k0 = k0.wrapping_add(KEY_STEPS[0]);
        k1 = k1.wrapping_add(KEY_STEPS[1]);
        key
    })
}

/// Philox4x32-10 of `WIDTH` consecutive counters, word by word.
///
/// Each word stands in the lower half of its lane; the upper half is of no meaning. So a product of two words needs no lanes to be
/// moved: vectors multiply the lower halves.
#[inline(always)]
fn words_of_consecutive(keys: &[[u64; 2]; ROUNDS], replication: u32, first: u64) -> [[u64; WIDTH]; 4] {
    let mut c0 = [u64::from(replication); WIDTH];
    let (mut c1, mut c2, mut c3) = ([0; WIDTH], [0; WIDTH], [0; WIDTH]);
    for i in 0..WIDTH {
        let entity = first.wrapping_add(i as u64);
        c1[i] = entity;
        c2[i] = entity >> 32;
    }
    for [k0, k1] in keys {
        for i in 0..WIDTH {
            let p0 = u64::from(MULTIPLIERS[0]) * (c0[i] & LOW_HALF);
            let p1 = u64::from(MULTIPLIERS[1]) * (c2[i] & LOW_HALF);
            c0[i] = (p1 >> 32) ^ c1[i] ^ k0;
            c2[i] = (p0 >> 32) ^ c3[i] ^ k1;
            c1[i] = p1;
            c3[i] = p0;
        }
    }
    [c0, c1, c2, c3]
}

/// [`open_unit`](super::open_unit) of two words, the first in the upper half, without a conversion from integers.
///
/// Put in the mantissa of 2²⁰ the first word counts steps of 2⁻³²; in that of ¼ twice the upper 21 bits of the second and one more
/// count steps of 2⁻⁵⁴. Both differences are exact, so that their sum is rounded once, just as n + ½ is.
#[inline(always)]
fn open_unit_of_both(words: u64) -> f64 {
    const TWO_TO_20: f64 = (1 << 20) as f64;
    const QUARTER: f64 = 0.25;
    const TWICE_21_BITS: u64 = 0x3f_fffe;
    let high = f64::from_bits(TWO_TO_20.to_bits() | (words >> 32)) - TWO_TO_20;
    let low = f64::from_bits((QUARTER.to_bits() | 1) | ((words >> 10) & TWICE_21_BITS)) - QUARTER;
    let sum = high + low;
    if sum < BELOW_ONE { sum } else { BELOW_ONE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, open_unit};

    #[test]
    fn many_at_once_are_the_same_as_one_by_one() {
        let stream = Stream::new(7, Purpose::Request);
        for isa in Isa::available() {
            // Across the change of the counter's upper word, at its end, and of every length around that of a vector.
            for (first, n) in [((1u64 << 32) - 500, 1024), (u64::MAX - 3, 4), (0, 0), (3, 1), (8, 7), (9, 9), (70, 21)]
            {
                let (mut a, mut b) = (vec![0.0; n], vec![0.0; n]);
                stream.fill_uniforms(*isa, 3, first, &mut a, &mut b);
                for i in 0..n {
                    assert_eq!([a[i], b[i]], stream.uniforms(3, first + i as u64, 0), "{isa}: {first} + {i}");
                }
            }
        }
    }

    #[test]
    fn words_become_the_same_numbers_with_and_without_conversion() {
        let words =
            [0, 1, 0x3ff, 0x7ff, 0x800, 0xfff, 0x1000, 1 << 31, 0x7fff_ffff, u32::MAX - 0x800, u32::MAX - 1, u32::MAX];
        for high in words {
            for low in words {
                let found = open_unit_of_both(u64::from(high) << 32 | u64::from(low));
                assert_eq!(found.to_bits(), open_unit(high, low).to_bits(), "{high:x} {low:x}");
            }
        }
    }
}
