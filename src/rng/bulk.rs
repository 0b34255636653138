//! Uniform numbers for many consecutive entities at once.

use super::{Stream, open_unit};

/// Entities handled together: the loops below run over arrays of this length and become vector code.
const WIDTH: usize = 8;

impl Stream {
    /// The two uniform numbers of draw 0 of the entities `first..first + n`, n being the length of both slices.
    ///
    /// Equal to [`Stream::uniforms`] of each entity, bit for bit.
    pub fn fill_uniforms(&self, replication: u32, first: u64, a: &mut [f64], b: &mut [f64]) {
        assert_eq!(a.len(), b.len(), "both slices hold one number an entity");
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2, which is all that the function needs.
            unsafe { self.fill_uniforms_avx2(replication, first, a, b) };
            return;
        }
        self.fill_uniforms_portable(replication, first, a, b);
    }

    /// The portable loop, compiled for AVX2: the same operations, so the same bits.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn fill_uniforms_avx2(&self, replication: u32, first: u64, a: &mut [f64], b: &mut [f64]) {
        self.fill_uniforms_portable(replication, first, a, b);
    }

    #[inline(always)]
    fn fill_uniforms_portable(&self, replication: u32, first: u64, a: &mut [f64], b: &mut [f64]) {
        let mut entity = first;
        for (a, b) in a.chunks_mut(WIDTH).zip(b.chunks_mut(WIDTH)) {
            let words = self.words_of_consecutive(replication, entity);
            for i in 0..a.len() {
                a[i] = open_unit(words[0][i], words[1][i]);
                b[i] = open_unit(words[2][i], words[3][i]);
            }
            entity += WIDTH as u64;
        }
    }

    /// Philox4x32-10 of `WIDTH` consecutive counters, word by word.
    #[inline(always)]
    fn words_of_consecutive(&self, replication: u32, first: u64) -> [[u32; WIDTH]; 4] {
        let mut c0 = [replication; WIDTH];
        let (mut c1, mut c2, mut c3) = ([0; WIDTH], [0; WIDTH], [0u32; WIDTH]);
        for i in 0..WIDTH {
            let entity = first + i as u64;
            c1[i] = entity as u32;
            c2[i] = (entity >> 32) as u32;
        }
        let [mut k0, mut k1] = self.key;
        for _ in 0..10 {
            for i in 0..WIDTH {
                let (p0, p1) = (0xD251_1F53 * u64::from(c0[i]), 0xCD9E_8D57 * u64::from(c2[i]));
                c0[i] = (p1 >> 32) as u32 ^ c1[i] ^ k0;
                c2[i] = (p0 >> 32) as u32 ^ c3[i] ^ k1;
                c1[i] = p1 as u32;
                c3[i] = p0 as u32;
            }
            k0 = k0.wrapping_add(0x9E37_79B9);
            k1 = k1.wrapping_add(0xBB67_AE85);
        }
        [c0, c1, c2, c3]
    }
}

#[cfg(test)]
mod tests {
    use crate::rng::{Purpose, Stream};

    #[test]
    fn many_at_once_are_the_same_as_one_by_one() {
        let stream = Stream::new(7, Purpose::Request);
        let (mut a, mut b) = ([0.0; 21], [0.0; 21]);
        let first = (1u64 << 32) - 5;
        stream.fill_uniforms(3, first, &mut a, &mut b);
        for i in 0..21 {
            assert_eq!([a[i], b[i]], stream.uniforms(3, first + i as u64, 0));
        }
        let (mut c, mut d) = (a, b);
        stream.fill_uniforms_portable(3, first, &mut c, &mut d);
        assert_eq!((a, b), (c, d), "every processor draws the same numbers");
    }
}
