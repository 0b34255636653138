//! Requests in service whose end is not certain yet, in order of arrival.
//!
//! At a control event hundreds of them may be looked at, and nobody could foresee which are complete: so no branch depends on that.

use crate::engine::kernel::{Booking, PENDING, SlotClass, book_busy};
use crate::simd::{Isa, compiled_for_each_isa};
use crate::units::{GRID, steps_of_grid};

/// Requests in service, side by side.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// In seconds since the start.
    arrivals: Vec<f64>,
    /// Since when their slots' busy time is not booked, in the kernel's time.
    busy_from: Vec<f64>,
    /// When they are complete, in the kernel's time.
    finishes: Vec<f64>,
    slots: Vec<u32>,
    /// What became of them when they were looked at last.
    outcomes: Vec<f64>,
}

/// A request in service, with times as in [`Pending`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    pub(super) arrival: f64,
    pub(super) busy_from: f64,
    pub(super) finish: f64,
    pub(super) slot: u32,
}

impl Pending {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn resize(&mut self, count: usize) {
        for numbers in [&mut self.arrivals, &mut self.busy_from, &mut self.finishes, &mut self.outcomes] {
            numbers.resize(count, 0.0);
        }
        self.slots.resize(count, 0);
    }

    #[inline(always)]
    pub(super) fn set(&mut self, index: usize, request: Request) {
        self.arrivals[index] = request.arrival;
        self.busy_from[index] = request.busy_from;
        self.finishes[index] = request.finish;
        self.slots[index] = request.slot;
    }

    #[inline(always)]
    fn get(&self, index: usize) -> Request {
        let (arrival, busy_from) = (self.arrivals[index], self.busy_from[index]);
        Request { arrival, busy_from, finish: self.finishes[index], slot: self.slots[index] }
    }

    /// Books what is complete by `now`, a time of the kernel on the grid, and busy time up to it. `offset` is the kernel's time minus
    /// seconds since the start.
    pub(super) fn settle(&mut self, now: f64, offset: f64, classes: &[SlotClass], book: &mut impl Booking) {
        if self.len() == 0 {
            return;
        }
        if classes.iter().any(|class| *class != SlotClass::Warm) {
            let mut busy = [0.0; 3];
            for index in 0..self.len() {
                let Request { busy_from, finish, slot, .. } = self.get(index);
                busy[classes[slot as usize] as usize] += (finish.min(now) - busy_from).max(0.0);
            }
            book_busy(busy, book);
        } else {
            let busy = busy_until(Isa::best(), &self.busy_from, &self.finishes, now);
            book.busy(SlotClass::Warm, busy as f64 * GRID);
        }
        let complete = look_at(
            Isa::best(),
            &self.arrivals,
            &self.finishes,
            [now, offset],
            &mut self.busy_from,
            &mut self.outcomes,
        );
        if complete > 0 {
            book.book_all(&self.arrivals, &self.outcomes);
            self.keep(|pending, index| pending.outcomes[index] == PENDING);
        }
    }

    /// Keeps only those that stay.
    fn keep(&mut self, stays: impl Fn(&Self, usize) -> bool) {
        let mut kept = 0;
        for index in 0..self.len() {
            let stays = stays(self, index);
            self.set(kept, self.get(index));
            kept += usize::from(stays);
        }
        self.resize(kept);
    }

    /// When the last one on these slots is complete, in the kernel's time; minus infinity if there is none.
    pub(super) fn last_finish(&self, slots: &[u32]) -> f64 {
        let all = self.finishes.iter().zip(&self.slots).filter(|(_, slot)| slots.contains(slot));
        all.fold(f64::NEG_INFINITY, |last, (finish, _)| last.max(*finish))
    }

    /// Takes out those on these slots; returns when they arrived.
    pub(super) fn take(&mut self, slots: &[u32]) -> Vec<f64> {
        let all = self.arrivals.iter().zip(&self.slots).filter(|(_, slot)| slots.contains(slot));
        let taken = all.map(|(arrival, _)| *arrival).collect();
        self.keep(|pending, index| !slots.contains(&pending.slots[index]));
        taken
    }
}

compiled_for_each_isa! {
    /// Busy time up to `now` that is not booked, in steps of the grid.
    fn busy_until(busy_from: &[f64], finishes: &[f64], now: f64) -> u64 {
        let mut busy = 0u64;
        for (from, finish) in busy_from.iter().zip(finishes) {
            let until = if *finish < now { *finish } else { now };
            // Sums of integers: the compiler may add them up in any order.
            busy = busy.wrapping_add(steps_of_grid(if until > *from { until - *from } else { 0.0 }));
        }
        busy
    }
}

compiled_for_each_isa! {
    /// Latencies of the requests that are complete by `now`, [`PENDING`] for the others, whose busy time is booked up to then; returns
    /// how many are complete.
    fn look_at(
        arrivals: &[f64], finishes: &[f64], times: [f64; 2], busy_from: &mut [f64], outcomes: &mut [f64],
    ) -> u64 {
        let (count, [now, offset]) = (outcomes.len(), times);
        let (arrivals, finishes, busy_from) = (&arrivals[..count], &finishes[..count], &mut busy_from[..count]);
        let mut complete = 0;
        for i in 0..count {
            let done = finishes[i] <= now;
            outcomes[i] = if done { finishes[i] - offset - arrivals[i] } else { PENDING };
            busy_from[i] = if now > busy_from[i] { now } else { busy_from[i] };
            complete += u64::from(done);
        }
        complete
    }
}
