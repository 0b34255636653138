//! What is due when: a calendar of buckets of equal length, which are used again turn by turn (Brown's calendar queue, 1988).
//!
//! Whoever only wants to know what is due by now does not need it in order of time, so buckets are not sorted. A bucket is one line
//! of the cache: it has room for eight entries, whose times are compared with now all at once; a few requests come while it is the
//! current one. Times are steps of the grid of request times, and of them only the low half. What finds its bucket full, or
//! is too far away for that, goes to a heap beside the buckets. The length of buckets and their number decide how fast the wheel is,
//! never what it returns.

use crate::simd::not_after;
use crate::units::{GRID, steps_of_grid};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Entries that a bucket has room for.
const ROOM: usize = 8;
/// Fewest buckets.
const FEWEST: usize = 16;
/// Requests that come while a bucket is the current one, about.
const REQUESTS: f64 = 2.5;
/// Nothing in a bucket is that many steps away: 2,048 s.
const FAR: i64 = 1 << 31;

/// Entries of about the same time, or of other turns.
#[derive(Debug, Clone)]
#[repr(align(64))]
struct Bucket {
    /// The low halves of their steps.
    steps: [u32; ROOM],
    /// Whose they are.
    places: [u32; ROOM],
}

/// What is being taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taking {
    now: i64,
    /// A bit for each entry of the current bucket and the next one that is due.
    ready: u32,
}

/// Times, each with the place that it belongs to.
#[derive(Debug)]
pub(super) struct Wheel {
    buckets: Vec<Bucket>,
    /// For each bucket a bit for each of its entries that is not in use.
    free: Vec<u8>,
    /// What found no room, and the first step of that: after all others if there is nothing.
    beside: BinaryHeap<Reverse<(i64, u32)>>,
    beside_from: i64,
    /// What stood beside and is being taken, the first one last.
    due_beside: Vec<(i64, u32)>,
    /// A bucket is two to this power steps long.
    shift: u32,
    /// The current turn, see [`Wheel::turn_of`]: what belongs to an earlier one has been taken.
    turn: i64,
    /// The step of the last time taken.
    reached: i64,
}

impl Default for Wheel {
    /// Nothing was taken at any time that there is.
    fn default() -> Self {
        Self::new(FEWEST, 20, i64::MIN / 4)
    }
}

/// The step of the grid that is nearest to a time: never a larger one for an earlier time.
#[inline(always)]
pub(super) fn step_of(time: f64) -> i64 {
    steps_of_grid(time) as i64
}

impl Wheel {
    fn new(buckets: usize, shift: u32, reached: i64) -> Self {
        Self {
            buckets: vec![Bucket { steps: [0; ROOM], places: [0; ROOM] }; buckets],
            free: vec![u8::MAX; buckets],
            beside: BinaryHeap::new(),
            beside_from: i64::MAX,
            due_beside: Vec::new(),
            shift,
            turn: reached >> shift,
            reached,
        }
    }

    /// The bucket of a step if they were numbered for ever.
    #[inline(always)]
    fn turn_of(&self, step: i64) -> i64 {
        step >> self.shift
    }

    #[inline(always)]
    fn bucket_of(&self, turn: i64) -> usize {
        turn as usize & (self.buckets.len() - 1)
    }

    /// Adds an entry; `time` is finite and not before the last time taken.
    #[inline(always)]
    pub(super) fn add(&mut self, time: f64, place: u32) {
        self.add_step(step_of(time), place);
    }

    #[inline(always)]
    fn add_step(&mut self, step: i64, place: u32) {
        let index = self.bucket_of(self.turn_of(step));
        let free = &mut self.free[index];
        if *free == 0 || step - self.reached >= FAR {
            return self.put_beside(step, place);
        }
        let entry = u32::from(*free).trailing_zeros() as usize % ROOM;
        *free &= *free - 1;
        let bucket = &mut self.buckets[index];
        (bucket.steps[entry], bucket.places[entry]) = (step as u32, place);
    }

    #[cold]
    #[inline(never)]
    fn put_beside(&mut self, step: i64, place: u32) {
        self.beside.push(Reverse((step, place)));
        self.beside_from = self.beside_from.min(step);
    }

    /// Begins to take what is due at `now` (finite); [`Wheel::next_due`] has to be called until nothing is left.
    #[inline(always)]
    pub(super) fn begin_to_take(&mut self, now: f64) -> Taking {
        let now = step_of(now);
        if now - self.reached >= FAR {
            self.put_all_beside();
        }
        self.reached = now;
        let last = self.turn_of(now);
        if last > self.turn + 1 {
            // No bucket needs to be looked at twice.
            self.turn = self.turn.max(last - self.buckets.len() as i64);
        }
        if self.beside_from <= now {
            self.find_due_beside(now);
        }
        Taking { now, ready: self.due_in_pair(now) }
    }

