//! Keys: the time at which a slot is free, with the slot's number in the lowest bits.
//!
//! Times lie on a grid of 2⁻²⁰ s ([`crate::units::GRID`]), so the lowest bits of their mantissas are zero as long as they are not too
//! large. A number there makes all keys different without changing the order of times that differ: one comparison of doubles
//! finds the slot that is free first, of equal ones the lowest number, and says which it is.
//!
//! Within a kernel times count from a little before the beginning of the run, so that they are at least [`FIRST`]; what is smaller is
//! not a time but says what became of a request that was not served.

use crate::units::GRID;

/// No time of a kernel is smaller.
pub(super) const FIRST: f64 = 1.0;
/// In the place of a key: the client left while it waited.
pub(super) const TIMED_OUT: f64 = 0.0;
/// In the place of a key: the queue was full.
pub(super) const REJECTED: f64 = 0.5;

/// The bits of a key that hold the number of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberBits(pub(super) u32);

impl NumberBits {
    /// Bits of a key.
    pub(super) const fn mask(self) -> u64 {
        (1 << self.0) - 1
    }

    /// Times below this leave the bits free.
    pub(super) fn time_limit(self) -> f64 {
        GRID * (1u64 << (53 - self.0)) as f64
    }

    pub(super) fn key(self, time: f64, number: u32) -> f64 {
        f64::from_bits(time.to_bits() | u64::from(number))
    }

    #[inline(always)]
    pub(super) fn time(self, key: f64) -> f64 {
        f64::from_bits(key.to_bits() & !self.mask())
    }

    #[inline(always)]
    pub(super) fn number(self, key: f64) -> u32 {
        (key.to_bits() & self.mask()) as u32
    }
}
