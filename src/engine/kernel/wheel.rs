//! What is due when: a calendar of buckets of equal length, which are used again turn by turn (Brown's calendar queue, 1988).
//!
//! Whoever only wants to know what is due by now does not need it in order of time, so buckets are not sorted. A bucket has room for
//! eight entries, all of which are compared with the time at once; a few requests come while it is the current one. What finds its
//! bucket full goes to a heap beside them. The length of buckets and their number decide how fast the wheel is, never what it
//! returns.

use crate::simd::not_after;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Entries that a bucket has room for.
const ROOM: usize = 8;
/// Fewest buckets.
const FEWEST: usize = 16;
/// Requests that come while a bucket is the current one.
const REQUESTS: f64 = 3.0;

/// Entries of about the same time, or of other turns.
#[derive(Debug, Clone)]
#[repr(align(32))]
struct Bucket {
    times: [f64; ROOM],
    /// Whose they are.
    places: [u32; ROOM],
}

/// A time that is a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Time(pub(super) f64);

impl Eq for Time {}
impl Ord for Time {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What is being taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taking {
    now: f64,
    /// The turn of now.
    last: u64,
    /// Two buckets, and a bit for each of their entries that are due.
    pair: [usize; 2],
    ready: u32,
}

/// Times, each with the place that it belongs to.
#[derive(Debug)]
pub(super) struct Wheel {
    buckets: Vec<Bucket>,
    /// For each bucket a bit for each of its entries that is in use.
    used: Vec<u8>,
    /// What found its bucket full, and the first time of that: infinite if there is nothing.
    beside: BinaryHeap<Reverse<(Time, u32)>>,
    beside_from: f64,
    buckets_per_second: f64,
    /// The current turn, see [`Wheel::turn_of`]: what belongs to an earlier one has been taken.
    turn: u64,
}

impl Default for Wheel {
    fn default() -> Self {
        Self::new(FEWEST, 1.0)
    }
}

impl Wheel {
    fn new(buckets: usize, buckets_per_second: f64) -> Self {
        Self {
            buckets: vec![Bucket { times: [0.0; ROOM], places: [0; ROOM] }; buckets],
            used: vec![0; buckets],
            beside: BinaryHeap::new(),
            beside_from: f64::INFINITY,
            buckets_per_second,
            turn: 0,
        }
    }

    /// The bucket of a time if they were numbered for ever: a number that grows with the time, by one from bucket to bucket.
    #[inline(always)]
    fn turn_of(&self, time: f64) -> u64 {
        // Between 2⁵² and 2⁵³ doubles lie 1 apart, so the sum is rounded to an integer, and its bits count them.
        const ROUNDER: f64 = 1.5 * (1u64 << 52) as f64;
        (time * self.buckets_per_second + ROUNDER).to_bits()
    }

    #[inline(always)]
    fn bucket_of(&self, turn: u64) -> usize {
        turn as usize & (self.buckets.len() - 1)
    }

    /// Adds an entry; `time` is finite and not before the last time taken.
    #[inline(always)]
    pub(super) fn add(&mut self, time: f64, place: u32) {
        let index = self.bucket_of(self.turn_of(time));
        let used = &mut self.used[index];
        let free = used.trailing_ones() as usize;
        if free == ROOM {
            return self.put_beside(time, place);
        }
        *used |= 1 << free;
        let bucket = &mut self.buckets[index];
        (bucket.times[free], bucket.places[free]) = (time, place);
    }

    #[cold]
    fn put_beside(&mut self, time: f64, place: u32) {
        self.beside.push(Reverse((Time(time), place)));
        self.beside_from = self.beside_from.min(time);
    }

    /// Begins to take what is due at `now` (finite); [`Wheel::next_due`] has to be called until nothing is left.
    #[inline(always)]
    pub(super) fn begin_to_take(&mut self, now: f64) -> Taking {
        let last = self.turn_of(now);
        if last > self.turn + 1 {
            // No bucket needs to be looked at twice.
            self.turn = self.turn.max(last.saturating_sub(self.buckets.len() as u64));
        }
        let pair = self.pair();
        Taking { now, last, pair, ready: self.due_in(pair, now) }
    }

    /// Takes one of the entries whose time is that or earlier, in no particular order; others may be added meanwhile that come later.
    #[inline(always)]
    pub(super) fn next_due(&mut self, taking: &mut Taking) -> Option<(f64, u32)> {
        while taking.ready == 0 {
            if taking.last > self.turn + 1 {
                self.turn += 2;
                taking.pair = self.pair();
                taking.ready = self.due_in(taking.pair, taking.now);
            } else {
                self.turn = self.turn.max(taking.last);
                return if self.beside_from <= taking.now { self.take_beside() } else { None };
            }
        }
        let which = taking.ready.trailing_zeros() as usize;
        let (index, entry) = (taking.pair[which / ROOM % 2], which % ROOM);
        taking.ready &= taking.ready - 1;
        // Not before, so that nothing is added in its place.
        self.used[index] &= !(1 << entry);
        Some((self.buckets[index].times[entry], self.buckets[index].places[entry]))
    }

