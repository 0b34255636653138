//! First come, first served on many slots, for one replication or for a few side by side.
//!
//! The keys of the slots are the leaves of a winner tree in which every node holds the smallest key of its four children: the root
//! names the slot that is free first. A new key plays its way up against its three neighbours on each level, which takes one
//! comparison a level that has to wait for the one before; the neighbours among themselves have been compared meanwhile.
//!
//! One tree waits for its own last step. A few of them, each with its own replication or mix, keep the processor busy.

use super::exits::Exits;
use super::key::{NumberBits, REJECTED, TIMED_OUT};
use crate::simd::{Isa, One, Vector};

/// Children of a node, as a power of two.
const SHIFT: u32 = 2;

/// A winner tree of keys.
#[derive(Debug, Clone)]
pub(super) struct WinnerTree {
    /// The leaves, then level by level their winners, the root last.
    nodes: Vec<f64>,
    levels: u32,
}

impl WinnerTree {
    /// A tree with room for slots of numbers below `slots`, none of which is there.
    pub(super) fn new(slots: usize) -> Self {
        let mut levels = 1;
        while 1 << (SHIFT * levels) < slots {
            levels += 1;
        }
        let nodes = ((1usize << (SHIFT * (levels + 1))) - 1) / 3;
        Self { nodes: vec![f64::INFINITY; nodes], levels }
    }

    /// The bits that hold a slot's number.
    pub(super) fn number(&self) -> NumberBits {
        NumberBits(SHIFT * self.levels)
    }

    /// The keys by number of slot, infinite for those that are not there.
    pub(super) fn leaves(&self) -> &[f64] {
        &self.nodes[..1 << (SHIFT * self.levels)]
    }

    /// The smallest key.
    pub(super) fn root(&self) -> f64 {
        self.nodes[self.nodes.len() - 1]
    }

    /// Sets the time from which on slot `number` is free; infinity takes it out.
    pub(super) fn set(&mut self, number: u32, time: f64) {
        let key = if time < f64::INFINITY { self.number().key(time, number) } else { time };
        assert!((number as usize) < self.leaves().len(), "the tree has a leaf for the slot");
        // SAFETY: the leaf is there.
        unsafe { self.play(number as usize, key) };
    }

    /// Puts a key in the place of leaf `index`; returns the smallest.
    ///
    /// # Safety
    /// `index` is below the number of leaves.
    #[inline(always)]
    unsafe fn play(&mut self, mut index: usize, key: f64) -> f64 {
        let nodes = self.nodes.as_mut_ptr();
        let (mut winner, mut level) = (key, 0);
        for height in (1..=self.levels).rev() {
            // SAFETY: the level that begins at `level` has 4^height nodes, and `index` is below that: it is divided by four from
            // level to level. Neighbours differ from it in the last two bits.
            unsafe {
                *nodes.add(level + index) = winner;
                let neighbour = |other| *nodes.add(level + (index ^ other));
                winner = smaller(winner, smaller(neighbour(1), smaller(neighbour(2), neighbour(3))));
            }
            level += 1 << (SHIFT * height);
            index >>= SHIFT;
        }
        // SAFETY: what follows the last level is the root.
        unsafe { *nodes.add(level) = winner };
        winner
    }
}

/// The smaller of two numbers: one instruction, where `f64::min` would also care for NaN.
#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// What one tree serves.
pub(in crate::engine) struct Lane<'a> {
    pub(super) tree: &'a mut WinnerTree,
    pub(super) arrivals: &'a [f64],
    /// Service times of the block by speed; the lowest bits of a slot's number say which is its speed.
    pub(super) services: &'a [Vec<f64>],
    /// How long each request waits; empty if all wait for `timeout`.
    pub(super) patiences: &'a [f64],
    pub(super) timeout: f64,
    pub(super) exits: Option<&'a mut Exits>,
    /// The next control event.
    pub(super) until: f64,
    /// Where the keys of requests are written to.
    pub(super) record: &'a mut [f64],
}

/// [`serve_lanes`] for lanes of one form.
#[inline(always)]
fn serve<const N: usize, const LIMITED: bool, const SPEEDS: usize>(
    lanes: &mut [Lane; N],
    from: usize,
    end: usize,
) -> (usize, u32) {
    let mut j = from;
    // The way through memory would take longer than the match of a level.
    let mut firsts = [0.0; N];
    for (first, lane) in firsts.iter_mut().zip(&*lanes) {
        *first = lane.tree.root();
    }
    while j < end {
        let nothing = Step { arrival: 0.0, exit: 0.0, first: 0.0, key: 0.0, timed_out: One::splat(0.0) };
        let (mut waiting, mut steps) = (0, [nothing; N]);
        for (i, lane) in lanes.iter().enumerate() {
            steps[i] = lane.step::<LIMITED, SPEEDS>(j, firsts[i]);
            waiting |= u32::from(steps[i].exit >= lane.until) << i;
        }
        if waiting != 0 {
            return (j, waiting);
        }
        for i in 0..N {
            firsts[i] = lanes[i].commit::<LIMITED>(j, steps[i]);
        }
        j += 1;
    }
    (j, 0)
}

