//! The heart: serving slots under one shared first-come, first-served queue.
//!
//! Slots that can take requests stand in a binary heap by the time at which they become free; the smallest is the slot that has been idle
//! longest, or else the one that is free first. Taking a request replaces the heap's root in place.

/// What a slot's busy time counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotClass {
    /// Draining: for nothing.
    Draining = 0,
    /// In service, warming up: for utilisation, not for the CPU metric.
    Warming = 1,
    /// In service and warm: for both.
    Warm = 2,
}

/// A request in service, or the last one served and not booked yet.
#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Arrival of its request.
    arrival: f64,
    /// Since when its busy time is not booked.
    busy_from: f64,
    /// When it is free again.
    finish: f64,
    /// 1 / speed.
    seconds_per_work: f64,
    class: SlotClass,
    occupied: bool,
}

/// Where booked outcomes go.
pub(super) trait Booking {
    /// A request that arrived at `arrival` was completed at `finish`.
    fn completed(&mut self, arrival: f64, finish: f64);
    /// A request that arrived at `arrival` was lost with its instance.
    fn lost(&mut self, arrival: f64);
    /// A slot of this class was busy for `seconds`.
    fn busy(&mut self, class: SlotClass, seconds: f64);
}

/// A free time and its slot.
#[derive(Debug, Clone, Copy)]
struct Free {
    at: f64,
    slot: u32,
}

/// The serving slots of a fleet.
#[derive(Debug, Default)]
pub(super) struct FifoKernel {
    slots: Vec<Slot>,
    unused: Vec<u32>,
    heap: Vec<Free>,
}

impl FifoKernel {
    /// When the next request can start, infinite without slots.
    #[inline(always)]
    pub(super) fn next_free(&self) -> f64 {
        self.heap.first().map_or(f64::INFINITY, |free| free.at)
    }

    /// Gives the slot that is free first a request that starts at `start`; books the request it had before.
    ///
    /// `start` must be [`FifoKernel::next_free`] or later.
    #[inline(always)]
    pub(super) fn serve(&mut self, arrival: f64, start: f64, work: f64, book: &mut impl Booking) {
        let slot = &mut self.slots[self.heap[0].slot as usize];
        if slot.occupied {
            book.busy(slot.class, slot.finish - slot.busy_from);
            book.completed(slot.arrival, slot.finish);
        }
        let finish = start + work * slot.seconds_per_work;
        slot.arrival = arrival;
        slot.busy_from = start;
        slot.finish = finish;
        slot.occupied = true;
        self.replace_root(finish);
    }

    /// Sets the root's free time to `at` and restores the heap.
    #[inline(always)]
    fn replace_root(&mut self, at: f64) {
        let heap = self.heap.as_mut_slice();
        let length = heap.len();
        let moved = Free { at, slot: heap[0].slot };
        let mut hole = 0;
        loop {
            let left = 2 * hole + 1;
            if left >= length {
                break;
            }
            let right = left + 1;
            let right_is_smaller = right < length && heap[right].at < heap[left].at;
            let child = left + usize::from(right_is_smaller);
            if heap[child].at >= at {
                break;
            }
            heap[hole] = heap[child];
            hole = child;
        }
        heap[hole] = moved;
    }

    /// Adds `count` slots that are free from `now` on; returns their numbers.
    pub(super) fn add(&mut self, count: u32, speed: f64, class: SlotClass, now: f64) -> Vec<u32> {
        let fresh =
            Slot { arrival: now, busy_from: now, finish: now, seconds_per_work: 1.0 / speed, class, occupied: false };
        let numbers: Vec<u32> = (0..count)
            .map(|_| match self.unused.pop() {
                Some(number) => {
                    self.slots[number as usize] = fresh;
                    number
                }
                None => {
                    self.slots.push(fresh);
                    self.slots.len() as u32 - 1
                }
            })
            .collect();
        self.heap.extend(numbers.iter().map(|&slot| Free { at: now, slot }));
        self.rebuild();
        numbers
    }

    /// Takes slots out of service: they finish what they have. Returns when the last of them will be free.
    pub(super) fn retire(&mut self, numbers: &[u32], now: f64, book: &mut impl Booking) -> f64 {
        self.settle(numbers, now, book);
        self.heap.retain(|free| !numbers.contains(&free.slot));
        self.rebuild();
        let mut last = now;
        for &number in numbers {
            let slot = &mut self.slots[number as usize];
            slot.class = SlotClass::Draining;
            if slot.occupied {
                last = last.max(slot.finish);
            }
        }
        last
    }