    /// The current bucket and the next one: whether it is their turn yet, nobody could foresee.
    #[inline(always)]
    fn pair(&self) -> [usize; 2] {
        [self.bucket_of(self.turn), self.bucket_of(self.turn + 1)]
    }

    /// Which entries of two buckets are due.
    #[inline(always)]
    fn due_in(&self, [current, next]: [usize; 2], now: f64) -> u32 {
        let used = u32::from(self.used[current]) | u32::from(self.used[next]) << ROOM;
        used & not_after([&self.buckets[current].times, &self.buckets[next].times], now)
    }

    /// Takes the first of those beside the buckets.
    #[cold]
    #[inline(never)]
    fn take_beside(&mut self) -> Option<(f64, u32)> {
        let Reverse((Time(time), place)) = self.beside.pop()?;
        self.beside_from = self.beside.peek().map_or(f64::INFINITY, |first| first.0.0.0);
        Some((time, place))
    }

    /// Takes out all entries of a place.
    pub(super) fn forget(&mut self, place: u32) {
        self.rebuild(self.buckets.len(), self.buckets_per_second, |other| other != place);
    }

    /// Fits the buckets to requests that come `gap` seconds apart, if they fit badly.
    pub(super) fn fit(&mut self, gap: f64) {
        // 2⁻²⁰ s is the grid of request times: finer buckets would not tell more times apart.
        let wanted = (1.0 / (REQUESTS * gap)).clamp(1e-6, 1_048_576.0);
        let fits = (0.5..2.0).contains(&(self.buckets_per_second / wanted));
        let held = self.used.iter().map(|used| used.count_ones() as usize).sum::<usize>() + self.beside.len();
        let buckets = held.next_power_of_two().max(FEWEST);
        if !fits || buckets > self.buckets.len() || 16 * buckets <= self.buckets.len() {
            self.rebuild(buckets, wanted, |_| true);
        }
    }

    fn rebuild(&mut self, buckets: usize, buckets_per_second: f64, keep: impl Fn(u32) -> bool) {
        let old = std::mem::replace(self, Self::new(buckets, buckets_per_second));
        let in_buckets = old.buckets.iter().zip(&old.used).flat_map(|(bucket, used)| {
            let entries = (0..ROOM).filter(move |entry| used >> entry & 1 == 1);
            entries.map(|entry| (bucket.times[entry], bucket.places[entry]))
        });
        let beside = old.beside.iter().map(|Reverse((Time(time), place))| (*time, *place));
        in_buckets.chain(beside).filter(|(_, place)| keep(*place)).for_each(|(time, place)| self.add(time, place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    fn due(wheel: &mut Wheel, now: f64) -> Vec<(f64, u32)> {
        let mut found = Vec::new();
        let mut taking = wheel.begin_to_take(now);
        found.extend(std::iter::from_fn(|| wheel.next_due(&mut taking)));
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
        assert_eq!(due(&mut wheel, 1e6), [(164.0, 1)]);
        assert_eq!(due(&mut wheel, 1e7), []);
    }

    #[test]
    fn entries_of_a_place_can_be_forgotten_and_added_while_others_are_taken() {
        let mut wheel = Wheel::default();
        for i in 0..10u32 {
            wheel.add(f64::from(i), i % 2);
        }
        wheel.forget(1);
        let (mut taken, mut taking) = (0, wheel.begin_to_take(4.0));
        while let Some((time, place)) = wheel.next_due(&mut taking) {
            wheel.add(time + 100.0, place);
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

    /// Against a plain list, with buckets that are refitted on the way.
    #[test]
    fn a_wheel_is_a_list_of_times() {
        let numbers = Stream::new(1, Purpose::Request);
        let (mut wheel, mut list, mut now) = (Wheel::default(), Vec::new(), -50.0);
        for i in 0..20_000u64 {
            let [gap, length] = numbers.uniforms(0, i, 0);
            now += gap * if i % 5000 < 2500 { 0.01 } else { 3.0 };
            if i % 700 == 0 {
                wheel.fit(if i % 1400 == 0 { 0.005 } else { 2.0 });
            }
            let mut expected: Vec<(f64, u32)> = list.extract_if(.., |(time, _)| *time <= now).collect();
            expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
            assert_eq!(due(&mut wheel, now), expected);
            let entry = (now - 40.0 * length.ln(), i as u32);
            list.push(entry);
            wheel.add(entry.0, entry.1);
        }
    }
}
