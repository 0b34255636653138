//! What is due when: a calendar of buckets of equal length, which are used again turn by turn (Brown's calendar queue, 1988).
//!
//! Whoever only wants to know what is due by now does not need it in order of time, so buckets are not sorted. Their length follows
//! the gaps between requests and their number the number of entries: both decide how fast the wheel is, never what it returns.

/// No entry.
const NONE: u32 = u32::MAX;
/// Fewest buckets.
const FEWEST: usize = 64;

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
    /// The first entry of each bucket.
    buckets: Vec<u32>,
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
        let bucket = self.bucket_of(self.turn_of(time));
        let entry = Entry { time, place, next: self.buckets[bucket] };
        self.held += 1;
        if self.unused == NONE {
            self.buckets[bucket] = self.entries.len() as u32;
            self.entries.push(entry);
        } else {
            let index = self.unused;
            self.unused = self.entries[index as usize].next;
            self.entries[index as usize] = entry;
            self.buckets[bucket] = index;
        }
    }

    /// Takes every entry whose time is `now` (finite) or earlier, in no particular order; `due` may add others that come later.
    #[inline(always)]
    pub(super) fn take_due(&mut self, now: f64, mut due: impl FnMut(&mut Self, f64, u32)) {
        let last = self.turn_of(now);
        // No bucket needs to be looked at twice.
        let mut turn = self.turn.max(last.saturating_sub(self.buckets.len() as i64 - 1));
        while turn <= last {
            let bucket = self.bucket_of(turn);
            let mut index = std::mem::replace(&mut self.buckets[bucket], NONE);
            while index != NONE {
                let entry = self.entries[index as usize];
                if entry.time <= now {
                    self.entries[index as usize].next = self.unused;
                    self.unused = index;
                    self.held -= 1;
                    due(self, entry.time, entry.place);
                } else {
                    self.entries[index as usize].next = self.buckets[bucket];
                    self.buckets[bucket] = index;
                }
                index = entry.next;
            }
            turn += 1;
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
        let wanted = (1.0 / gap).clamp(1e-6, 1_048_576.0);
        let fits = (0.5..2.0).contains(&(self.buckets_per_second / wanted));
        let buckets = (4 * self.held).next_power_of_two().max(FEWEST);
        if !fits || buckets > self.buckets.len() || 16 * buckets <= self.buckets.len() {
            self.rebuild(buckets, wanted, |_| true);
        }
    }

    fn rebuild(&mut self, buckets: usize, buckets_per_second: f64, keep: impl Fn(&Entry) -> bool) {
        let heads = std::mem::replace(&mut self.buckets, vec![NONE; buckets]);
        let entries = std::mem::take(&mut self.entries);
        self.unused = NONE;
        self.held = 0;
        self.buckets_per_second = buckets_per_second;
        // Buckets before the first entry are empty, wherever the wheel stands.
        self.turn = i64::MIN;
        for head in heads {
            let mut index = head;
            while index != NONE {
                let entry = entries[index as usize];
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
