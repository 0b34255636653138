//! Vector code that is chosen when the program runs.
//!
//! A build for any x86-64 processor uses only what all of them have. So a loop that is worth it is compiled once for each
//! instruction set (`compiled_for_each_isa!`), and [`Isa::best`] says which of the versions this processor runs best.
//! All of them are the same source without fused multiply-add, hence the same operations in the same order on every number: results
//! do not depend on the choice, bit for bit.

mod not_after;
mod vector;

use std::fmt;
use std::sync::OnceLock;

/// An instruction set that code is compiled for. Each one holds those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Isa {
    /// What every processor can do: code without intrinsics.
    Portable,
    /// SSE2, vectors of two doubles: what every x86-64 processor has.
    Sse2,
    /// AVX2, vectors of four doubles.
    Avx2,
    /// AVX-512 (F, BW, CD, DQ and VL), vectors of eight doubles.
    Avx512,
}

impl Isa {
    /// Every instruction set, the simplest first.
    pub const ALL: [Isa; 4] = [Isa::Portable, Isa::Sse2, Isa::Avx2, Isa::Avx512];

    /// The best instruction set of this processor, detected once.
    pub fn best() -> Isa {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(detect)
    }

    /// The instruction sets of this processor, the simplest first; anywhere but on x86-64 only [`Isa::Portable`].
    pub fn available() -> &'static [Isa] {
        &Self::ALL[..=Self::best() as usize]
    }

    /// Whether this processor has the instruction set.
    pub fn is_available(self) -> bool {
        self <= Self::best()
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Isa::Portable => "portable",
            Isa::Sse2 => "SSE2",
            Isa::Avx2 => "AVX2",
            Isa::Avx512 => "AVX-512",
        })
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Isa {
    Isa::Portable
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Isa {
    use std::arch::is_x86_feature_detected as has;
    if has!("avx512f") && has!("avx512bw") && has!("avx512cd") && has!("avx512dq") && has!("avx512vl") {
        Isa::Avx512
    } else if has!("avx2") {
        Isa::Avx2
    } else {
        Isa::Sse2
    }
}

/// Defines a function whose body is compiled for each instruction set; the [`Isa`] that it gets as an additional first argument
/// chooses the version.
///
/// The body should be loops that the compiler turns into vector code; what it calls in them must be `#[inline(always)]`, for only
/// what is inlined is compiled for the instruction set. An instruction set that the processor does not have is a panic.
///
/// ```text
/// compiled_for_each_isa! {
///     /// Doubles every number.
///     fn double(numbers: &mut [f64]) {
///         numbers.iter_mut().for_each(|x| *x += *x);
///     }
/// }
/// double(Isa::best(), &mut numbers);
/// ```
macro_rules! compiled_for_each_isa {
    (
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block
    ) => {
        $(#[$attribute])*
        $visibility fn $name(isa: $crate::simd::Isa, $($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn body($($argument: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn with_avx2($($argument: $type),*) $(-> $result)? {
                body($($argument),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
            fn with_avx512($($argument: $type),*) $(-> $result)? {
                body($($argument),*)
            }

            assert!(isa.is_available(), "this processor does not have {isa}");
            match isa {
                // SAFETY: the processor has the instructions, as was just checked.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Isa::Avx512 => unsafe { with_avx512($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Isa::Avx2 => unsafe { with_avx2($($argument),*) },
                _ => body($($argument),*),
            }
        }
    };
}
pub(crate) use compiled_for_each_isa;
pub(crate) use not_after::not_after;
#[cfg(target_arch = "x86_64")]
pub(crate) use vector::{Avx2, Avx512, Sse2};
pub(crate) use vector::{Eight, One, Plain, Vector};

#[cfg(test)]
mod tests {
    use super::*;

    compiled_for_each_isa! {
        /// x·y + z, which a fused multiply-add would round once instead of twice.
        fn products(x: &mut [f64], y: f64, z: f64) {
            x.iter_mut().for_each(|x| *x = *x * y + z);
        }
    }

    #[test]
    fn every_version_rounds_alike() {
        let x: Vec<f64> = (0..1000).map(|i| 1.0 / f64::from(2 * i + 3)).collect();
        let (y, z) = (1.0 / 7.0, -1.0 / 21.0);
        let expected: Vec<f64> = x.iter().map(|x| std::hint::black_box(x * y) + z).collect();
        for isa in Isa::ALL {
            if !isa.is_available() {
                eprintln!("not tested: this processor does not have {isa}");
                continue;
            }
            let mut found = x.clone();
            products(isa, &mut found, y, z);
            assert_eq!(found, expected, "{isa}");
        }
        assert!(x.iter().zip(&expected).any(|(x, rounded_twice)| x.mul_add(y, z) != *rounded_twice));
    }

    #[test]
    fn the_available_sets_end_with_the_best() {
        assert_eq!(Isa::available().first(), Some(&Isa::Portable));
        assert_eq!(Isa::available().last(), Some(&Isa::best()));
        assert!(Isa::available().iter().all(|isa| isa.is_available()));
        assert_eq!(Isa::ALL.map(|isa| isa.to_string()).join(" "), "portable SSE2 AVX2 AVX-512");
    }

    #[test]
    fn an_instruction_set_that_is_not_there_is_refused() {
        if let Some(missing) = Isa::ALL.into_iter().find(|isa| !isa.is_available()) {
            let refused = std::panic::catch_unwind(|| products(missing, &mut [1.0], 1.0, 1.0));
            assert!(refused.is_err(), "{missing}");
        }
    }
}