    /// Takes one of the entries whose time is that or earlier, in no particular order, as the low half of its step and its place;
    /// others may be added meanwhile that come later, or that are due: those are taken the next time.
    #[inline(always)]
    pub(super) fn next_due(&mut self, taking: &mut Taking) -> Option<(u32, u32)> {
        while taking.ready == 0 {
            let last = self.turn_of(taking.now);
            if last > self.turn + 1 {
                self.turn += 2;
                taking.ready = self.due_in_pair(taking.now);
            } else {
                self.turn = self.turn.max(last);
                return self.due_beside.pop().map(|(step, place)| (step as u32, place));
            }
        }
        let which = taking.ready.trailing_zeros() as usize;
        let (index, entry) = (self.bucket_of(self.turn + (which / ROOM) as i64), which % ROOM);
        taking.ready &= taking.ready - 1;
        // Not before, so that nothing is added in its place.
        self.free[index] |= 1 << entry;
        Some((self.buckets[index].steps[entry], self.buckets[index].places[entry]))
    }

    /// Which entries of the current bucket and the next one are due: whether it is their turn yet, nobody could foresee.
    #[inline(always)]
    fn due_in_pair(&self, now: i64) -> u32 {
        let [current, next] = [self.bucket_of(self.turn), self.bucket_of(self.turn + 1)];
        let free = u32::from(self.free[current]) | u32::from(self.free[next]) << ROOM;
        !free & not_after([&self.buckets[current].steps, &self.buckets[next].steps], now as u32)
    }

    /// Finds what is due beside the buckets, all of it before anything else is added there.
    #[cold]
    #[inline(never)]
    fn find_due_beside(&mut self, now: i64) {
        self.beside_from = i64::MAX;
        while let Some(&Reverse(entry)) = self.beside.peek() {
            if entry.0 > now {
                self.beside_from = entry.0;
                break;
            }
            self.beside.pop();
            self.due_beside.push(entry);
        }
        self.due_beside.reverse();
    }

    /// Low halves say nothing any more after so long a time.
    #[cold]
    #[inline(never)]
    fn put_all_beside(&mut self) {
        let entries: Vec<_> = self.entries().collect();
        *self = Self::new(self.buckets.len(), self.shift, self.reached);
        entries.into_iter().for_each(|(step, place)| self.put_beside(step, place));
    }

    /// All entries.
    fn entries(&self) -> impl Iterator<Item = (i64, u32)> {
        let in_buckets = self.buckets.iter().zip(&self.free).flat_map(|(bucket, free)| {
            let entries = (0..ROOM).filter(move |entry| free >> entry & 1 == 0);
            entries.map(|entry| (bucket.steps[entry], bucket.places[entry]))
        });
        let after_reached = |step: u32| self.reached + i64::from(step.wrapping_sub(self.reached as u32));
        let in_buckets = in_buckets.map(move |(step, place)| (after_reached(step), place));
        in_buckets.chain(self.beside.iter().map(|Reverse(entry)| *entry))
    }

    /// Takes out all entries of a place.
    pub(super) fn forget(&mut self, place: u32) {
        self.rebuild(self.buckets.len(), self.shift, |other| other != place);
    }

    /// Fits the buckets to requests that come `gap` seconds apart, if they fit badly.
    pub(super) fn fit(&mut self, gap: f64) {
        let wanted = (REQUESTS * gap / GRID).clamp(1.0, FAR as f64).log2();
        let fits = (wanted - f64::from(self.shift)).abs() < 0.75;
        let held = self.free.iter().map(|free| free.count_zeros() as usize).sum::<usize>() + self.beside.len();
        let buckets = held.next_power_of_two().max(FEWEST);
        if !fits || buckets > self.buckets.len() || 16 * buckets <= self.buckets.len() {
            self.rebuild(buckets, wanted.round() as u32, |_| true);
        }
    }

