//! One shared queue, first come, first served; the slot that has been idle longest takes the next request.
//!
//! Between two control events the slots are fixed, so a request starts at `max(arrival, smallest free time)` and its slot is free
//! again at `start + work / speed`. The loops of [`sorted`] and [`tree`] do that and write down one key a request: when it
//! is complete, and on which slot. What became of the requests is booked afterwards, at the end of the block or before the control
//! event that ended the loop. A request that is complete by the next control event can be booked at once, for nothing can happen to
//! it any more; the others, at most one a slot, are *pending*: so those whose instance is taken away are known by name.

mod booking;
mod exits;
mod free_slots;
mod key;
pub(in crate::engine) mod lanes;
mod pending;
mod prepared;
mod serving;
mod sorted;
mod source;
#[cfg(test)]
mod tests;
pub(in crate::engine) mod tree;

use super::{Booking, SlotClass};
use crate::units::{grid_at_or_after, grid_at_or_before, on_grid};
use crate::workload::{BLOCK, RequestBlock};
use exits::Exits;
use free_slots::FreeSlots;
use key::FIRST;
use pending::Pending;
use prepared::Prepared;
use sorted::MOST;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What does not change while a kernel serves.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::engine) struct Settings {
    /// Speeds of the instances that may come.
    pub(in crate::engine) speeds: Vec<f64>,
    /// Requests that may wait.
    pub(in crate::engine) queue_limit: Option<u32>,
    /// How long a client waits, in seconds; infinite without a timeout.
    pub(in crate::engine) timeout: f64,
    /// When the run begins, in seconds since the start.
    pub(in crate::engine) begin: f64,
}

/// First come, first served.
#[derive(Debug)]
pub(in crate::engine) struct FifoKernel {
    /// The kernel's time minus seconds since the start.
    offset: f64,
    timeout: f64,
    limited: bool,
    /// 1 / speed. As many as a power of two: the lowest bits of a slot's number are its place here.
    seconds_per_work: Vec<f64>,
    slots: Vec<SlotClass>,
    /// By speed: numbers that are not used, and how many there have been.
    unused: Vec<(BTreeSet<u32>, u32)>,
    of_instance: BTreeMap<u32, Vec<u32>>,
    /// Slots that take requests.
    in_service: usize,
    /// Slots in service or draining that are warming up.
    warming: usize,
    free: FreeSlots,
    exits: Option<Exits>,
    /// The requests of the block; shared with kernels that count time in the same way and have the same speeds.
    requests: Arc<Prepared>,
    /// Key of each request of the block.
    record: Vec<f64>,
    /// In the wide form, the slot of each request of the block.
    slot_record: Vec<u32>,
    pending: Pending,
    /// Numbers of requests of the block that become pending.
    numbers: Vec<u32>,
    /// What became of the requests of the block: see [`Booking::book_all`].
    outcomes: Vec<f64>,
}

impl FifoKernel {
    pub(in crate::engine) fn new(settings: &Settings) -> Self {
        let mut seconds_per_work: Vec<f64> = Vec::new();
        for speed in &settings.speeds {
            let time = 1.0 / speed;
            if !seconds_per_work.contains(&time) {
                seconds_per_work.push(time);
            }
        }
        let speeds = seconds_per_work.len().next_power_of_two();
        seconds_per_work.resize(speeds, 1.0);
        Self {
            offset: FIRST - settings.begin.floor(),
            timeout: on_grid(settings.timeout),
            limited: settings.queue_limit.is_some() || settings.timeout.is_finite(),
            seconds_per_work,
            slots: Vec::new(),
            unused: vec![(BTreeSet::new(), 0); speeds],
            of_instance: BTreeMap::new(),
            in_service: 0,
            warming: 0,
            free: FreeSlots::default(),
            exits: settings.queue_limit.map(Exits::new),
            requests: Arc::new(Prepared::default()),
            record: vec![0.0; BLOCK],
            slot_record: Vec::new(),
            pending: Pending::default(),
            numbers: Vec::new(),
            outcomes: vec![0.0; BLOCK],
        }
    }

    /// Adds an instance whose slots are free from `now` on. Their numbers are the lowest unused ones that stand for its speed.
    pub(in crate::engine) fn add(&mut self, instance: u32, slots: u32, speed: f64, class: SlotClass, now: f64) {
        let now = grid_at_or_after(now) + self.offset;
        let time = 1.0 / speed;
        let place =
            self.seconds_per_work.iter().position(|known| *known == time).expect("the speed is in the settings");
        let speeds = self.seconds_per_work.len();
        let numbers = (0..slots).map(|_| {
            let (unused, known) = &mut self.unused[place];
            let number = unused.pop_first().unwrap_or_else(|| {
                *known += 1;
                (*known - 1) * speeds as u32 + place as u32
            });
            if number as usize >= self.slots.len() {
                self.slots.resize(number as usize + 1, SlotClass::Warm);
            }
            self.slots[number as usize] = class;
            self.free.add(number, now);
            number
        });
        let numbers = numbers.collect();
        self.warming += if class == SlotClass::Warming { slots as usize } else { 0 };
        self.in_service += slots as usize;
        self.of_instance.insert(instance, numbers);
    }

    /// Takes requests of `block` from `from` on until one has to wait for the control event at `until` (infinite when there is none);
    /// returns its index.
    pub(in crate::engine) fn take(
        &mut self,
        block: &RequestBlock,
        from: usize,
        until: f64,
        book: &mut impl Booking,
    ) -> usize {
        if from == 0 {
            self.begin_block(block);
        }
        let mut next = from;
        loop {
            let (bound, too_late) = self.bound(until);
            let reached = self.serve(block, next, bound);
            self.book(block, next..reached, until, book);
            next = reached;
            if next == block.arrivals.len() || !too_late {
                break;
            }
            self.free.make_wide();
        }
        if until == f64::INFINITY {
            self.strand(block, next, book);
            next = block.arrivals.len();
        }
        next
    }

