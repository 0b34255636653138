//! The requests of an hour by kinds of work: a sixteenth of an octave is one kind.

use crate::plan::bound::work::{Capacity, Group, Slot};
use std::sync::LazyLock;

/// Kinds of work in an octave.
const KINDS: usize = 16;
/// Parts of an octave of equal length, so short that at most one kind begins within each.
const PARTS: usize = 32;
const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;

/// Where the kinds of an octave begin, as multiples of where it begins, and the kind at the beginning of each part.
struct Octave {
    begin: [f64; KINDS + 1],
    at_part: [u8; PARTS],
}

static OCTAVE: LazyLock<Octave> = LazyLock::new(|| {
    let begin: [f64; KINDS + 1] = std::array::from_fn(|kind| libm::exp2(kind as f64 / KINDS as f64));
    let at_part = std::array::from_fn(|part| {
        let from = 1.0 + part as f64 / PARTS as f64;
        (begin.partition_point(|begin| *begin <= from) - 1) as u8
    });
    Octave { begin, at_part }
});

/// The number of a work's kind, from that of the octave above 1 s on.
fn kind_of(work: f64) -> i32 {
    let bits = work.max(f64::MIN_POSITIVE).to_bits();
    let exponent = (bits >> MANTISSA_BITS) as i32 - (f64::MAX_EXP - 1);
    let mantissa = bits & ((1 << MANTISSA_BITS) - 1);
    let multiple = f64::from_bits(1.0f64.to_bits() | mantissa);
    let octave = &*OCTAVE;
    let kind = octave.at_part[(mantissa >> (MANTISSA_BITS - PARTS.ilog2())) as usize];
    let next = multiple >= octave.begin[usize::from(kind) + 1];
    exponent * KINDS as i32 + i32::from(kind) + i32::from(next)
}

/// Where a kind ends.
fn end_of(kind: i32) -> f64 {
    libm::exp2(f64::from(kind + 1) / KINDS as f64)
}

/// Requests of an hour while they are gathered.
#[derive(Debug, Default, Clone)]
pub(super) struct Gathered {
    work: f64,
    carried: f64,
    /// Requests of the kinds from this one on.
    first: i32,
    requests: Vec<f64>,
}

impl Gathered {
    /// Adds a request of `work` seconds, of which `carried` may be done in the next hour.
    pub(super) fn add(&mut self, work: f64, carried: f64) {
        self.work += work;
        self.carried += carried;
        let kind = kind_of(work);
        if self.requests.is_empty() {
            self.first = kind;
        }
        if kind < self.first {
            let missing = (self.first - kind) as usize;
            self.requests.splice(0..0, std::iter::repeat_n(0.0, missing));
            self.first = kind;
        }
        let place = (kind - self.first) as usize;
        if place >= self.requests.len() {
            self.requests.resize(place + 1, 0.0);
        }
        self.requests[place] += 1.0;
    }

    /// The hour as the bound knows it, the longest works first.
    pub(super) fn slot(self, capacity: Vec<Capacity>) -> Slot {
        // The end of a kind is at least the work, so a late request takes no less off than it should.
        let group = |(place, requests): (usize, &f64)| Group {
            requests: *requests,
            work: end_of(self.first + place as i32) * (1.0 + 1e-12),
        };
        let arrivals = self.requests.iter().enumerate().rev().filter(|(_, requests)| **requests > 0.0).map(group);
        Slot { work: self.work, arrivals: arrivals.collect(), carried: self.carried, capacity }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A kind holds what is from its beginning up to its end: works of all sizes, both sides of each beginning among them.
    #[test]
    fn each_work_is_within_its_kind() {
        let beginnings = (-400..400).map(|kind| end_of(kind - 1));
        let works = beginnings.flat_map(|begin| [begin.next_down(), begin, begin.next_up(), 1.013 * begin]);
        for work in works.chain([f64::MIN_POSITIVE, 1e-9, 0.32, 1.0, 3.6e6]) {
            let kind = kind_of(work);
            let below = work < end_of(kind) * (1.0 + 1e-15);
            assert!(below && work >= end_of(kind - 1) * (1.0 - 1e-15), "{work} in kind {kind}");
        }
        assert!(end_of(kind_of(1e-310)) >= 1e-310);
    }

    #[test]
    fn an_hour_is_its_requests_by_kind() {
        let mut hour = Gathered::default();
        [1.0, 0.25, 1.01, 8.0].into_iter().for_each(|work| hour.add(work, 0.1));
        let slot = hour.slot(Vec::new());
        let found: Vec<(f64, f64)> = slot.arrivals.iter().map(|group| (group.requests, group.work)).collect();
        let step = libm::exp2(1.0 / 16.0);
        let expected = [(1.0, 8.0 * step), (2.0, step), (1.0, 0.25 * step)];
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.0, expected.0);
            assert!((found.1 / expected.1 - 1.0).abs() < 1e-11, "{found:?} {expected:?}");
        }
        assert!((slot.work - 10.26).abs() < 1e-12 && (slot.carried - 0.4).abs() < 1e-12);
    }
}