    fn rebuild(&mut self, buckets: usize, shift: u32, keep: impl Fn(u32) -> bool) {
        let old = std::mem::replace(self, Self::new(buckets, shift, self.reached));
        old.entries().filter(|(_, place)| keep(*place)).for_each(|(step, place)| self.add_step(step, place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};
    use crate::units::on_grid;

    /// Places whose times have come, in order of these.
    fn due(wheel: &mut Wheel, now: f64) -> Vec<(f64, u32)> {
        let mut taking = wheel.begin_to_take(now);
        let taken = std::iter::from_fn(|| wheel.next_due(&mut taking));
        // Those that are due are not long past.
        let time = |step: u32| now - f64::from((step_of(now) as u32).wrapping_sub(step)) * GRID;
        let mut found: Vec<(f64, u32)> = taken.map(|(step, place)| (time(step), place)).collect();
        found.sort_by(|a, b| a.partial_cmp(b).unwrap());
        found
    }

    #[test]
    fn what_is_due_comes_out_once_whatever_the_turn() {
        let mut wheel = Wheel::default();
        // 100 s and 164 s share a bucket of the 16.
        for (time, place) in [(100.0, 0), (164.0, 1), (99.5, 2), (-3.0, 3), (-0.25, 4)] {
            wheel.add(time, place);
        }
        assert_eq!(due(&mut wheel, -0.25), [(-3.0, 3), (-0.25, 4)]);
        assert_eq!(due(&mut wheel, 99.75), [(99.5, 2)]);
        assert_eq!(due(&mut wheel, 100.0), [(100.0, 0)]);
        assert_eq!(due(&mut wheel, 1e3), [(164.0, 1)]);
        assert_eq!(due(&mut wheel, 1e6), []);
    }

    #[test]
    fn entries_of_a_place_can_be_forgotten_and_added_while_others_are_taken() {
        let mut wheel = Wheel::default();
        for i in 0..10u32 {
            wheel.add(f64::from(i), i % 2);
        }
        wheel.forget(1);
        let (mut taken, mut taking) = (0, wheel.begin_to_take(4.0));
        while let Some((step, place)) = wheel.next_due(&mut taking) {
            wheel.add(f64::from(step) * GRID + 100.0, place);
            taken += 1;
        }
        assert_eq!(taken, 3);
        assert_eq!(due(&mut wheel, 100.0), [(6.0, 0), (8.0, 0), (100.0, 0)]);
    }

    #[test]
    fn a_full_bucket_loses_nothing() {
        let mut wheel = Wheel::default();
        (0..50u32).for_each(|i| wheel.add(3.0 + f64::from(i % 10) / 16.0, i));
        assert_eq!(due(&mut wheel, 3.25).len(), 25);
        wheel.forget(9);
        wheel.fit(0.01);
        assert_eq!(due(&mut wheel, 4.0).len(), 24);
    }

    /// As something does that happens a part of a step after now.
    #[test]
    fn what_is_put_back_comes_out_once_each_time() {
        let mut wheel = Wheel::default();
        // Four of them find the bucket full.
        (0..12).for_each(|place| wheel.add(3.25, place));
        for _ in 0..3 {
            let mut taking = wheel.begin_to_take(3.25);
            let mut places = Vec::new();
            while let Some((_, place)) = wheel.next_due(&mut taking) {
                assert!(places.len() < 12, "taken twice: {place} after {places:?}");
                places.push(place);
                wheel.add(3.25 + 0.25 * GRID, place);
            }
            places.sort_unstable();
            assert_eq!(places, Vec::from_iter(0..12));
        }
        assert_eq!(due(&mut wheel, 3.25 + GRID).len(), 12);
    }

    #[test]
    fn what_is_far_away_is_not_taken_for_what_is_near() {
        let far = FAR as f64 * GRID;
        let mut wheel = Wheel::default();
        assert_eq!(due(&mut wheel, 0.5), []);
        // The low halves of all of these are the same.
        for turns in 0..4 {
            wheel.add(1.0 + 2.0 * f64::from(turns) * far, turns);
        }
        assert_eq!(due(&mut wheel, 1.0), [(1.0, 0)]);
        wheel.add(2.0, 4);
        // Nothing was taken for so long that low halves alone would say that it is not due yet.
        let mut taking = wheel.begin_to_take(2.5 + 1.5 * far);
        assert_eq!(wheel.next_due(&mut taking), Some((step_of(2.0) as u32, 4)));
        assert_eq!(wheel.next_due(&mut taking), None);
        assert_eq!(due(&mut wheel, 1.0 + 2.0 * far), [(1.0 + 2.0 * far, 1)]);
        assert_eq!(due(&mut wheel, 1.0 + 4.0 * far - GRID), []);
        assert_eq!(due(&mut wheel, 1.0 + 4.0 * far), [(1.0 + 4.0 * far, 2)]);
        wheel.fit(1e9);
        assert_eq!(due(&mut wheel, 10.0 * far).len(), 1);
    }

    /// Against a plain list, with buckets that are refitted on the way.
    #[test]
    fn a_wheel_is_a_list_of_times() {
        let numbers = Stream::new(1, Purpose::Request);
        let (mut wheel, mut list, mut now) = (Wheel::default(), Vec::new(), -50.0);
        for i in 0..20_000u64 {
            let [gap, length] = numbers.uniforms(0, i, 0);
            now += on_grid(gap * if i % 5000 < 2500 { 0.01 } else { 3.0 });
            if i % 700 == 0 {
                wheel.fit(if i % 1400 == 0 { 0.005 } else { 2.0 });
            }
            let mut expected: Vec<(f64, u32)> = list.extract_if(.., |(time, _)| *time <= now).collect();
            expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
            assert_eq!(due(&mut wheel, now), expected);
            let entry = (now - on_grid(40.0 * length.ln()), i as u32);
            list.push(entry);
            wheel.add(entry.0, entry.1);
        }
    }
}
