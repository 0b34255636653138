//! The normal quantile, of one probability and of many.

use super::math::ln;

/// Probabilities handled together by [`normal_quantiles`]: what is put aside meanwhile fits into the fastest memory.
const CHUNK: usize = 256;
/// Beyond this distance from one half the quantile is computed from the logarithm of the tail.
const CENTRE: f64 = 0.425;
/// Every tail that needs the formula for the far tail, below e⁻²⁵, is smaller than this.
const SMALL_TAIL: f64 = 1.4e-11;

/// The value that a standard normal variable stays below with probability `p`, for 0 < `p` < 1.
///
/// Algorithm AS 241 (PPND16) of M. J. Wichura, Applied Statistics 37 (1988): relative error about 10⁻¹⁶.
/// Outside 0 < p < 1: -∞ at or below 0, +∞ at or above 1.
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= CENTRE {
        return of_centre(q);
    }
    let tail = tail_of(p);
    if tail <= 0.0 {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = (-ln(tail)).sqrt();
    let magnitude = if r <= 5.0 { near_tail(r) } else { far_tail(r) };
    if q < 0.0 { -magnitude } else { magnitude }
}

/// Replaces each probability by its [`normal_quantile`], bit for bit.
///
/// All are handled as the centre, 85 % of uniform numbers; the others are gathered, handled together and put back.
#[inline(always)]
pub(super) fn normal_quantiles(probabilities: &mut [f64]) {
    let (mut places, mut outer, mut quantiles) = ([0; CHUNK], [0.5; CHUNK], [0.0; CHUNK]);
    for chunk in probabilities.chunks_mut(CHUNK) {
        let mut count = 0;
        for (place, p) in chunk.iter().enumerate() {
            // The first free place is overwritten until a number belongs there: no branch.
            places[count % CHUNK] = place;
            outer[count % CHUNK] = *p;
            count += usize::from((p - 0.5).abs() > CENTRE);
        }
        for p in chunk.iter_mut() {
            *p = of_centre(*p - 0.5);
        }
        for (quantile, p) in quantiles[..count].iter_mut().zip(&outer) {
            let magnitude = near_tail((-ln(tail_of(*p))).sqrt());
            *quantile = if *p < 0.5 { -magnitude } else { magnitude };
        }
        for ((place, p), quantile) in places[..count].iter().zip(&outer).zip(&quantiles) {
            chunk[*place % CHUNK] = if tail_of(*p) < SMALL_TAIL { normal_quantile(*p) } else { *quantile };
        }
    }
}

/// The smaller of `p` and 1 - `p`.
#[inline(always)]
fn tail_of(p: f64) -> f64 {
    let above = 1.0 - p;
    if above < p { above } else { p }
}

#[inline(always)]
fn of_centre(q: f64) -> f64 {
    let r = 0.180_625 - q * q;
    q * polynomial(&CENTRE_OVER, r) / polynomial(&CENTRE_UNDER, r)
}

#[inline(always)]
fn near_tail(r: f64) -> f64 {
    polynomial(&NEAR_OVER, r - 1.6) / polynomial(&NEAR_UNDER, r - 1.6)
}

fn far_tail(r: f64) -> f64 {
    polynomial(&FAR_OVER, r - 5.0) / polynomial(&FAR_UNDER, r - 5.0)
}

/// Horner's rule, the constant term first in `coefficients`.
#[inline(always)]
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    let [rest @ .., highest] = coefficients;
    rest.iter().rev().fold(*highest, |sum, c| sum * x + c)
}

const CENTRE_OVER: [f64; 8] = [
    3.387_132_872_796_366_5,
    133.141_667_891_784_38,
    1_971.590_950_306_551_3,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const CENTRE_UNDER: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_597,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_854,
];
const NEAR_OVER: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    7.745_450_142_783_414e-4,
];
const NEAR_UNDER: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_OVER: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    0.001_242_660_947_388_078_4,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_UNDER: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

#[cfg(test)]
mod tests {
    use super::super::math::exp;
    use super::*;

    /// Checked against the normal quantile of an independent implementation (and its symmetry).
    #[test]
    fn normal_quantiles() {
        for (p, expected) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.841_344_746_068_543, 1.0),
            (0.25, -0.674_489_750_196_081_7),
            (1e-3, -3.090_232_306_167_813),
            (1e-12, -7.034_483_825_301_131),
            (1e-20, -9.262_340_089_798_409),
        ] {
            let found = normal_quantile(p);
            assert!((found - expected).abs() <= 4e-15 * f64::max(1.0, expected.abs()), "{p}: {found} {expected}");
        }
        assert_eq!(normal_quantile(0.3), -normal_quantile(0.7));
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
    }

    #[test]
    fn the_quantile_is_continuous_where_the_formula_changes() {
        for p in [0.075, 0.925, exp(-25.0)] {
            let (below, above) = (normal_quantile(p * (1.0 - 1e-14)), normal_quantile(p * (1.0 + 1e-14)));
            assert!(above >= below && above - below < 1e-12, "{p}: {below} {above}");
        }
    }
}
