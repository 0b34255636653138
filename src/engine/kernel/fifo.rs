//! One shared queue, first come, first served; the slot that has been idle longest takes the next request.
//!
//! Between two control events the slots are fixed, so a request starts at `max(arrival, smallest free time)` and its slot is free
//! again at `start + work / speed`. The loops of [`super::sorted`] and [`super::tree`] do that and write down one key a request: when it
//! is complete, and on which slot. What became of the requests is booked afterwards, at the end of the block or before the control
//! event that ended the loop. A request that is complete by the next control event can be booked at once, for nothing can happen to
//! it any more; the others, at most one a slot, are *pending*: so those whose instance is taken away are known by name.

use super::exits::Exits;
use super::free_slots::FreeSlots;
use super::key::{FIRST, REJECTED, TIMED_OUT};
use super::sorted::{self, Limits, MOST};
use super::source::Shared;
use super::{Booking, SlotClass, tree};
use crate::simd::{Isa, One, Vector, compiled_for_each_isa};
use crate::units::{grid_at_or_after, grid_at_or_before, on_grid};
use crate::workload::{BLOCK, RequestBlock};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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

/// A request in service.
#[derive(Debug, Clone, Copy)]
struct Pending {
    /// In seconds since the start.
    arrival: f64,
    /// Since when its slot's busy time is not booked, in the kernel's time.
    busy_from: f64,
    finish: f64,
    slot: u32,
}

