//! Elementary functions in plain double arithmetic: the same bits on every platform.
//!
//! The standard library leaves the precision of `ln` and `exp` to the platform, so nothing that a result hangs on uses them.

pub use super::normal::normal_quantile;

/// The natural logarithm of a positive normal number, within one unit in the last place of the true value.
///
/// The argument is split into 2^k·(1+f) with √½ ≤ 1+f < √2, and ln(1+f) is an odd polynomial in f/(2+f)
/// (the method of FDLIBM's `e_log.c`). No branches, so that loops over it become vector code.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    let shifted = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    // The exponent becomes a double without an integer conversion: it is placed in the mantissa of 2^52.
    let k = f64::from_bits((shifted >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let f = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff) + ROOT_HALF) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (0.399_999_999_994_094_2 + w * (0.222_221_984_321_497_84 + w * 0.153_138_376_992_093_73));
    let odd = z
        * (0.666_666_666_666_673_5
            + w * (0.285_714_287_436_623_9 + w * (0.181_835_721_616_180_5 + w * 0.147_981_986_051_165_86)));
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + (odd + even)) + k * LN2_LOW)) - f)
}

/// The exponential function, within two units in the last place; arguments are limited to -708..709.
///
/// x = k·ln 2 + r with |r| ≤ ½ ln 2, and e^r by its Taylor polynomial of degree 13 (remainder below 10⁻¹⁷). No branches.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    /// 1.5·2^52: adding it rounds to an integer, which then stands in the low bits.
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    let x = x.clamp(-708.0, 709.0);
    let shifted = x * std::f64::consts::LOG2_E + ROUNDER;
    let k = shifted - ROUNDER;
    let r = (x - k * LN2_HIGH) - k * LN2_LOW;
    let mut sum = TAYLOR[0];
    for coefficient in &TAYLOR[1..] {
        sum = sum * r + coefficient;
    }
    f64::from_bits(sum.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// 1/13!, 1/12!, …, 1/1!, 1/0!.
const TAYLOR: [f64; 14] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_and_exp_agree_with_an_independent_library() {
        for i in 1..200_000 {
            let x = f64::from(i) / 200_000.0;
            assert!((ln(x) - libm::log(x)).abs() <= 2e-16 * libm::log(x).abs(), "ln {x}");
            let y = (x - 0.5) * 1400.0;
            assert!((exp(y) / libm::exp(y) - 1.0).abs() < 5e-16, "exp {y}");
        }
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(exp(0.0), 1.0);
        assert!((ln(1e-300) - libm::log(1e-300)).abs() < 1e-12);
    }
}
