//! What became of the requests that a loop has gone through.

use super::FifoKernel;
use super::free_slots::FreeSlots;
use super::key::{self, FIRST};
use super::pending::Request;
use crate::engine::kernel::{Booking, PENDING, REJECTED, SlotClass, TIMED_OUT, book_busy};
use crate::simd::{Isa, compiled_for_each_isa};
use crate::units::{GRID, grid_at_or_before, steps_of_grid};
use crate::workload::RequestBlock;
use std::ops::Range;

impl FifoKernel {
    /// Books requests that no control event before `until` can change; the others become pending.
    pub(in crate::engine) fn book(
        &mut self,
        block: &RequestBlock,
        range: Range<usize>,
        until: f64,
        book: &mut impl Booking,
    ) {
        if range.is_empty() {
            return;
        }
        let known = grid_at_or_before(until) + self.offset;
        let bits = self.free.number();
        let (requests, keys) = (&*self.requests, &self.record[range.clone()]);
        let services = [0, 1].map(|speed| &requests.services[speed.min(requests.services.len() - 1)][range.clone()]);
        let [pending, busy] = outcomes_of(
            Isa::best(),
            &requests.arrivals[range.clone()],
            keys,
            services,
            bits.mask(),
            known,
            &mut self.outcomes[range.clone()],
        );
        // A draining slot has got no request since the control event before these. Without numbers keys do not tell the speed.
        let told_by_key = requests.services.len() == 1 || requests.services.len() == 2 && bits.0 > 0;
        if told_by_key && self.warming == 0 {
            book.busy(SlotClass::Warm, busy as f64 * GRID);
        } else {
            self.book_busy(range.clone(), book);
        }
        if pending > 0 {
            self.keep_pending(block, range.clone(), pending as usize);
        }
        book.book_all(&block.arrivals[range.clone()], &self.outcomes[range]);
    }

    /// The slot of request `j` of the block.
    fn slot_of(&self, j: usize) -> u32 {
        if let FreeSlots::Wide(_) = self.free { self.slot_record[j] } else { self.free.number().number(self.record[j]) }
    }

    /// Books the busy time of completed requests slot by slot.
    fn book_busy(&self, range: Range<usize>, book: &mut impl Booking) {
        let mut busy = [0.0; 3];
        for j in range.filter(|j| self.outcomes[*j] >= 0.0) {
            let slot = self.slot_of(j) as usize;
            busy[self.slots[slot] as usize] += self.requests.service(j, slot as u32);
        }
        book_busy(busy, book);
    }

    /// Keeps the `count` requests that are not complete.
    fn keep_pending(&mut self, block: &RequestBlock, range: Range<usize>, count: usize) {
        let (bits, first, mut found) = (self.free.number(), self.pending.len(), 0);
        // Nobody could foresee which are pending: each number is written, and the next one over it unless this one is.
        self.numbers.resize(count + 1, 0);
        for (j, outcome) in range.clone().zip(&self.outcomes[range]) {
            self.numbers[found] = j as u32;
            found += usize::from(*outcome == PENDING);
        }
        self.pending.resize(first + count);
        for index in 0..count {
            let j = self.numbers[index] as usize;
            let (slot, finish) = (self.slot_of(j), bits.time(self.record[j]));
            let busy_from = finish - self.requests.service(j, slot);
            self.pending.set(first + index, Request { arrival: block.arrivals[j], busy_from, finish, slot });
        }
    }
}

compiled_for_each_isa! {
    /// Latencies of the requests that are complete by `known`, and what became of the others; returns how many are pending, and the
    /// services of the former together in steps of the grid. Keys with an odd number have the second of the services.
    fn outcomes_of(
        arrivals: &[f64], keys: &[f64], services: [&[f64]; 2], number_mask: u64, known: f64, outcomes: &mut [f64],
    ) -> [u64; 2] {
        let count = outcomes.len();
        let (arrivals, keys) = (&arrivals[..count], &keys[..count]);
        let [first, second] = services.map(|services| &services[..count]);
        // Sums of integers: the compiler may add them up in any order.
        let (mut pending, mut busy) = (0, 0u64);
        for i in 0..count {
            let bits = keys[i].to_bits();
            let finish = f64::from_bits(bits & !number_mask);
            // Bits are blended rather than numbers chosen, which would keep the compiler from vectors.
            let odd = (bits & 1).wrapping_neg();
            let service = f64::from_bits(first[i].to_bits() & !odd | second[i].to_bits() & odd);
            let complete = (finish <= known) & (finish >= FIRST);
            let waits = keys[i] >= FIRST;
            let failed = if keys[i] == key::TIMED_OUT { TIMED_OUT } else { REJECTED };
            let open = if waits { PENDING } else { failed };
            outcomes[i] = if complete { finish - arrivals[i] } else { open };
            busy = busy.wrapping_add(steps_of_grid(if complete { service } else { 0.0 }));
            pending += u64::from(waits & !complete);
        }
        [pending, busy]
    }
}
