//! Where the loops read requests.

use crate::simd::Vector;

/// The requests of a block, lane by lane. Times are those of the kernel.
pub(super) trait Source<V: Vector> {
    /// Requests in the block.
    fn len(&self) -> usize;
    /// Arrival of request `j`.
    fn arrival(&self, j: usize) -> V;
    /// Service time of request `j` on the slot with this key.
    fn service(&self, j: usize, key: V) -> V;
    /// Until when request `j`, which arrives at `arrival`, waits.
    fn deadline(&self, j: usize, arrival: V) -> V;
}

/// All lanes serve the same requests, with the same speed or the same `TWO` speeds: slots with an odd number have the second.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a, V, const TWO: bool> {
    pub(super) arrivals: &'a [f64],
    pub(super) services: [&'a [f64]; 2],
    /// How long each waits; empty if all wait for `timeout`.
    pub(super) patiences: &'a [f64],
    pub(super) timeout: V,
}

impl<V: Vector, const TWO: bool> Source<V> for Shared<'_, V, TWO> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.arrivals.len()
    }
    #[inline(always)]
    fn arrival(&self, j: usize) -> V {
        V::splat(self.arrivals[j])
    }
    #[inline(always)]
    fn service(&self, j: usize, key: V) -> V {
        let first = V::splat(self.services[0][j]);
        if TWO { key.lowest_bit().choose(V::splat(self.services[1][j]), first) } else { first }
    }
    #[inline(always)]
    fn deadline(&self, j: usize, arrival: V) -> V {
        arrival.plus(self.patiences.get(j).map_or(self.timeout, |patience| V::splat(*patience)))
    }
}

/// Each lane has requests of its own, and up to two speeds: slots with an odd number have the second.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, V: Vector> {
    pub(super) arrivals: &'a [V::Row],
    pub(super) services: [&'a [V::Row]; 2],
    pub(super) patiences: &'a [V::Row],
    pub(super) timeout: V,
}

impl<V: Vector> Source<V> for Rows<'_, V> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.arrivals.len()
    }
    #[inline(always)]
    fn arrival(&self, j: usize) -> V {
        V::load(&self.arrivals[j])
    }
    #[inline(always)]
    fn service(&self, j: usize, key: V) -> V {
        key.lowest_bit().choose(V::load(&self.services[1][j]), V::load(&self.services[0][j]))
    }
    #[inline(always)]
    fn deadline(&self, j: usize, arrival: V) -> V {
        arrival.plus(self.patiences.get(j).map_or(self.timeout, |patience| V::load(patience)))
    }
}
