//! Which of sixteen times have come: sixteen comparisons that end in one number.

/// A bit for each time that is `now` or earlier: those of the first row are the lowest.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn not_after(rows: [&[f64; 8]; 2], now: f64) -> u32 {
    use std::arch::x86_64::*;
    // SAFETY: every x86-64 processor has SSE2, and `row` has four pairs.
    unsafe {
        let now = _mm_set1_pd(now);
        // Results are all ones or all zeros, so packing them into half the width keeps them.
        let half = |row: &[f64; 8]| {
            let pair = |i: usize| _mm_castpd_si128(_mm_cmple_pd(_mm_loadu_pd(row.as_ptr().add(2 * i)), now));
            _mm_packs_epi16(_mm_packs_epi32(pair(0), pair(1)), _mm_packs_epi32(pair(2), pair(3)))
        };
        _mm_movemask_epi8(_mm_packs_epi16(half(rows[0]), half(rows[1]))) as u32
    }
}

/// A bit for each time that is `now` or earlier: those of the first row are the lowest.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn not_after(rows: [&[f64; 8]; 2], now: f64) -> u32 {
    one_by_one(rows, now)
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn one_by_one(rows: [&[f64; 8]; 2], now: f64) -> u32 {
    let times = rows.into_iter().flatten();
    times.enumerate().fold(0, |bits, (i, time)| bits | u32::from(*time <= now) << i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_has_its_bit() {
        let times: [f64; 16] = std::array::from_fn(|i| [-1.0, 0.0, 0.5, 1.0, 1.5, 1e9, f64::INFINITY][i * i % 7]);
        for shift in 0..16 {
            let mut times = times;
            times.rotate_left(shift);
            let (first, second) = times.split_at(8);
            let rows = [first, second].map(|row| row.try_into().expect("eight times"));
            for now in [-2.0, -1.0, 0.0, 0.7, 1.5, 2e9, f64::INFINITY] {
                assert_eq!(not_after(rows, now), one_by_one(rows, now), "{times:?} by {now}");
            }
        }
    }
}