/// Serves requests `from..end` in all lanes until in one of them the next leaves the queue at `until` or later, with the instructions of `isa`.
///
/// Returns the index of the first request that was not handled, and the lanes that have to wait (bit by bit).
///
/// # Panics
/// If the processor does not have the instruction set.
pub(in crate::engine) fn serve_lanes<const N: usize>(
    isa: Isa,
    lanes: &mut [Lane; N],
    from: usize,
    end: usize,
) -> (usize, u32) {
    assert!(isa.is_available(), "this processor does not have {isa}");
    let limited = |lane: &Lane| lane.exits.is_some() || lane.timeout < f64::INFINITY || !lane.patiences.is_empty();
    match (lanes.iter().any(limited), isa) {
        // SAFETY: the processor has the instructions, as was just checked.
        #[cfg(target_arch = "x86_64")]
        (true, Isa::Avx2 | Isa::Avx512) => unsafe { serve_with_avx2(lanes, from, end) },
        (true, _) => serve_at_speeds::<N, true>(lanes, from, end),
        // The encoding of SSE2 has been found to be as fast here or faster.
        (false, _) => serve_at_speeds::<N, false>(lanes, from, end),
    }
}

/// The same operations in the encoding of AVX, which needs fewer moves between registers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn serve_with_avx2<const N: usize>(lanes: &mut [Lane; N], from: usize, end: usize) -> (usize, u32) {
    serve_at_speeds::<N, true>(lanes, from, end)
}

/// [`serve`] in the version that the speeds of the lanes need.
#[inline(always)]
fn serve_at_speeds<const N: usize, const LIMITED: bool>(
    lanes: &mut [Lane; N],
    from: usize,
    end: usize,
) -> (usize, u32) {
    // Lanes with one speed and lanes with two are served as if all had any number.
    let speeds = lanes[0].services.len();
    let speeds = if lanes.iter().all(|lane| lane.services.len() == speeds) { speeds } else { 0 };
    match speeds {
        1 => serve::<N, LIMITED, 1>(lanes, from, end),
        2 => serve::<N, LIMITED, 2>(lanes, from, end),
        _ => serve::<N, LIMITED, 0>(lanes, from, end),
    }
}

/// A request that has not been served yet.
#[derive(Clone, Copy)]
struct Step {
    arrival: f64,
    exit: f64,
    /// The slot that is free first.
    first: f64,
    key: f64,
    /// All bits if the client leaves while it waits.
    timed_out: One,
}

impl Lane<'_> {
    #[inline(always)]
    fn step<const LIMITED: bool, const SPEEDS: usize>(&self, j: usize, first: f64) -> Step {
        let bits = self.tree.number();
        let (first_key, mask) = (One::splat(first), One::splat(f64::from_bits(bits.mask())));
        let arrival = self.arrivals[j];
        let start = first_key.and_not(mask).max(One::splat(arrival));
        let service = match SPEEDS {
            1 => One::splat(self.services[0][j]),
            2 => first_key.lowest_bit().choose(One::splat(self.services[1][j]), One::splat(self.services[0][j])),
            _ => One::splat(self.services[bits.number(first) as usize & (self.services.len() - 1)][j]),
        };
        let key = start.plus(service).or(first_key.and(mask)).get();
        if !LIMITED {
            return Step { arrival, exit: start.get(), first, key, timed_out: One::splat(0.0) };
        }
        let patience = self.patiences.get(j).copied().unwrap_or(self.timeout);
        let deadline = One::splat(arrival + patience);
        Step { arrival, exit: start.min(deadline).get(), first, key, timed_out: deadline.less(start) }
    }

    /// Serves the request; returns the key of the slot that is free first afterwards.
    #[inline(always)]
    fn commit<const LIMITED: bool>(&mut self, j: usize, step: Step) -> f64 {
        let number = self.tree.number().number(step.first) as usize;
        let (mut key, mut recorded) = (step.key, step.key);
        if LIMITED {
            let mut full = One::splat(0.0);
            if let Some(exits) = &mut self.exits {
                full = One::splat(step.arrival).less(One::splat(exits.offer(step.exit)));
                exits.accept(full.bits() == 0);
            }
            // A request that is not served leaves the tree as it is: the first key plays again, which costs less than a branch that
            // nobody can foresee.
            let served = step.timed_out.choose(One::splat(TIMED_OUT), One::splat(step.key));
            recorded = full.choose(One::splat(REJECTED), served).get();
            key = step.timed_out.or(full).choose(One::splat(step.first), One::splat(step.key)).get();
        }
        self.record[j] = recorded;
        // SAFETY: keys in the tree hold numbers of leaves, and its infinities zero.
        unsafe { self.tree.play(number, key) }
    }
}