    /// Makes the times of a block's requests ready.
    pub(in crate::engine) fn begin_block(&mut self, block: &RequestBlock) {
        match Arc::get_mut(&mut self.requests) {
            Some(requests) => requests.begin(block, self.offset, &self.seconds_per_work),
            // Others still share it.
            None => {
                let mut requests = Prepared::default();
                requests.begin(block, self.offset, &self.seconds_per_work);
                self.requests = Arc::new(requests);
            }
        }
        self.make_room(block);
    }

    /// [`FifoKernel::begin_block`] after another kernel has begun the same block; false if times differ between the two.
    pub(in crate::engine) fn begin_block_like(&mut self, other: &FifoKernel, block: &RequestBlock) -> bool {
        let alike = self.offset == other.offset && self.seconds_per_work == other.seconds_per_work;
        if alike {
            self.requests = Arc::clone(&other.requests);
            self.make_room(block);
        }
        alike
    }

    fn make_room(&mut self, block: &RequestBlock) {
        // A block from elsewhere than a stream may be longer.
        self.record.resize(block.arrivals.len().max(BLOCK), 0.0);
        self.outcomes.resize(self.record.len(), 0.0);
    }

    /// The keys of the slots in increasing order and how many there are, if they are few enough for [`lanes`].
    pub(super) fn sorted(&mut self) -> Option<(&mut [f64; MOST], usize)> {
        if self.seconds_per_work.len() > 2 || !self.free.make_sorted() {
            return None;
        }
        match &mut self.free {
            FreeSlots::Sorted { keys, count } => Some((keys, *count)),
            _ => None,
        }
    }

    /// Slots that take requests.
    pub(in crate::engine) fn slots_in_service(&self) -> usize {
        self.in_service
    }

    /// Whether [`lanes`] can serve it.
    pub(in crate::engine) fn fits_lanes(&mut self) -> bool {
        self.in_service <= MOST && self.sorted().is_some()
    }

    /// Whether trees can serve it.
    pub(in crate::engine) fn fits_trees(&mut self) -> bool {
        self.free.make_tree();
        matches!(self.free, FreeSlots::Tree(_))
    }

    /// What serves a block that has begun in the form of a tree.
    pub(in crate::engine) fn tree_lane<'a>(
        &'a mut self,
        block: &'a RequestBlock,
        until: f64,
    ) -> Option<tree::Lane<'a>> {
        let FreeSlots::Tree(tree) = &mut self.free else { return None };
        Some(tree::Lane {
            tree,
            arrivals: &self.requests.arrivals,
            services: &self.requests.services,
            patiences: &block.patiences,
            timeout: self.timeout,
            exits: self.exits.as_mut(),
            until,
            record: &mut self.record,
        })
    }

    /// The time of the kernel at which serving has to stop for a control event at `until`, and whether that is because keys cannot
    /// hold later times.
    pub(in crate::engine) fn bound(&self, until: f64) -> (f64, bool) {
        let last = grid_at_or_after(until) + self.offset;
        let limit = self.free.time_limit() - self.requests.longest_service;
        (last.min(limit), limit < last)
    }

    /// Books pending requests that are complete by `now`, and busy time up to `now`.
    pub(in crate::engine) fn settle(&mut self, now: f64, book: &mut impl Booking) {
        let now = grid_at_or_before(now) + self.offset;
        self.pending.settle(now, self.offset, &self.slots, book);
    }

    /// Changes what the slots' busy time counts for, from `now` on.
    pub(in crate::engine) fn reclassify(&mut self, instance: u32, class: SlotClass, now: f64, book: &mut impl Booking) {
        self.settle(now, book);
        for number in &self.of_instance[&instance] {
            let slot = &mut self.slots[*number as usize];
            self.warming -= usize::from(*slot == SlotClass::Warming);
            self.warming += usize::from(class == SlotClass::Warming);
            *slot = class;
        }
    }

    /// Takes an instance out of service: it finishes what it has. Returns when the last of that will be complete.
    pub(in crate::engine) fn retire(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> f64 {
        self.reclassify(instance, SlotClass::Draining, now, book);
        let numbers = &self.of_instance[&instance];
        self.in_service -= numbers.iter().filter(|number| self.free.take_out(**number)).count();
        now.max(self.pending.last_finish(numbers) - self.offset)
    }

    /// Removes an instance: what it has not completed by `now` is lost. Returns how many requests were.
    pub(in crate::engine) fn remove(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> u32 {
        let Some(numbers) = self.of_instance.get(&instance) else { return 0 };
        self.in_service -= numbers.iter().filter(|number| self.free.take_out(**number)).count();
        self.reclassify(instance, SlotClass::Warm, now, book);
        let numbers = self.of_instance.remove(&instance).unwrap_or_default();
        let lost = self.pending.take(&numbers);
        lost.iter().for_each(|arrival| book.lost(*arrival));
        for number in numbers {
            self.unused[number as usize % self.seconds_per_work.len()].0.insert(number);
        }
        lost.len() as u32
    }

    /// When the next request can start, infinite without slots.
    #[cfg(test)]
    pub(in crate::engine) fn next_free(&self) -> f64 {
        self.free.first() - self.offset
    }

    /// Completes everything: no control event will come any more.
    pub(in crate::engine) fn finish(&mut self, book: &mut impl Booking) {
        self.settle(f64::INFINITY, book);
    }
}
