//! Vectors of doubles for loops that the compiler does not turn into vector code by itself.
//!
//! The operations are those of every processor: no fused multiply-add, a minimum and maximum that are a comparison and a choice.
//! So a loop that is generic over [`Vector`] gives the same bits with each of them.

/// A few doubles that are handled together.
///
/// # Safety
/// The values of an implementation may only be made where its instruction set is known to be there; what uses them must be
/// inlined into a function that is compiled for it.
pub(crate) unsafe trait Vector: Copy {
    /// The doubles in memory: an array of as many as there are lanes.
    type Row: Copy + AsRef<[f64]> + AsMut<[f64]>;

    /// All lanes the same.
    fn splat(x: f64) -> Self;
    /// From memory.
    fn load(row: &Self::Row) -> Self;
    /// Into memory.
    fn store(self, row: &mut Self::Row);
    /// Sums.
    fn plus(self, other: Self) -> Self;
    /// The smaller of each pair, the other's if they are equal.
    fn min(self, other: Self) -> Self;
    /// The larger of each pair, the other's if they are equal.
    fn max(self, other: Self) -> Self;
    /// Bits that both have.
    fn and(self, other: Self) -> Self;
    /// Bits that this has and the other has not.
    fn and_not(self, other: Self) -> Self;
    /// Bits that one of them has.
    fn or(self, other: Self) -> Self;
    /// All bits where this is less than the other, else none.
    fn less(self, other: Self) -> Self;
    /// All bits where the lowest bit is set, else none.
    fn lowest_bit(self) -> Self;
    /// The highest bits of the lanes, the first lane's lowest.
    fn bits(self) -> u32;
    /// `a` where this has all bits, `b` where it has none.
    fn choose(self, a: Self, b: Self) -> Self;
    /// The smallest of the lanes.
    fn smallest(self) -> f64;
}