/// First come, first served.
#[derive(Debug)]
pub(in crate::engine) struct FifoKernel {
    /// The kernel's time minus seconds since the start.
    pub(super) offset: f64,
    pub(super) timeout: f64,
    pub(super) limited: bool,
    /// 1 / speed. As many as a power of two: the lowest bits of a slot's number are its place here.
    pub(super) seconds_per_work: Vec<f64>,
    slots: Vec<SlotClass>,
    unused: BTreeSet<u32>,
    of_instance: BTreeMap<u32, Vec<u32>>,
    /// Slots that take requests.
    in_service: usize,
    /// Slots in service that are not warm, and draining ones.
    not_warm: usize,
    free: FreeSlots,
    pub(super) exits: Option<Exits>,
    /// Arrivals of the block, in the kernel's time.
    pub(super) arrivals: Vec<f64>,
    /// Service times of the block by speed.
    pub(super) services: Vec<Vec<f64>>,
    longest_service: f64,
    /// Key of each request of the block.
    pub(super) record: Vec<f64>,
    /// In the wide form, the slot of each request of the block.
    slot_record: Vec<u32>,
    pending: Vec<Pending>,
    /// Latencies of the requests that are booked together; negative for those that are not complete.
    latencies: Vec<f64>,
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
            arrivals: Vec::new(),
            services: vec![Vec::new(); speeds],
            seconds_per_work,
            slots: Vec::new(),
            unused: BTreeSet::new(),
            of_instance: BTreeMap::new(),
            in_service: 0,
            not_warm: 0,
            free: FreeSlots::default(),
            exits: settings.queue_limit.map(Exits::new),
            longest_service: 0.0,
            record: vec![0.0; BLOCK],
            slot_record: Vec::new(),
            pending: Vec::new(),
            latencies: vec![0.0; BLOCK],
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
            let number =
                self.unused.iter().copied().find(|number| *number as usize % speeds == place).unwrap_or_else(|| {
                    let first = self.slots.len() as u32;
                    self.slots.resize(self.slots.len() + speeds, SlotClass::Draining);
                    self.unused.extend(first..first + speeds as u32);
                    first + place as u32
                });
            self.unused.remove(&number);
            self.slots[number as usize] = class;
            self.free.add(number, now);
            number
        });
        let numbers = numbers.collect();
        self.not_warm += if class == SlotClass::Warm { 0 } else { slots as usize };
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
        let isa = Isa::best();
        self.arrivals.resize(block.arrivals.len(), 0.0);
        times_of_kernel(isa, &block.arrivals, self.offset, &mut self.arrivals);
        self.longest_service = 0.0;
        for (services, time) in self.services.iter_mut().zip(&self.seconds_per_work) {
            services.resize(block.works.len(), 0.0);
            self.longest_service = self.longest_service.max(times_of_services(isa, &block.works, *time, services));
        }
        // A block from elsewhere than a stream may be longer.
        self.record.resize(block.arrivals.len().max(BLOCK), 0.0);
        self.latencies.resize(self.record.len(), 0.0);
    }

    /// The keys of the slots in increasing order and how many there are, if they are few enough for [`super::lanes`].
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

    /// Whether [`super::lanes`] can serve it.
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
            arrivals: &self.arrivals,
            services: &self.services,
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
        let limit = self.free.time_limit() - self.longest_service;
        (last.min(limit), limit < last)
    }

    /// Serves requests from `from` on until one leaves the queue at `bound` or later; returns its index.
    fn serve(&mut self, block: &RequestBlock, from: usize, bound: f64) -> usize {
        if matches!(self.free, FreeSlots::Sorted { count, .. } if count > MOST_ALONE || self.services.len() > 1) {
            self.free.make_tree();
        }
        let end = block.arrivals.len();
        match &mut self.free {
            FreeSlots::Sorted { keys, count } => {
                let source = Shared {
                    arrivals: &self.arrivals,
                    services: &self.services[0],
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
            let arrival = self.arrivals[j];
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
                let finish = start + self.services[slot as usize % self.services.len()][j];
                free.set(slot, finish);
                finish
            };
            self.slot_record[j] = slot;
        }
        block.arrivals.len()
    }

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
        let (arrivals, keys) = (&self.arrivals[range.clone()], &self.record[range.clone()]);
        let latencies = &mut self.latencies[range.clone()];
        let [open, busy] =
            latencies_of(Isa::best(), arrivals, keys, &self.services[0][range.clone()], bits.mask(), known, latencies);
        if self.services.len() == 1 && self.not_warm == 0 {
            book.busy(SlotClass::Warm, busy);
        } else {
            self.book_busy(range.clone(), book);
        }
        if open > 0.0 {
            self.book_open(block, range.clone(), book);
        }
        book.completed_all(&block.arrivals[range.clone()], &self.latencies[range]);
    }

    /// The slot of request `j` of the block.
    fn slot_of(&self, j: usize) -> u32 {
        if let FreeSlots::Wide(_) = self.free { self.slot_record[j] } else { self.free.number().number(self.record[j]) }
    }

    /// Books the busy time of completed requests slot by slot.
    fn book_busy(&self, range: Range<usize>, book: &mut impl Booking) {
        let mut busy = [0.0; 3];
        for j in range.filter(|j| self.latencies[*j] >= 0.0) {
            let slot = self.slot_of(j) as usize;
            busy[self.slots[slot] as usize] += self.services[slot % self.services.len()][j];
        }
        for (class, seconds) in [SlotClass::Draining, SlotClass::Warming, SlotClass::Warm].into_iter().zip(busy) {
            book.busy(class, seconds);
        }
    }

    /// Books the requests that are not complete.
    #[inline(never)]
    fn book_open(&mut self, block: &RequestBlock, range: Range<usize>, book: &mut impl Booking) {
        let bits = self.free.number();
        for j in range.filter(|j| self.latencies[*j] < 0.0) {
            let (arrival, key) = (block.arrivals[j], self.record[j]);
            if key == TIMED_OUT {
                book.timed_out(arrival);
            } else if key == REJECTED {
                book.rejected(arrival);
            } else {
                let (slot, finish) = (self.slot_of(j), bits.time(key));
                let busy_from = finish - self.services[slot as usize % self.services.len()][j];
                self.pending.push(Pending { arrival, busy_from, finish, slot });
            }
        }
    }

    /// No control event will come any more: without slots the requests from `from` on wait for ever.
    fn strand(&mut self, block: &RequestBlock, from: usize, book: &mut impl Booking) {
        for j in from..block.arrivals.len() {
            let deadline = self.arrivals[j] + block.patiences.get(j).copied().unwrap_or(self.timeout);
            let full = self.exits.as_mut().is_some_and(|exits| {
                let full = exits.offer(deadline) > self.arrivals[j];
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

    /// Books pending requests that are complete by `now`, and busy time up to `now`.
    pub(in crate::engine) fn settle(&mut self, now: f64, book: &mut impl Booking) {
        let now = grid_at_or_before(now) + self.offset;
        let (slots, offset) = (&self.slots, self.offset);
        self.pending.retain_mut(|request| {
            let until = request.finish.min(now);
            if until > request.busy_from {
                book.busy(slots[request.slot as usize], until - request.busy_from);
                request.busy_from = until;
            }
            if request.finish <= now {
                book.completed(request.arrival, request.finish - offset);
            }
            request.finish > now
        });
    }

    /// Changes what the slots' busy time counts for, from `now` on.
    pub(in crate::engine) fn reclassify(&mut self, instance: u32, class: SlotClass, now: f64, book: &mut impl Booking) {
        self.settle(now, book);
        for number in &self.of_instance[&instance] {
            let slot = &mut self.slots[*number as usize];
            self.not_warm -= usize::from(*slot != SlotClass::Warm);
            self.not_warm += usize::from(class != SlotClass::Warm);
            *slot = class;
        }
    }

    /// Takes an instance out of service: it finishes what it has. Returns when the last of that will be complete.
    pub(in crate::engine) fn retire(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> f64 {
        self.reclassify(instance, SlotClass::Draining, now, book);
        let numbers = &self.of_instance[&instance];
        self.in_service -= numbers.iter().filter(|number| self.free.take_out(**number)).count();
        let finishes =
            self.pending.iter().filter(|request| numbers.contains(&request.slot)).map(|request| request.finish);
        finishes.map(|finish| finish - self.offset).fold(now, f64::max)
    }

    /// Removes an instance: what it has not completed by `now` is lost. Returns how many requests were.
    pub(in crate::engine) fn remove(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> u32 {
        let Some(numbers) = self.of_instance.get(&instance) else { return 0 };
        self.in_service -= numbers.iter().filter(|number| self.free.take_out(**number)).count();
        self.reclassify(instance, SlotClass::Warm, now, book);
        let numbers = self.of_instance.remove(&instance).unwrap_or_default();
        let before = self.pending.len();
        self.pending.retain(|request| {
            let stays = !numbers.contains(&request.slot);
            if !stays {
                book.lost(request.arrival);
            }
            stays
        });
        self.unused.extend(numbers);
        (before - self.pending.len()) as u32
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

compiled_for_each_isa! {
    /// Times since the start in the kernel's time, none before [`FIRST`].
    fn times_of_kernel(arrivals: &[f64], offset: f64, times: &mut [f64]) {
        for (time, arrival) in times.iter_mut().zip(arrivals) {
            let shifted = on_grid(*arrival) + offset;
            *time = if shifted > FIRST { shifted } else { FIRST };
        }
    }
}

compiled_for_each_isa! {
    /// Works in seconds at a speed; returns the longest.
    fn times_of_services(works: &[f64], seconds_per_work: f64, services: &mut [f64]) -> f64 {
        let mut longest = 0.0;
        for (service, work) in services.iter_mut().zip(works) {
            *service = on_grid(work * seconds_per_work);
            longest = if *service > longest { *service } else { longest };
        }
        longest
    }
}

compiled_for_each_isa! {
    /// Latencies of the requests that are complete by `known`, -1 for the others; returns how many those are, and the services of the
    /// former together.
    fn latencies_of(
        arrivals: &[f64], keys: &[f64], services: &[f64], number_mask: u64, known: f64, latencies: &mut [f64],
    ) -> [f64; 2] {
        let (mut open, mut busy) = ([0.0; 8], [0.0; 8]);
        let mut handle = |lane: usize, arrival: f64, key: f64, service: f64, latency: &mut f64| {
            let finish = f64::from_bits(key.to_bits() & !number_mask);
            let complete = finish <= known && finish >= FIRST;
            *latency = if complete { finish - arrival } else { -1.0 };
            busy[lane] += if complete { service } else { 0.0 };
            open[lane] += if complete { 0.0 } else { 1.0 };
        };
        let (arrivals, last_arrivals) = arrivals.as_chunks::<8>();
        let (keys, last_keys) = keys.as_chunks::<8>();
        let (services, last_services) = services.as_chunks::<8>();
        let (latencies, last_latencies) = latencies.as_chunks_mut::<8>();
        for i in 0..arrivals.len() {
            for lane in 0..8 {
                handle(lane, arrivals[i][lane], keys[i][lane], services[i][lane], &mut latencies[i][lane]);
            }
        }
        for lane in 0..last_arrivals.len() {
            handle(lane, last_arrivals[lane], last_keys[lane], last_services[lane], &mut last_latencies[lane]);
        }
        [open.iter().sum(), busy.iter().sum()]
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
    source: &Shared<One>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Diary {
        completed: Vec<(f64, f64)>,
        lost: Vec<f64>,
        rejected: Vec<f64>,
        timed_out: Vec<f64>,
        waiting: Vec<f64>,
        busy: [f64; 3],
    }

    impl Booking for Diary {
        fn completed(&mut self, arrival: f64, finish: f64) {
            self.completed.push((arrival, finish));
        }
        fn lost(&mut self, arrival: f64) {
            self.lost.push(arrival);
        }
        fn rejected(&mut self, arrival: f64) {
            self.rejected.push(arrival);
        }
        fn timed_out(&mut self, arrival: f64) {
            self.timed_out.push(arrival);
        }
        fn in_system_at_end(&mut self, arrival: f64) {
            self.waiting.push(arrival);
        }
        fn busy(&mut self, class: SlotClass, seconds: f64) {
            self.busy[class as usize] += seconds;
        }
    }

    fn kernel(speeds: &[f64], queue_limit: Option<u32>, timeout: f64) -> FifoKernel {
        FifoKernel::new(&Settings { speeds: speeds.to_vec(), queue_limit, timeout, begin: -10.0 })
    }

    fn block(requests: &[(f64, f64)]) -> RequestBlock {
        let (arrivals, works) = requests.iter().copied().unzip();
        RequestBlock { arrivals, works, patiences: Vec::new() }
    }

    #[test]
    fn the_longest_idle_slot_serves_and_speeds_count() {
        let (mut kernel, mut diary) = (kernel(&[1.0, 2.0], None, f64::INFINITY), Diary::default());
        kernel.add(0, 1, 2.0, SlotClass::Warm, 0.0);
        kernel.add(1, 1, 1.0, SlotClass::Warm, 1.0);
        // The fast slot, idle since 0, until 3; then the slow one until 6.
        assert_eq!(kernel.take(&block(&[(1.0, 4.0), (2.0, 4.0)]), 0, 5.0, &mut diary), 2);
        assert_eq!(kernel.next_free(), 3.0);
        kernel.settle(5.0, &mut diary);
        assert_eq!(diary.completed, [(1.0, 3.0)]);
        assert_eq!(diary.busy, [0.0, 0.0, 2.0 + 3.0]);
        kernel.settle(6.0, &mut diary);
        assert_eq!(diary.busy[2], 6.0);
    }

    #[test]
    fn retired_slots_finish_and_removed_ones_lose() {
        let (mut kernel, mut diary) = (kernel(&[1.0], None, f64::INFINITY), Diary::default());
        kernel.add(7, 3, 1.0, SlotClass::Warm, 0.0);
        assert_eq!(kernel.take(&block(&[(0.0, 1.0), (0.0, 5.0), (0.0, 9.0)]), 0, 2.0, &mut diary), 3);
        assert_eq!(kernel.retire(7, 2.0, &mut diary), 9.0);
        assert_eq!(kernel.next_free(), f64::INFINITY);
        assert_eq!(kernel.remove(7, 5.0, &mut diary), 1);
        assert_eq!(diary.completed, [(0.0, 1.0), (0.0, 5.0)]);
        assert_eq!(diary.lost, [0.0]);
        // Busy time counts until the slots were retired.
        assert_eq!(diary.busy, [3.0 + 3.0, 0.0, 1.0 + 2.0 + 2.0]);
        // The numbers are used again.
        kernel.add(8, 2, 1.0, SlotClass::Warm, 6.0);
        assert_eq!(kernel.slots.len(), 3);
    }

    #[test]
    fn requests_wait_for_control_events_and_leave_by_queue_limit_or_timeout() {
        let (mut kernel, mut diary) = (kernel(&[1.0], Some(2), 3.0), Diary::default());
        kernel.add(0, 1, 1.0, SlotClass::Warm, 0.0);
        // The first is served until 10; the next two wait, the fourth finds the queue full; both leave after 3 s.
        let requests = block(&[(0.0, 10.0), (1.0, 1.0), (2.0, 1.0), (3.0, 1.0), (4.5, 1.0)]);
        assert_eq!(kernel.take(&requests, 0, 4.0, &mut diary), 1, "what happens at 4 s comes first");
        // The fourth, if it found room, would leave at 6 s.
        assert_eq!(kernel.take(&requests, 1, 5.5, &mut diary), 3);
        assert_eq!((&diary.timed_out[..], &diary.rejected[..]), (&[1.0, 2.0][..], &[][..]));
        assert_eq!(kernel.take(&requests, 3, f64::INFINITY, &mut diary), 5);
        assert_eq!((&diary.timed_out[..], &diary.rejected[..]), (&[1.0, 2.0, 4.5][..], &[3.0][..]));
        kernel.finish(&mut diary);
        assert_eq!(diary.completed, [(0.0, 10.0)]);
    }

    #[test]
    fn without_slots_requests_wait_for_ever() {
        let (mut kernel, mut diary) = (kernel(&[1.0], Some(1), f64::INFINITY), Diary::default());
        assert_eq!(kernel.take(&block(&[(0.0, 1.0), (1.0, 1.0)]), 0, f64::INFINITY, &mut diary), 2);
        assert_eq!((diary.waiting, diary.rejected), (vec![0.0], vec![1.0]));
    }

    /// The forms of the free slots give the same, whatever the number of slots and the times.
    #[test]
    fn every_form_serves_alike() {
        for (slots, shift) in [(3, 0.0), (8, 0.0), (12, 1e6), (30, 0.0), (100, 3e7)] {
            let numbers = crate::rng::Stream::new(5, crate::rng::Purpose::Boot);
            let mut arrival = shift;
            let requests: Vec<(f64, f64)> = (0..4000)
                .map(|i| {
                    let [u, v] = numbers.uniforms(slots, i, 0);
                    arrival += u * 2.0 / f64::from(slots);
                    (on_grid(arrival), on_grid(v * 2.3))
                })
                .collect();
            let outcome = |form: usize| {
                let (mut kernel, mut diary) = (kernel(&[1.0], Some(20), 1.5), Diary::default());
                kernel.add(0, slots, 1.0, SlotClass::Warm, shift);
                for part in requests.chunks(1000) {
                    match form {
                        1 => kernel.free.make_tree(),
                        2 => drop(kernel.free.make_wide()),
                        _ => {}
                    }
                    assert_eq!(kernel.take(&block(part), 0, f64::INFINITY, &mut diary), part.len());
                }
                kernel.finish(&mut diary);
                diary.completed.sort_by(|a, b| a.0.total_cmp(&b.0));
                (diary.completed, diary.rejected, diary.timed_out, diary.busy)
            };
            let expected = outcome(2);
            assert!(expected.0.len() > 3000 && !expected.1.is_empty() | !expected.2.is_empty(), "{slots} slots");
            assert_eq!(outcome(0), expected);
            assert_eq!(outcome(1), expected);
        }
    }
}
