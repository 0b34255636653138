//! The requests that an instance serves at once, the one that is complete first in front.
//!
//! A heap in groups of eight. The first group has no one above it, and below the request with number `i` lie those from
//! `8 (i + 1)` on. So up to eight requests, which is mostly all, need not be moved: the first one is found by comparing eight
//! numbers, and that takes no branch that nobody could foresee.

use super::client::{Client, earlier};
use crate::simd::{Eight, Vector};

/// Requests in a group.
const GROUP: usize = 8;

/// Requests by the reading of their instance's clock at which they are complete.
#[derive(Debug, Clone)]
pub(super) struct Jobs {
    /// The first group; infinite where there is no request.
    readings: [f64; GROUP],
    /// The other groups.
    more: Vec<[f64; GROUP]>,
    clients: Vec<Client>,
    /// The smallest reading, infinite without requests.
    reading: f64,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { readings: [f64::INFINITY; GROUP], more: Vec::new(), clients: Vec::new(), reading: f64::INFINITY }
    }
}

impl Jobs {
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.clients.len()
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// At which reading the first one is complete; infinite without requests.
    #[inline(always)]
    pub(super) fn reading(&self) -> f64 {
        self.reading
    }

    /// Adds a request that is complete at a reading.
    #[inline(always)]
    pub(super) fn push(&mut self, reading: f64, client: Client) {
        let mut index = self.clients.len();
        self.clients.push(client);
        if index < GROUP {
            self.readings[index] = reading;
        } else {
            index = self.rise(index, reading);
        }
        if index < GROUP {
            self.reading = earlier(reading, self.reading);
        }
    }

    /// Where the request stands that `matches`.
    pub(super) fn position(&self, matches: impl Fn(&Client) -> bool) -> Option<usize> {
        self.clients.iter().position(matches)
    }

    /// Takes out all requests.
    pub(super) fn drain(&mut self) -> Vec<Client> {
        std::mem::take(self).clients
    }

    /// Takes out the request that is complete first; there is one.
    #[inline(always)]
    pub(super) fn remove_first(&mut self) -> Client {
        // All readings are read at once before one is written: the other way round the processor would have to wait.
        let readings = Eight::load(&self.readings);
        let larger = Eight::splat(self.reading).less(readings);
        let first = !larger.bits() & ((1 << GROUP) - 1);
        let others = larger.choose(readings, Eight::splat(f64::INFINITY));
        let client = self.take_out(first.trailing_zeros() as usize);
        if self.clients.len() < GROUP {
            let next = smallest(&others);
            self.reading = if first.is_power_of_two() { next } else { self.reading };
        } else {
            self.reading = smallest(&Eight::load(&self.readings));
        }
        client
    }

    /// Takes out the request at `index`.
    pub(super) fn remove(&mut self, index: usize) -> Client {
        let client = self.take_out(index);
        self.reading = smallest(&Eight::load(&self.readings));
        client
    }

    #[inline(always)]
    fn take_out(&mut self, index: usize) -> Client {
        let last = self.clients.len() - 1;
        let reading = self.reading_of(last);
        // The last one takes its place.
        let removed = self.clients.swap_remove(index);
        if last < GROUP {
            self.readings[index % GROUP] = reading;
            // Comes second, for it may be the last one itself.
            self.readings[last] = f64::INFINITY;
        } else {
            self.set_reading(last, f64::INFINITY);
            if index < last {
                let index = self.sink(index, reading);
                self.rise(index, reading);
            }
        }
        removed
    }

    #[inline(always)]
    fn reading_of(&self, index: usize) -> f64 {
        if index < GROUP { self.readings[index] } else { self.more[index / GROUP - 1][index % GROUP] }
    }

    fn set_reading(&mut self, index: usize, reading: f64) {
        match (index / GROUP).checked_sub(1) {
            None => self.readings[index] = reading,
            Some(group) => self.more[group][index % GROUP] = reading,
        }
    }

    fn put(&mut self, index: usize, reading: f64, client: Client) {
        if index / GROUP > self.more.len() {
            self.more.push([f64::INFINITY; GROUP]);
        }
        self.set_reading(index, reading);
        self.clients[index] = client;
    }

    /// Brings a request as far up from `index` as it belongs; returns where it comes to stand.
    fn rise(&mut self, mut index: usize, reading: f64) -> usize {
        let client = self.clients[index];
        while index >= GROUP {
            let above = index / GROUP - 1;
            if self.reading_of(above) <= reading {
                break;
            }
            self.put(index, self.reading_of(above), self.clients[above]);
            index = above;
        }
        self.put(index, reading, client);
        index
    }

    /// Brings a request as far down from `index` as it belongs; returns where it comes to stand.
    fn sink(&mut self, mut index: usize, reading: f64) -> usize {
        let client = self.clients[index];
        while let Some(below) = self.more.get(index) {
            let smallest = (0..GROUP).fold(0, |best, i| if below[i] < below[best] { i } else { best });
            if reading <= below[smallest] {
                break;
            }
            let from = GROUP * (index + 1) + smallest;
            self.put(index, self.reading_of(from), self.clients[from]);
            index = from;
        }
        self.put(index, reading, client);
        index
    }
}

/// The smallest of eight numbers.
#[inline(always)]
fn smallest(numbers: &Eight) -> f64 {
    let mut row = [0.0; GROUP];
    numbers.store(&mut row);
    let [a, b, c, d, e, f, g, h] = row;
    earlier(earlier(earlier(a, b), earlier(c, d)), earlier(earlier(e, f), earlier(g, h)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    /// Against a plain list, with few requests and with many.
    #[test]
    fn the_first_is_the_one_with_the_smallest_reading() {
        let numbers = Stream::new(6, Purpose::Request);
        let (mut jobs, mut list) = (Jobs::default(), Vec::new());
        for number in 0..20_000u64 {
            let [reading, what] = numbers.uniforms(0, number, 0);
            let few = number % 4000 < 2000;
            let client = Client { number, attempt: 0, arrival: reading, since: reading, work: 0.0, patience: 0.0 };
            if what < if few { 0.5 } else { 0.53 } {
                jobs.push(reading, client);
                list.push((reading, number));
            } else if what < 0.6 && !list.is_empty() {
                let (_, number) = list.swap_remove(number as usize % list.len());
                let index = jobs.position(|client| client.number == number).unwrap();
                assert_eq!(jobs.remove(index).number, number);
                assert_eq!(jobs.position(|client| client.number == number), None);
            } else {
                let first = (0..list.len()).min_by(|a, b| list[*a].0.total_cmp(&list[*b].0));
                if let Some(index) = first {
                    assert_eq!(jobs.remove_first().number, list.swap_remove(index).1);
                }
            }
            let smallest = list.iter().fold(f64::INFINITY, |smallest, (reading, _)| earlier(*reading, smallest));
            assert_eq!((jobs.len(), jobs.is_empty(), jobs.reading()), (list.len(), list.is_empty(), smallest));
        }
        let mut left: Vec<u64> = jobs.drain().iter().map(|client| client.number).collect();
        left.sort_unstable();
        list.sort_unstable_by_key(|(_, number)| *number);
        assert!(left.len() > 100, "{}", left.len());
        assert_eq!(left, list.iter().map(|(_, number)| *number).collect::<Vec<u64>>());
    }
}