    /// Removes retired slots at `now`: what is not complete is lost. Returns how many requests were.
    pub(super) fn remove(&mut self, numbers: &[u32], now: f64, book: &mut impl Booking) -> u32 {
        self.settle(numbers, now, book);
        let mut lost = 0;
        for &number in numbers {
            let slot = &mut self.slots[number as usize];
            if slot.occupied {
                slot.occupied = false;
                book.lost(slot.arrival);
                lost += 1;
            }
            self.unused.push(number);
        }
        lost
    }

    /// Books busy time up to `now` and requests completed by then.
    pub(super) fn settle(&mut self, numbers: &[u32], now: f64, book: &mut impl Booking) {
        for &number in numbers {
            self.slots[number as usize].settle(now, book);
        }
    }

    /// [`FifoKernel::settle`] for every slot.
    pub(super) fn settle_all(&mut self, now: f64, book: &mut impl Booking) {
        for slot in &mut self.slots {
            slot.settle(now, book);
        }
    }

    /// Changes what the slots' busy time counts for, from `now` on.
    pub(super) fn reclassify(&mut self, numbers: &[u32], class: SlotClass, now: f64, book: &mut impl Booking) {
        self.settle(numbers, now, book);
        for &number in numbers {
            self.slots[number as usize].class = class;
        }
    }

    /// Orders the heap by (time, slot): a function of its content alone.
    fn rebuild(&mut self) {
        self.heap.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.slot.cmp(&b.slot)));
    }
}

impl Slot {
    fn settle(&mut self, now: f64, book: &mut impl Booking) {
        if !self.occupied {
            return;
        }
        let until = self.finish.min(now);
        if until > self.busy_from {
            book.busy(self.class, until - self.busy_from);
            self.busy_from = until;
        }
        if self.finish <= now {
            self.occupied = false;
            book.completed(self.arrival, self.finish);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Diary {
        completed: Vec<(f64, f64)>,
        lost: Vec<f64>,
        busy: [f64; 3],
    }

    impl Booking for Diary {
        fn completed(&mut self, arrival: f64, finish: f64) {
            self.completed.push((arrival, finish));
        }
        fn lost(&mut self, arrival: f64) {
            self.lost.push(arrival);
        }
        fn busy(&mut self, class: SlotClass, seconds: f64) {
            self.busy[class as usize] += seconds;
        }
    }

    #[test]
    fn the_longest_idle_slot_serves_and_speeds_count() {
        let (mut kernel, mut diary) = (FifoKernel::default(), Diary::default());
        kernel.add(1, 2.0, SlotClass::Warm, 0.0);
        kernel.add(1, 1.0, SlotClass::Warm, 1.0);
        kernel.serve(1.0, 1.0, 4.0, &mut diary); // fast slot, idle since 0: until 3
        kernel.serve(2.0, 2.0, 4.0, &mut diary); // slow slot: until 6
        assert_eq!(kernel.next_free(), 3.0);
        kernel.settle_all(5.0, &mut diary);
        assert_eq!(diary.completed, [(1.0, 3.0)]);
        assert_eq!(diary.busy, [0.0, 0.0, 2.0 + 3.0]);
        kernel.settle_all(6.0, &mut diary);
        assert_eq!(diary.busy[2], 6.0);
    }

    #[test]
    fn retired_slots_finish_and_removed_ones_lose() {
        let (mut kernel, mut diary) = (FifoKernel::default(), Diary::default());
        let slots = kernel.add(3, 1.0, SlotClass::Warm, 0.0);
        kernel.serve(0.0, 0.0, 1.0, &mut diary);
        kernel.serve(0.0, 0.0, 5.0, &mut diary);
        kernel.serve(0.0, 0.0, 9.0, &mut diary);
        assert_eq!(kernel.retire(&slots, 2.0, &mut diary), 9.0);
        assert_eq!(kernel.next_free(), f64::INFINITY);
        assert_eq!(kernel.remove(&slots, 5.0, &mut diary), 1);
        assert_eq!(diary.completed, [(0.0, 1.0), (0.0, 5.0)]);
        assert_eq!(diary.lost, [0.0]);
        // Busy time counts until the slots were retired.
        assert_eq!(diary.busy, [3.0 + 3.0, 0.0, 1.0 + 2.0 + 2.0]);
        assert_eq!(kernel.add(2, 1.0, SlotClass::Warm, 6.0).len(), 2);
    }
}
