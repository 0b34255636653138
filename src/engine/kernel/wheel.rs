//! What is due when: a calendar of buckets of equal length, which are used again turn by turn (Brown's calendar queue, 1988).
//!
//! Whoever only wants to know what is due by now does not need it in order of time, so buckets are not sorted. They are short, a
//! few for each request that comes, so most hold one entry or none, and a bit for each says which: entries are found by counting
//! zeros, and only the bucket of this very moment may hold some that are not due. The length of buckets and their number decide how
//! fast the wheel is, never what it returns.

/// No entry.
const NONE: u32 = u32::MAX;
/// Fewest buckets: a word of bits.
const FEWEST: usize = 64;
/// Buckets between two requests.
const FINENESS: f64 = 4.0;

#[derive(Debug, Clone, Copy)]
struct Entry {
    time: f64,
    /// Whose it is.
    place: u32,
    /// The next entry of the same bucket.
    next: u32,
}

/// Times, each with the place that it belongs to.
#[derive(Debug)]
pub(super) struct Wheel {
    /// The first entry of each bucket; of no meaning if it is empty.
    buckets: Vec<u32>,
    /// A bit for each bucket that is not empty.
    occupied: Vec<u64>,
    entries: Vec<Entry>,
    /// The first of the entries that are not in use.
    unused: u32,
    held: usize,
    buckets_per_second: f64,
    /// The turn up to which everything has been taken, as a number of buckets since time 0.
    turn: i64,
}

impl Default for Wheel {
    fn default() -> Self {
        Self {
            buckets: vec![NONE; FEWEST],
            occupied: vec![0; FEWEST / 64],
            entries: Vec::new(),
            unused: NONE,
            held: 0,
            buckets_per_second: 1.0,
            turn: i64::MIN,
        }
    }
}

impl Wheel {
    #[inline(always)]
    fn turn_of(&self, time: f64) -> i64 {
        (time * self.buckets_per_second) as i64
    }

    #[inline(always)]
    fn bucket_of(&self, turn: i64) -> usize {
        turn as usize & (self.buckets.len() - 1)
    }

    /// Adds an entry; `time` is finite and not before the last time taken.
    #[inline(always)]
    pub(super) fn add(&mut self, time: f64, place: u32) {
        self.held += 1;
        let mut index = self.unused;
        if index == NONE {
            index = self.entries.len() as u32;
            self.entries.push(Entry { time, place, next: NONE });
        } else {
            self.unused = self.entries[index as usize].next;
        }
        self.put(index, Entry { time, place, next: NONE });
    }

    /// Writes an entry and puts it first in its bucket.
    #[inline(always)]
    fn put(&mut self, index: u32, entry: Entry) {
        let bucket = self.bucket_of(self.turn_of(entry.time));
        let (word, bit) = (bucket / 64, 1 << (bucket % 64));
        let next = if self.occupied[word] & bit == 0 { NONE } else { self.buckets[bucket] };
        self.occupied[word] |= bit;
        self.entries[index as usize] = Entry { next, ..entry };
        self.buckets[bucket] = index;
    }

    /// Takes every entry whose time is `now` (finite) or earlier, in no particular order; `due` may add others that come later.
    #[inline(always)]
    pub(super) fn take_due(&mut self, now: f64, mut due: impl FnMut(&mut Self, f64, u32)) {
        let last = self.turn_of(now);
        // No bucket needs to be looked at twice.
        let mut turn = self.turn.max(last.saturating_sub(self.buckets.len() as i64 - 1));
        while turn <= last {
            let bucket = self.bucket_of(turn);
            let (word, first) = (bucket / 64, bucket % 64);
            let length = (last - turn + 1).min(64 - first as i64);
            let looked_at = u64::MAX >> (64 - length) << first;
            let mut full = self.occupied[word] & looked_at;
            while full != 0 {
                let bucket = 64 * word + full.trailing_zeros() as usize;
                full &= full - 1;
                self.occupied[word] &= !(1 << (bucket % 64));
                let mut index = self.buckets[bucket];
                while index != NONE {
                    let entry = self.entries[index as usize];
                    if entry.time <= now {
                        self.entries[index as usize].next = self.unused;
                        self.unused = index;
                        self.held -= 1;
                        due(self, entry.time, entry.place);
                    } else {
                        self.put(index, entry);
                    }
                    index = entry.next;
                }
            }
            turn += length;
        }
        self.turn = self.turn.max(last);
    }

    /// Takes out all entries of a place.
    pub(super) fn forget(&mut self, place: u32) {
        self.rebuild(self.buckets.len(), self.buckets_per_second, |entry| entry.place != place);
    }

    /// Fits the buckets to requests that come `gap` seconds apart, if they fit badly.
    pub(super) fn fit(&mut self, gap: f64) {
        // 2⁻²⁰ s is the grid of request times: finer buckets would not tell more times apart.
        let wanted = (FINENESS / gap).clamp(1e-6, 1_048_576.0);
        let fits = (0.5..2.0).contains(&(self.buckets_per_second / wanted));
        let buckets = (2 * FINENESS as usize * self.held).next_power_of_two().max(FEWEST);
        if !fits || buckets > self.buckets.len() || 16 * buckets <= self.buckets.len() {
            self.rebuild(buckets, wanted, |_| true);
        }
    }

    fn rebuild(&mut self, buckets: usize, buckets_per_second: f64, keep: impl Fn(&Entry) -> bool) {
        let old = std::mem::replace(
            self,
            Self {
                buckets: vec![NONE; buckets],
                occupied: vec![0; buckets / 64],
                buckets_per_second,
                ..Self::default()
            },
        );
        for (bucket, head) in old.buckets.into_iter().enumerate() {
            let mut index = if old.occupied[bucket / 64] >> (bucket % 64) & 1 == 1 { head } else { NONE };
            while index != NONE {
                let entry = old.entries[index as usize];
                if keep(&entry) {
                    self.add(entry.time, entry.place);
                }
                index = entry.next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    fn due(wheel: &mut Wheel, now: f64) -> Vec<(f64, u32)> {
        let mut found = Vec::new();
        wheel.take_due(now, |_, time, place| found.push((time, place)));
        found.sort_by(|a, b| a.partial_cmp(b).unwrap());
        found
    }

    #[test]
    fn what_is_due_comes_out_once_whatever_the_turn() {
        let mut wheel = Wheel::default();
        // 100 s and 164 s share a bucket of the 64, and so do 99.5 s and 35.5 s of other turns.
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
        let mut taken = 0;
        wheel.take_due(4.0, |wheel, time, place| {
            wheel.add(time + 100.0, place);
            taken += 1;
        });
        assert_eq!(taken, 3);
        assert_eq!(due(&mut wheel, 100.0), [(6.0, 0), (8.0, 0), (100.0, 0)]);
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
