//! Which of sixteen times have come: sixteen comparisons that end in one number.

/// A bit for each time that is `now` or less than 2³¹ earlier, counted modulo 2³²: those of the first row are the lowest.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn not_after(rows: [&[u32; 8]; 2], now: u32) -> u32 {
    use std::arch::x86_64::*;
    // SAFETY: every x86-64 processor has SSE2, and a row has two fours.
    unsafe {
        let next = _mm_set1_epi32(now.wrapping_add(1) as i32);
        // Differences are negative if a time has come; packing them into half the width keeps their signs.
        let half = |row: &[u32; 8]| {
            let four = |i: usize| _mm_sub_epi32(_mm_loadu_si128(row.as_ptr().add(4 * i).cast()), next);
            _mm_packs_epi32(four(0), four(1))
        };
        _mm_movemask_epi8(_mm_packs_epi16(half(rows[0]), half(rows[1]))) as u32
    }
}

/// A bit for each time that is `now` or less than 2³¹ earlier, counted modulo 2³²: those of the first row are the lowest.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn not_after(rows: [&[u32; 8]; 2], now: u32) -> u32 {
    one_by_one(rows, now)
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn one_by_one(rows: [&[u32; 8]; 2], now: u32) -> u32 {
    let times = rows.into_iter().flatten();
    times.enumerate().fold(0, |bits, (i, time)| bits | u32::from(now.wrapping_sub(*time) < 1 << 31) << i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_has_its_bit() {
        const HALF: u32 = 1 << 31;
        let times: [u32; 16] = std::array::from_fn(|i| [0, 1, 7, HALF - 1, HALF, HALF + 1, u32::MAX][i * i % 7]);
        for shift in 0..16 {
            let mut times = times;
            times.rotate_left(shift);
            let (first, second) = times.split_at(8);
            let rows = [first, second].map(|row| row.try_into().expect("eight times"));
            for now in [0, 1, 6, 7, HALF - 2, HALF - 1, HALF, HALF + 1, u32::MAX - 1, u32::MAX] {
                assert_eq!(not_after(rows, now), one_by_one(rows, now), "{times:?} by {now}");
            }
        }
        assert_eq!(one_by_one([&[5, 6, 7, 8, HALF + 6, HALF + 7, 0, u32::MAX], &[9; 8]], 6), 0b1110_0011);
    }
}
