//! Which loop serves a kernel alone.

use super::free_slots::FreeSlots;
use super::key::{REJECTED, TIMED_OUT};
use super::sorted::{self, Limits, MOST};
use super::source::{Shared, Source};
use super::{FifoKernel, tree};
use crate::engine::kernel::Booking;
use crate::simd::{Isa, One, Vector};
use crate::workload::RequestBlock;

impl FifoKernel {
    /// Serves requests from `from` on until one leaves the queue at `bound` or later; returns its index.
    pub(super) fn serve(&mut self, block: &RequestBlock, from: usize, bound: f64) -> usize {
        if matches!(self.free, FreeSlots::Sorted { count, .. } if count > MOST_ALONE || self.requests.services.len() > 2)
        {
            self.free.make_tree();
        }
        let end = block.arrivals.len();
        match &mut self.free {
            FreeSlots::Sorted { keys, count } => {
                let (arrivals, services) = (&self.requests.arrivals[..], &self.requests.services);
                let (patiences, timeout) = (&block.patiences[..], One::splat(self.timeout));
                let mut call = Alone {
                    slots: *count,
                    limited: self.limited || !patiences.is_empty(),
                    keys: keys.as_chunks_mut().0.try_into().expect("as many rows of one as keys"),
                    from,
                    bound,
                    limits: Limits { exits: [self.exits.as_mut()] },
                    record: self.record.as_chunks_mut().0,
                };
                if let [services] = &services[..] {
                    call.serve(&Shared::<One, false> { arrivals, services: [services; 2], patiences, timeout })
                } else {
                    let services = [&services[0][..], &services[1][..]];
                    call.serve(&Shared::<One, true> { arrivals, services, patiences, timeout })
                }
            }
            FreeSlots::Tree(_) => {
                let mut lane = self.tree_lane(block, bound).map(|lane| [lane]).expect("the form is a tree");
                tree::serve_lanes(Isa::best(), &mut lane, from, end).0
            }
            FreeSlots::Wide(_) => self.serve_wide(block, from, bound),
        }
    }

    /// [`FifoKernel::serve`] for times of any size.
    fn serve_wide(&mut self, block: &RequestBlock, from: usize, bound: f64) -> usize {
        self.slot_record.resize(self.record.len(), 0);
        let FreeSlots::Wide(free) = &mut self.free else { unreachable!("the form is wide") };
        for j in from..block.arrivals.len() {
            let arrival = self.requests.arrivals[j];
            let slot = free.winner();
            let start = free.smallest().max(arrival);
            let deadline = deadline_of(block, j, arrival, self.timeout);
            let exit = start.min(deadline);
            if exit >= bound {
                return j;
            }
            let full = self.exits.as_mut().is_some_and(|exits| exits.is_full(arrival, exit));
            self.record[j] = if full {
                REJECTED
            } else if deadline < start {
                TIMED_OUT
            } else {
                let finish = start + self.requests.service(j, slot);
                free.set(slot, finish);
                finish
            };
            self.slot_record[j] = slot;
        }
        block.arrivals.len()
    }

    /// No control event will come any more: without slots the requests from `from` on wait for ever.
    pub(super) fn strand(&mut self, block: &RequestBlock, from: usize, book: &mut impl Booking) {
        for j in from..block.arrivals.len() {
            let deadline = deadline_of(block, j, self.requests.arrivals[j], self.timeout);
            let full = self.exits.as_mut().is_some_and(|exits| exits.is_full(self.requests.arrivals[j], deadline));
            match block.arrivals[j] {
                arrival if full => book.rejected(arrival),
                arrival if deadline < f64::INFINITY => book.timed_out(arrival),
                arrival => book.in_system_at_end(arrival),
            }
        }
    }
}

/// Until when request `j`, which arrives at `arrival` in the kernel's time, waits.
fn deadline_of(block: &RequestBlock, j: usize, arrival: f64, timeout: f64) -> f64 {
    arrival + block.patiences.get(j).copied().unwrap_or(timeout)
}

/// Above this number of slots one replication alone is faster with a tree.
const MOST_ALONE: usize = 12;

/// One call of [`sorted::serve`] for one lane.
struct Alone<'a> {
    slots: usize,
    limited: bool,
    keys: &'a mut [[f64; 1]; MOST],
    from: usize,
    bound: f64,
    limits: Limits<'a, 1>,
    record: &'a mut [[f64; 1]],
}

impl Alone<'_> {
    fn serve<S: Source<One>>(&mut self, source: &S) -> usize {
        match self.slots {
            0..=5 => self.serve_slots::<S, 5>(source),
            6..=8 => self.serve_slots::<S, 8>(source),
            _ => self.serve_slots::<S, MOST_ALONE>(source),
        }
    }

    fn serve_slots<S: Source<One>, const C: usize>(&mut self, source: &S) -> usize {
        let (bound, limits) = (&[self.bound], &mut self.limits);
        let (reached, _) = if self.limited {
            sorted::serve::<One, S, C, 1, true>(self.keys, source, self.from, bound, limits, self.record)
        } else {
            sorted::serve::<One, S, C, 1, false>(self.keys, source, self.from, bound, limits, self.record)
        };
        reached
    }
}
