//! Which instance a request is sent to.

use super::balancer::Balancer;
use super::client::Client;
use super::dispatch::Kernel;
use super::least_loaded::LeastLoaded;
use super::queues::Queues;
use crate::rng::{Purpose, Stream};

/// How a balancer chooses among the instances in service.
pub(in crate::engine) trait Router: Sized {
    /// Whether it has to know how many requests each instance has at any time.
    const WATCHES: bool = false;
    /// Whether it has to know that of the instances it looks at.
    const COUNTS: bool = true;

    /// The kernel that chooses in this way.
    fn kernel(fleet: Box<Balancer<Queues<Self>>>) -> Kernel;
    /// A place that has no requests begins to take them at `now`, its share all at once if it is `whole`.
    fn enter(&mut self, place: u32, now: f64, whole: bool);
    /// A place takes no more requests.
    fn leave(&mut self, place: u32, load: u32);
    /// The number of requests of a place in service changes.
    #[inline(always)]
    fn change(&mut self, _place: u32, _from: u32, _to: u32) {}
    /// Where a request goes at `now`; `load_of` says how many requests a place has. `None` without instances.
    fn choose(&mut self, client: &Client, now: f64, load_of: impl FnMut(u32) -> u32) -> Option<u32>;
}

/// The instance with the fewest requests; of equals the lowest place.
#[derive(Debug, Default)]
pub(in crate::engine) struct LeastOutstanding(LeastLoaded);

/// Requests count the same whatever the size of their instance.
const CAPACITY: f64 = 1.0;

/// One after the other, in the order in which they entered service.
#[derive(Debug, Default)]
pub(in crate::engine) struct RoundRobin {
    places: Vec<u32>,
    next: usize,
}

/// The instance with the fewest requests of some that are drawn with replacement.
#[derive(Debug)]
pub(in crate::engine) struct PowerOf {
    /// Places in service, in the order in which they entered it.
    places: Vec<u32>,
    choices: u32,
    numbers: Stream,
    replication: u32,
}

impl Router for LeastOutstanding {
    const WATCHES: bool = true;

    fn kernel(fleet: Box<Balancer<Queues<Self>>>) -> Kernel {
        Kernel::LeastOutstanding(fleet)
    }

    fn enter(&mut self, place: u32, _now: f64, _whole: bool) {
        self.0.enter(place, CAPACITY, 0);
    }

    fn leave(&mut self, place: u32, load: u32) {
        self.0.leave(place, load);
    }

    #[inline(always)]
    fn change(&mut self, place: u32, from: u32, to: u32) {
        self.0.change(place, from, to);
    }

    #[inline(always)]
    fn choose(&mut self, _client: &Client, _now: f64, _load_of: impl FnMut(u32) -> u32) -> Option<u32> {
        self.0.first()
    }
}

impl Router for RoundRobin {
    const COUNTS: bool = false;

    fn kernel(fleet: Box<Balancer<Queues<Self>>>) -> Kernel {
        Kernel::RoundRobin(fleet)
    }

    fn enter(&mut self, place: u32, _now: f64, _whole: bool) {
        self.places.push(place);
    }

    fn leave(&mut self, place: u32, _load: u32) {
        if let Some(turn) = self.places.iter().position(|other| *other == place) {
            self.places.remove(turn);
            self.next -= usize::from(turn < self.next);
        }
    }

    #[inline(always)]
    fn choose(&mut self, _client: &Client, _now: f64, _load_of: impl FnMut(u32) -> u32) -> Option<u32> {
        if self.next >= self.places.len() {
            self.next = 0;
        }
        self.next += 1;
        self.places.get(self.next - 1).copied()
    }
}

impl PowerOf {
    /// Draws `choices` instances for each request.
    pub(super) fn new(choices: u32, seed: u32, replication: u32) -> Self {
        Self { places: Vec::new(), choices, numbers: Stream::new(seed, Purpose::Request), replication }
    }
}

impl Router for PowerOf {
    fn kernel(fleet: Box<Balancer<Queues<Self>>>) -> Kernel {
        Kernel::PowerOf(fleet)
    }

    fn enter(&mut self, place: u32, _now: f64, _whole: bool) {
        self.places.push(place);
    }

    fn leave(&mut self, place: u32, _load: u32) {
        self.places.retain(|other| *other != place);
    }

    /// The numbers are those of the request, from draw 1 on: draw 0 says when it arrives and how much work it is. Each time it is sent
    /// again it has others.
    fn choose(&mut self, client: &Client, _now: f64, mut load_of: impl FnMut(u32) -> u32) -> Option<u32> {
        let blocks = self.choices.div_ceil(4);
        let first = 1 + client.attempt.wrapping_mul(blocks);
        let mut best: Option<(u32, u32)> = None;
        for block in 0..blocks {
            let words = self.numbers.words(self.replication, client.number, first.wrapping_add(block));
            for word in words.into_iter().take((self.choices - 4 * block).min(4) as usize) {
                // The high part of the product is uniform below the number of places, up to one part in four billion for each.
                let drawn = (u64::from(word) * self.places.len() as u64) >> 32;
                let place = *self.places.get(drawn as usize)?;
                let load = load_of(place);
                if best.is_none_or(|(least, _)| load < least) {
                    best = Some((load, place));
                }
            }
        }
        best.map(|(_, place)| place)
    }
}
