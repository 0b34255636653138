//! The grid of request times.
//!
//! Within the queue times are doubles in seconds, all of them multiples of [`GRID`]. A double holds every multiple of 2⁻²⁰ up to 2³³ s
//! exactly, so sums and differences of times below that are exact, too: the order in which times are added cannot change a bit of
//! a result. And the low bits of a time's mantissa stay zero, so that code can put a small number there without changing an order.

use super::SimTime;

/// The grid of request times in seconds: 2⁻²⁰ s, a little less than a microsecond.
pub const GRID: f64 = 1.0 / (1u64 << 20) as f64;

/// 1.5·2³²: between 2³² and 2³³ doubles lie 2⁻²⁰ apart, so adding it rounds to the grid, and subtracting it is exact.
const ROUNDER: f64 = 1.5 * (1u64 << 32) as f64;

/// The time of the grid nearest to `seconds`; of two equally near ones that with the even number of steps.
///
/// For |`seconds`| below 2³¹, 68 years; beyond the grid becomes coarser, as doubles do. Infinity stays infinity.
#[inline(always)]
pub fn on_grid(seconds: f64) -> f64 {
    (seconds + ROUNDER) - ROUNDER
}

/// A time of the grid, from 0 to 2³¹ s, as its number of steps.
#[inline(always)]
pub fn steps_of_grid(seconds: f64) -> u64 {
    // The sum's mantissa counts in steps.
    (seconds + ROUNDER).to_bits().wrapping_sub(ROUNDER.to_bits())
}

/// The last time of the grid that is not after `seconds`, for |`seconds`| below 2³¹.
#[inline(always)]
pub fn grid_at_or_before(seconds: f64) -> f64 {
    let nearest = on_grid(seconds);
    nearest - if nearest > seconds { GRID } else { 0.0 }
}

/// The first time of the grid that is not before `seconds`, for |`seconds`| below 2³¹.
#[inline(always)]
pub fn grid_at_or_after(seconds: f64) -> f64 {
    let nearest = on_grid(seconds);
    nearest + if nearest < seconds { GRID } else { 0.0 }
}

impl SimTime {
    /// The last time of the grid that is not after this one, in seconds: exactly, which [`SimTime::as_secs_f64`] is not.
    pub fn grid_at_or_before(self) -> f64 {
        const SECOND: i64 = 1_000_000_000;
        let (seconds, nanos) = (self.nanos().div_euclid(SECOND), self.nanos().rem_euclid(SECOND));
        seconds as f64 + ((nanos << 20) / SECOND) as f64 * GRID
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(seconds: f64) -> f64 {
        seconds * (1u64 << 20) as f64
    }

    #[test]
    fn times_are_rounded_as_their_steps_are() {
        let limit = (1u64 << 31) as f64;
        let mut x = 1e-9;
        while x < limit {
            for seconds in [x, -x] {
                assert_eq!(steps(on_grid(seconds)), steps(seconds).round_ties_even(), "{seconds}");
                assert_eq!(steps(grid_at_or_before(seconds)), steps(seconds).floor(), "{seconds}");
                assert_eq!(steps(grid_at_or_after(seconds)), steps(seconds).ceil(), "{seconds}");
            }
            x *= 1.000_37;
        }
    }

    #[test]
    fn times_of_the_grid_stay_and_halves_go_to_the_even_step() {
        for n in [0.0, 1.0, -1.0, 3.0, 86_400.0 * 1_048_576.0] {
            let time = n * GRID;
            assert_eq!([on_grid(time), grid_at_or_before(time), grid_at_or_after(time)], [time; 3]);
            assert!(n < 0.0 || steps_of_grid(time) == n as u64);
        }
        assert_eq!([on_grid(0.5 * GRID), on_grid(1.5 * GRID)], [0.0, 2.0 * GRID]);
        assert_eq!([on_grid(f64::INFINITY), grid_at_or_before(f64::INFINITY)], [f64::INFINITY; 2]);
    }

    #[test]
    fn instants_are_rounded_down() {
        for (nanos, expected) in [(0, 0.0), (953, 0.0), (954, GRID), (-1, -GRID), (1_999_999_999, 2.0 - GRID)] {
            assert_eq!(SimTime::from_nanos(nanos).grid_at_or_before(), expected, "{nanos}");
        }
        let late = SimTime::from_nanos(SimTime::from_secs(315_360_000).nanos() - 1);
        assert_eq!(late.grid_at_or_before(), 315_360_000.0 - GRID);
    }

    #[test]
    fn sums_of_times_do_not_depend_on_the_order() {
        let times: Vec<f64> = (1..1000).map(|i| on_grid(f64::from(i) * 1_234.567_891)).collect();
        let forward: f64 = times.iter().sum();
        let backward: f64 = times.iter().rev().sum();
        assert_eq!(forward.to_bits(), backward.to_bits());
    }
}
