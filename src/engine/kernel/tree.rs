//! First come, first served on many slots, for one replication or for a few side by side.
//!
//! The keys of the slots are the leaves of a winner tree in which every node holds the smallest key of its four children: the root
//! names the slot that is free first. A new key plays its way up against its three neighbours on each level, which takes one
//! comparison a level that has to wait for the one before; the neighbours among themselves have been compared meanwhile.
//!
//! One tree waits for its own last step. A few of them, each with its own replication or mix, keep the processor busy.

use super::exits::Exits;
use super::key::{NumberBits, REJECTED, TIMED_OUT};
use crate::simd::{One, Vector};
use std::hint::select_unpredictable;

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

    /// Puts a key in the place of leaf `index`.
    ///
    /// # Safety
    /// `index` is below the number of leaves.
    #[inline(always)]
    unsafe fn play(&mut self, mut index: usize, key: f64) {
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

/// Serves requests `from..end` in all lanes until in one of them the next leaves the queue at `until` or later.
///
/// Returns the index of the first request that was not handled, and the lanes that have to wait (bit by bit).
#[inline(always)]
fn serve<const N: usize, const LIMITED: bool, const SPEEDS: bool>(
    lanes: &mut [Lane; N],
    from: usize,
    end: usize,
) -> (usize, u32) {
    let mut j = from;
    while j < end {
        let mut waiting = 0;
        let steps: [Step; N] = std::array::from_fn(|i| {
            let step = lanes[i].step::<LIMITED, SPEEDS>(j);
            waiting |= u32::from(step.exit >= lanes[i].until) << i;
            step
        });
        if waiting != 0 {
            return (j, waiting);
        }
        for (lane, step) in lanes.iter_mut().zip(steps) {
            lane.commit::<LIMITED>(j, step);
        }
        j += 1;
    }
    (j, 0)
}

/// [`serve`] in the version that the lanes need.
pub(in crate::engine) fn serve_lanes<const N: usize>(lanes: &mut [Lane; N], from: usize, end: usize) -> (usize, u32) {
    let limited = |lane: &Lane| lane.exits.is_some() || lane.timeout < f64::INFINITY || !lane.patiences.is_empty();
    match (lanes.iter().any(limited), lanes.iter().any(|lane| lane.services.len() > 1)) {
        (false, false) => serve::<N, false, false>(lanes, from, end),
        (false, true) => serve::<N, false, true>(lanes, from, end),
        (true, false) => serve::<N, true, false>(lanes, from, end),
        (true, true) => serve::<N, true, true>(lanes, from, end),
    }
}

/// A request that has not been served yet.
struct Step {
    arrival: f64,
    exit: f64,
    /// The slot that is free first.
    first: f64,
    key: f64,
    timed_out: bool,
}

impl Lane<'_> {
    #[inline(always)]
    fn step<const LIMITED: bool, const SPEEDS: bool>(&self, j: usize) -> Step {
        let first = self.tree.root();
        let bits = self.tree.number();
        let (first_key, mask) = (One::splat(first), One::splat(f64::from_bits(bits.mask())));
        let arrival = self.arrivals[j];
        let start = first_key.and_not(mask).max(One::splat(arrival));
        let speed = if SPEEDS { bits.number(first) as usize & (self.services.len() - 1) } else { 0 };
        let service = self.services[speed][j];
        let key = start.plus(One::splat(service)).or(first_key.and(mask)).get();
        let start = start.get();
        if !LIMITED {
            return Step { arrival, exit: start, first, key, timed_out: false };
        }
        let deadline = arrival + self.patiences.get(j).copied().unwrap_or(self.timeout);
        Step { arrival, exit: smaller(start, deadline), first, key, timed_out: deadline < start }
    }

    #[inline(always)]
    fn commit<const LIMITED: bool>(&mut self, j: usize, step: Step) {
        let number = self.tree.number().number(step.first) as usize;
        let (mut key, mut recorded) = (step.key, step.key);
        if LIMITED {
            let full = self.exits.as_mut().is_some_and(|exits| {
                let full = exits.offer(step.exit) > step.arrival;
                exits.accept(!full);
                full
            });
            // A request that is not served leaves the tree as it is: the first key plays again, which costs less than a branch that
            // nobody can foresee.
            recorded = select_unpredictable(step.timed_out, TIMED_OUT, recorded);
            recorded = select_unpredictable(full, REJECTED, recorded);
            key = select_unpredictable(step.timed_out | full, step.first, key);
        }
        self.record[j] = recorded;
        // SAFETY: keys in the tree hold numbers of leaves, and its infinities zero.
        unsafe { self.tree.play(number, key) };
    }
}