/// Vectors of `$lanes` lanes as arrays of `$parts` registers.
#[cfg(target_arch = "x86_64")]
macro_rules! registers {
    ($(#[$attribute:meta])* $name:ident, $register:ty, $parts:literal, $lanes:literal, $each:literal,
     $set1:ident, $loadu:ident, $storeu:ident, $add:ident, $min:ident, $max:ident, $and:ident, $andnot:ident, $or:ident,
     |$a:ident, $b:ident| $less:expr, |$x:ident| $lowest:expr, |$m:ident| $bits:expr, |$c:ident, $t:ident, $f:ident| $choose:expr) => {
        $(#[$attribute])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name([$register; $parts]);

        impl $name {
            #[inline(always)]
            fn each(self, other: Self, f: impl Fn($register, $register) -> $register) -> Self {
                let mut parts = self.0;
                for i in 0..$parts {
                    parts[i] = f(self.0[i], other.0[i]);
                }
                Self(parts)
            }
        }

        // SAFETY: in all functions: the instructions are there wherever a value of the type may be made, and rows are as long as
        // the registers together.
        unsafe impl Vector for $name {
            type Row = [f64; $lanes];

            #[inline(always)]
            fn splat(x: f64) -> Self {
                Self([unsafe { $set1(x) }; $parts])
            }
            #[inline(always)]
            fn load(row: &Self::Row) -> Self {
                let mut parts = [unsafe { $set1(0.0) }; $parts];
                for i in 0..$parts {
                    parts[i] = unsafe { $loadu(row.as_ptr().add(i * $each)) };
                }
                Self(parts)
            }
            #[inline(always)]
            fn store(self, row: &mut Self::Row) {
                for i in 0..$parts {
                    unsafe { $storeu(row.as_mut_ptr().add(i * $each), self.0[i]) };
                }
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.each(other, |a, b| unsafe { $add(a, b) })
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                self.each(other, |a, b| unsafe { $min(a, b) })
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                self.each(other, |a, b| unsafe { $max(a, b) })
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self.each(other, |a, b| unsafe { $and(a, b) })
            }
            #[inline(always)]
            fn and_not(self, other: Self) -> Self {
                self.each(other, |a, b| unsafe { $andnot(b, a) })
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self.each(other, |a, b| unsafe { $or(a, b) })
            }
            #[inline(always)]
            fn less(self, other: Self) -> Self {
                self.each(other, |$a, $b| unsafe { $less })
            }
            #[inline(always)]
            fn lowest_bit(self) -> Self {
                self.each(self, |$x, _| unsafe { $lowest })
            }
            #[inline(always)]
            fn bits(self) -> u32 {
                let mut bits = 0;
                for i in 0..$parts {
                    let $m = self.0[i];
                    bits |= (unsafe { $bits } as u32) << (i * $each);
                }
                bits
            }
            #[inline(always)]
            fn choose(self, a: Self, b: Self) -> Self {
                let mut parts = self.0;
                for i in 0..$parts {
                    let ($c, $t, $f) = (self.0[i], a.0[i], b.0[i]);
                    parts[i] = unsafe { $choose };
                }
                Self(parts)
            }
            #[inline(always)]
            fn smallest(self) -> f64 {
                let others = self.0[1..].iter();
                let smallest = others.fold(self.0[0], |smallest, part| unsafe { $min(smallest, *part) });
                let mut lanes = [0.0; $each];
                unsafe { $storeu(lanes.as_mut_ptr(), smallest) };
                lanes.into_iter().fold(f64::INFINITY, |smallest, x| if x < smallest { x } else { smallest })
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    #[inline(always)]
    unsafe fn load_one(from: *const f64) -> __m128d {
        unsafe { _mm_load_sd(from) }
    }

    #[inline(always)]
    unsafe fn store_one(to: *mut f64, x: __m128d) {
        unsafe { _mm_store_sd(to, x) }
    }

    registers! {
        /// One double. It stays in a vector register, where bits are masked without a detour.
        One, __m128d, 1, 1, 1, _mm_set_sd, load_one, store_one,
        _mm_add_sd, _mm_min_sd, _mm_max_sd, _mm_and_pd, _mm_andnot_pd, _mm_or_pd,
        |a, b| _mm_cmplt_sd(a, b),
        |x| _mm_castsi128_pd(_mm_sub_epi64(_mm_setzero_si128(), _mm_and_si128(_mm_castpd_si128(x), _mm_set1_epi64x(1)))),
        |m| _mm_movemask_pd(m) & 1,
        |c, t, f| _mm_or_pd(_mm_and_pd(c, t), _mm_andnot_pd(c, f))
    }

    registers! {
        /// Eight doubles with SSE2.
        Sse2, __m128d, 4, 8, 2, _mm_set1_pd, _mm_loadu_pd, _mm_storeu_pd,
        _mm_add_pd, _mm_min_pd, _mm_max_pd, _mm_and_pd, _mm_andnot_pd, _mm_or_pd,
        |a, b| _mm_cmplt_pd(a, b),
        |x| _mm_castsi128_pd(_mm_sub_epi64(_mm_setzero_si128(), _mm_and_si128(_mm_castpd_si128(x), _mm_set1_epi64x(1)))),
        |m| _mm_movemask_pd(m),
        |c, t, f| _mm_or_pd(_mm_and_pd(c, t), _mm_andnot_pd(c, f))
    }

    registers! {
        /// Eight doubles with AVX2.
        Avx2, __m256d, 2, 8, 4, _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd,
        _mm256_add_pd, _mm256_min_pd, _mm256_max_pd, _mm256_and_pd, _mm256_andnot_pd, _mm256_or_pd,
        |a, b| _mm256_cmp_pd::<_CMP_LT_OQ>(a, b),
        |x| _mm256_castsi256_pd(_mm256_sub_epi64(
            _mm256_setzero_si256(), _mm256_and_si256(_mm256_castpd_si256(x), _mm256_set1_epi64x(1)))),
        |m| _mm256_movemask_pd(m),
        |c, t, f| _mm256_blendv_pd(f, t, c)
    }

    registers! {
        /// Eight doubles with AVX-512.
        Avx512, __m512d, 1, 8, 8, _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd,
        _mm512_add_pd, _mm512_min_pd, _mm512_max_pd, _mm512_and_pd, _mm512_andnot_pd, _mm512_or_pd,
        |a, b| _mm512_castsi512_pd(_mm512_movm_epi64(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b))),
        |x| _mm512_castsi512_pd(_mm512_sub_epi64(
            _mm512_setzero_si512(), _mm512_and_si512(_mm512_castpd_si512(x), _mm512_set1_epi64(1)))),
        |m| _mm512_movepi64_mask(_mm512_castpd_si512(m)),
        |c, t, f| _mm512_mask_blend_pd(_mm512_movepi64_mask(_mm512_castpd_si512(c)), f, t)
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512, One, Sse2};

/// Eight doubles with what every processor of the architecture has.
#[cfg(target_arch = "x86_64")]
pub(crate) type Eight = Sse2;
/// Eight doubles.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) type Eight = Plain<8>;

impl One {
    /// The number.
    #[inline(always)]
    pub(crate) fn get(self) -> f64 {
        let mut row = [0.0];
        self.store(&mut row);
        row[0]
    }
}

/// `N` doubles in plain code.
#[derive(Clone, Copy)]
pub(crate) struct Plain<const N: usize>([f64; N]);

/// One double.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) type One = Plain<1>;

impl<const N: usize> Plain<N> {
    #[inline(always)]
    fn each(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }

    #[inline(always)]
    fn each_bits(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        self.each(other, |a, b| f64::from_bits(f(a.to_bits(), b.to_bits())))
    }
}

// SAFETY: nothing but plain Rust.
unsafe impl<const N: usize> Vector for Plain<N> {
    type Row = [f64; N];

    #[inline(always)]
    fn splat(x: f64) -> Self {
        Self([x; N])
    }
    #[inline(always)]
    fn load(row: &Self::Row) -> Self {
        Self(*row)
    }
    #[inline(always)]
    fn store(self, row: &mut Self::Row) {
        *row = self.0;
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.each(other, |a, b| a + b)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.each(other, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.each(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.each_bits(other, |a, b| a & b)
    }
    #[inline(always)]
    fn and_not(self, other: Self) -> Self {
        self.each_bits(other, |a, b| a & !b)
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self.each_bits(other, |a, b| a | b)
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self {
        self.each(other, |a, b| f64::from_bits(if a < b { u64::MAX } else { 0 }))
    }
    #[inline(always)]
    fn lowest_bit(self) -> Self {
        self.each_bits(self, |a, _| (a & 1).wrapping_neg())
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        self.0.iter().enumerate().fold(0, |bits, (i, x)| bits | ((x.to_bits() >> 63) as u32) << i)
    }
    #[inline(always)]
    fn choose(self, a: Self, b: Self) -> Self {
        self.and(a).or(b.and_not(self))
    }
    #[inline(always)]
    fn smallest(self) -> f64 {
        self.0.into_iter().fold(f64::INFINITY, |smallest, x| if x < smallest { x } else { smallest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same chain of operations with each kind of vector, and the smallest number that it comes to.
    #[inline(always)]
    fn chain<V: Vector>(x: &V::Row, y: &V::Row) -> (V::Row, [u32; 2], f64) {
        let (mut row, mask) = (*x, V::splat(f64::from_bits(31)));
        let (x, y) = (V::load(x), V::load(y));
        let less = x.less(y);
        let tagged = x.and_not(mask).max(y).plus(y).or(x.and(mask)).min(V::splat(7.5));
        let result = less.choose(tagged, x.lowest_bit().choose(y, x));
        result.store(&mut row);
        (row, [less.bits(), x.lowest_bit().bits()], result.smallest())
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn chain_avx2(x: &[f64; 8], y: &[f64; 8]) -> ([f64; 8], [u32; 2], f64) {
        chain::<Avx2>(x, y)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
    fn chain_avx512(x: &[f64; 8], y: &[f64; 8]) -> ([f64; 8], [u32; 2], f64) {
        chain::<Avx512>(x, y)
    }

    #[test]
    fn every_kind_of_vector_computes_the_same() {
        let inf = f64::INFINITY;
        let numbers = [0.0, f64::from_bits(1), 0.5, 1.0, f64::from_bits(1.0f64.to_bits() | 3), 6.0, 1e9, inf];
        for turn in 0..8 {
            let mut x = numbers;
            x.rotate_left(turn);
            let y = numbers;
            let expected = chain::<Plain<8>>(&x, &y);
            for lane in 0..8 {
                let (one, [less, lowest], smallest) = chain::<One>(&[x[lane]], &[y[lane]]);
                assert_eq!(one[0].to_bits(), expected.0[lane].to_bits());
                assert_eq!([less, lowest], expected.1.map(|bits| bits >> lane & 1));
                assert_eq!(smallest, one[0]);
            }
            assert_eq!(expected.2, expected.0.into_iter().fold(inf, f64::min));
            #[cfg(target_arch = "x86_64")]
            {
                use crate::simd::Isa;
                let same = |found: ([f64; 8], [u32; 2], f64), isa: Isa| {
                    assert_eq!(found.0.map(f64::to_bits), expected.0.map(f64::to_bits), "{isa}");
                    assert_eq!((found.1, found.2), (expected.1, expected.2), "{isa}");
                };
                same(chain::<Sse2>(&x, &y), Isa::Sse2);
                if Isa::Avx2.is_available() {
                    // SAFETY: AVX2 is there.
                    same(unsafe { chain_avx2(&x, &y) }, Isa::Avx2);
                }
                if Isa::Avx512.is_available() {
                    // SAFETY: AVX-512 is there.
                    same(unsafe { chain_avx512(&x, &y) }, Isa::Avx512);
                }
            }
        }
    }
}
