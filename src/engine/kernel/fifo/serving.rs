//! Which loop serves a kernel alone.

use super::free_slots::FreeSlots;
use super::key::{REJECTED, TIMED_OUT};
use super::sorted::{self, Limits, MOST};
use super::source::Shared;
use super::{FifoKernel, tree};
use crate::engine::kernel::Booking;
use crate::simd::{One, Vector};
use crate::workload::RequestBlock;

impl FifoKernel {
    /// Serves requests from `from` on until one leaves the queue at `bound` or later; returns its index.
    pub(super) fn serve(&mut self, block: &RequestBlock, from: usize, bound: f64) -> usize {
        if matches!(self.free, FreeSlots::Sorted { count, .. } if count > MOST_ALONE || self.requests.services.len() > 1)
        {
            self.free.make_tree();
        }
        let end = block.arrivals.len();
        match &mut self.free {
            FreeSlots::Sorted { keys, count } => {
                let source = Shared {
                    arrivals: &self.requests.arrivals,
                    services: [&self.requests.services[0]; 2],
                    patiences: &block.patiences,
                    timeout: One::splat(self.timeout),
                };
                let keys = keys.as_chunks_mut().0.try_into().expect("as many rows of one as keys");
                let record = self.record.as_chunks_mut().0;
                let mut limits = Limits { exits: [self.exits.as_mut()] };
                serve_alone(
                    *count,
                    self.limited || !block.patiences.is_empty(),
                    keys,
                    &source,
                    from,
                    bound,
                    &mut limits,
                    record,
                )
            }
            FreeSlots::Tree(_) => {
                let mut lane = self.tree_lane(block, bound).map(|lane| [lane]).expect("the form is a tree");
                tree::serve_lanes(&mut lane, from, end).0
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
            let deadline = arrival + block.patiences.get(j).copied().unwrap_or(self.timeout);
            let exit = start.min(deadline);
            if exit >= bound {
                return j;
            }
            let full = self.exits.as_mut().is_some_and(|exits| {
                let full = exits.offer(exit) > arrival;
                exits.accept(!full);
                full
            });
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
            let deadline = self.requests.arrivals[j] + block.patiences.get(j).copied().unwrap_or(self.timeout);
            let full = self.exits.as_mut().is_some_and(|exits| {
                let full = exits.offer(deadline) > self.requests.arrivals[j];
                exits.accept(!full);
                full
            });
            match block.arrivals[j] {
                arrival if full => book.rejected(arrival),
                arrival if deadline < f64::INFINITY => book.timed_out(arrival),
                arrival => book.in_system_at_end(arrival),
            }
        }
    }
}

/// Above this number of slots one replication alone is faster with a tree.
const MOST_ALONE: usize = 12;

/// [`sorted::serve`] for one lane.
#[allow(clippy::too_many_arguments)]
fn serve_alone(
    count: usize,
    limited: bool,
    keys: &mut [[f64; 1]; MOST],
    source: &Shared<One, false>,
    from: usize,
    bound: f64,
    limits: &mut Limits<1>,
    record: &mut [[f64; 1]],
) -> usize {
    macro_rules! serve {
        ($slots:literal) => {
            if limited {
                sorted::serve::<One, _, $slots, 1, true>(keys, source, from, &[bound], limits, record)
            } else {
                sorted::serve::<One, _, $slots, 1, false>(keys, source, from, &[bound], limits, record)
            }
        };
    }
    let (reached, _) = match count {
        0..=4 => serve!(4),
        5..=6 => serve!(6),
        7..=8 => serve!(8),
        _ => serve!(12),
    };
    reached
}
