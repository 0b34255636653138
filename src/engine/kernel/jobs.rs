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
///
/// What is needed at every request comes first.
#[derive(Debug, Clone)]
#[repr(C)]
pub(super) struct Jobs {
    /// The smallest reading, infinite without requests.
    reading: f64,
    /// The first group; infinite where there is no request.
    readings: [f64; GROUP],
    len: u32,
    /// A bit for each place of the first group where there is no request: none if there are other groups.
    free: u8,
    /// Those of the first group, and behind them the place of one on its way to another group.
    clients: [Client; GROUP + 1],
    /// The other groups.
    more: Vec<[f64; GROUP]>,
    more_clients: Vec<Client>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            reading: f64::INFINITY,
            readings: [f64::INFINITY; GROUP],
            len: 0,
            free: u8::MAX,
            clients: [Client::default(); GROUP + 1],
            more: Vec::new(),
            more_clients: Vec::new(),
        }
    }
}

impl Jobs {
    #[inline(always)]
    pub(super) fn len(&self) -> u32 {
        self.len
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// At which reading the first one is complete; infinite without requests.
    #[inline(always)]
    pub(super) fn reading(&self) -> f64 {
        self.reading
    }

    /// Adds a request that is complete at a reading.
    #[inline(always)]
    pub(super) fn push(&mut self, reading: f64, client: Client) {
        let index = (u32::from(self.free) | 1 << GROUP).trailing_zeros() as usize;
        self.clients[index] = client;
        self.len += 1;
        self.reading = earlier(reading, self.reading);
        if index < GROUP {
            self.free &= self.free - 1;
            self.readings[index] = reading;
        } else {
            self.push_behind(reading);
        }
    }

    /// Adds a request behind the first group, which is full.
    #[cold]
    #[inline(never)]
    fn push_behind(&mut self, reading: f64) {
        let (index, client) = (self.len as usize - 1, self.clients[GROUP]);
        self.more_clients.push(client);
        if index / GROUP > self.more.len() {
            self.more.push([f64::INFINITY; GROUP]);
        }
        self.rise(index, reading, client);
    }

    /// Where the request stands that `matches`.
    pub(super) fn position(&self, matches: impl Fn(&Client) -> bool) -> Option<usize> {
        let in_use = |index: &usize| *index >= GROUP || self.free >> index & 1 == 0;
        (0..GROUP + self.more_clients.len()).filter(in_use).find(|index| matches(self.client(*index)))
    }

    /// Takes out all requests.
    pub(super) fn drain(&mut self) -> Vec<Client> {
        let jobs = std::mem::take(self);
        let first = (0..GROUP).filter(|index| jobs.free >> index & 1 == 0).map(|index| jobs.clients[index]);
        first.chain(jobs.more_clients).collect()
    }

    /// Takes out the request that is complete first; there is one.
    #[inline(always)]
    pub(super) fn remove_first(&mut self) -> Client {
        // All readings are read at once before one is written: the other way round the processor would have to wait.
        let readings = Eight::load(&self.readings);
        let larger = Eight::splat(self.reading).less(readings);
        let first = !larger.bits() & ((1 << GROUP) - 1);
        let index = first.trailing_zeros() as usize % GROUP;
        let client = self.clients[index];
        if self.len as usize <= GROUP {
            let others = readings.max(Eight::splat(f64::INFINITY).and_not(larger));
            self.leave(index);
            self.reading = if first.is_power_of_two() { others.smallest() } else { self.reading };
        } else {
            self.replace(index);
        }
        client
    }

    /// Takes out the request at `index`.
    pub(super) fn remove(&mut self, index: usize) -> Client {
        let client = *self.client(index);
        if self.len as usize <= GROUP {
            self.leave(index);
            self.reading = Eight::load(&self.readings).smallest();
        } else {
            self.replace(index);
        }
        client
    }

    /// Takes out one of a group behind which there is none.
    #[inline(always)]
    fn leave(&mut self, index: usize) {
        self.len -= 1;
        self.free |= 1 << index;
        self.readings[index] = f64::INFINITY;
    }

    /// Takes out the request at `index`, where there are several groups: the last one takes its place.
    #[cold]
    #[inline(never)]
    fn replace(&mut self, index: usize) {
        let Some(client) = self.more_clients.pop() else { return };
        self.len -= 1;
        let last = self.len as usize;
        let reading = self.reading_of(last);
        *self.reading_mut(last) = f64::INFINITY;
        if index < last {
            let index = self.sink(index, reading, client);
            self.rise(index, reading, client);
        }
        self.reading = Eight::load(&self.readings).smallest();
    }

    fn client(&self, index: usize) -> &Client {
        if index < GROUP { &self.clients[index] } else { &self.more_clients[index - GROUP] }
    }

    fn reading_of(&self, index: usize) -> f64 {
        if index < GROUP { self.readings[index] } else { self.more[index / GROUP - 1][index % GROUP] }
    }

    fn reading_mut(&mut self, index: usize) -> &mut f64 {
        if index < GROUP { &mut self.readings[index] } else { &mut self.more[index / GROUP - 1][index % GROUP] }
    }

    fn put(&mut self, index: usize, reading: f64, client: Client) {
        *self.reading_mut(index) = reading;
        match index.checked_sub(GROUP) {
            None => self.clients[index] = client,
            Some(behind) => self.more_clients[behind] = client,
        }
    }

    /// Brings a request as far up from `index` as it belongs.
    fn rise(&mut self, mut index: usize, reading: f64, client: Client) {
        while index >= GROUP {
            let above = index / GROUP - 1;
            if self.reading_of(above) <= reading {
                break;
            }
            self.put(index, self.reading_of(above), *self.client(above));
            index = above;
        }
        self.put(index, reading, client);
    }

    /// Brings a request as far down from `index` as it belongs; returns where it comes to stand.
    fn sink(&mut self, mut index: usize, reading: f64, client: Client) -> usize {
        while let Some(below) = self.more.get(index) {
            let smallest = (0..GROUP).fold(0, |best, i| if below[i] < below[best] { i } else { best });
            if reading <= below[smallest] {
                break;
            }
            let from = GROUP * (index + 1) + smallest;
            self.put(index, self.reading_of(from), *self.client(from));
            index = from;
        }
        self.put(index, reading, client);
        index
    }
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
            assert_eq!((jobs.len() as usize, jobs.is_empty(), jobs.reading()), (list.len(), list.is_empty(), smallest));
        }
        let mut left: Vec<u64> = jobs.drain().iter().map(|client| client.number).collect();
        left.sort_unstable();
        list.sort_unstable_by_key(|(_, number)| *number);
        assert!(left.len() > 100, "{}", left.len());
        assert_eq!(left, list.iter().map(|(_, number)| *number).collect::<Vec<u64>>());
    }
}
