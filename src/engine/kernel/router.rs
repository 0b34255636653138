//! Which instance a request is sent to.

use super::client::Client;
use super::least_loaded::LeastLoaded;
use super::slow_circle::SlowCircle;
use crate::rng::{Purpose, Stream};

/// How a balancer chooses among the instances in service.
#[derive(Debug)]
pub(super) enum Router {
    /// The one with the fewest requests; of equals the lowest place.
    LeastOutstanding(LeastLoaded),
    /// One after the other, in the order in which they entered service.
    RoundRobin(Circle),
    /// The same, with new ones coming in slowly.
    SlowStart(SlowCircle),
    /// The one with the fewest requests of some that are drawn at random.
    PowerOf(Sample),
}

/// Places in service, in the order in which they entered it.
#[derive(Debug, Default)]
pub(super) struct Circle {
    places: Vec<u32>,
    next: usize,
}

/// Places in service, from which some are drawn with replacement.
#[derive(Debug)]
pub(super) struct Sample {
    places: Vec<u32>,
    choices: u32,
    numbers: Stream,
    replication: u32,
}

impl Router {
    pub(super) fn least_outstanding() -> Self {
        Router::LeastOutstanding(LeastLoaded::default())
    }

    pub(super) fn round_robin() -> Self {
        Router::RoundRobin(Circle::default())
    }

    /// New instances come in over `duration` seconds, but for those that are there at `begin`.
    pub(super) fn slow_start(duration: f64, begin: f64) -> Self {
        Router::SlowStart(SlowCircle::new(duration, begin))
    }

    /// Draws `choices` instances for each request.
    pub(super) fn power_of(choices: u32, seed: u32, replication: u32) -> Self {
        let numbers = Stream::new(seed, Purpose::Request);
        Router::PowerOf(Sample { places: Vec::new(), choices, numbers, replication })
    }

    /// Whether it has to know how many requests an instance has.
    pub(super) fn counts(&self) -> bool {
        !matches!(self, Router::RoundRobin(_) | Router::SlowStart(_))
    }

    /// Whether it has to know that of all instances at any time.
    pub(super) fn watches(&self) -> bool {
        matches!(self, Router::LeastOutstanding(_))
    }

    /// A place begins to take requests at `now`; it has `load`. It takes all of its share at once if it is `whole`.
    pub(super) fn enter(&mut self, place: u32, load: u32, now: f64, whole: bool) {
        match self {
            Router::SlowStart(circle) => circle.enter(place, now, whole),
            Router::LeastOutstanding(loads) => loads.enter(place, 1.0, load),
            Router::RoundRobin(Circle { places, .. }) | Router::PowerOf(Sample { places, .. }) => places.push(place),
        }
    }

    /// A place takes no more requests.
    pub(super) fn leave(&mut self, place: u32, load: u32) {
        match self {
            Router::SlowStart(circle) => circle.leave(place),
            Router::LeastOutstanding(loads) => loads.leave(place, 1.0, load),
            Router::RoundRobin(circle) => {
                let turn = circle.places.iter().position(|other| *other == place);
                if let Some(turn) = turn {
                    circle.places.remove(turn);
                    circle.next -= usize::from(turn < circle.next);
                }
            }
            Router::PowerOf(Sample { places, .. }) => places.retain(|other| *other != place),
        }
    }

    /// The number of requests of a place in service changes.
    #[inline(always)]
    pub(super) fn change(&mut self, place: u32, from: u32, to: u32) {
        if let Router::LeastOutstanding(loads) = self {
            loads.change(place, 1.0, from, to);
        }
    }

    /// Where a request goes at `now`; `load_of` says how many requests a place has. `None` without instances.
    #[inline(always)]
    pub(super) fn choose(&mut self, client: &Client, now: f64, mut load_of: impl FnMut(u32) -> u32) -> Option<u32> {
        match self {
            Router::SlowStart(circle) => circle.choose(now),
            Router::LeastOutstanding(loads) => loads.first(),
            Router::RoundRobin(circle) => {
                if circle.next >= circle.places.len() {
                    circle.next = 0;
                }
                circle.next += 1;
                circle.places.get(circle.next - 1).copied()
            }
            Router::PowerOf(sample) => sample.choose(client, &mut load_of),
        }
    }
}

impl Sample {
    /// The numbers are those of the request, from draw 1 on: draw 0 says when it arrives and how much work it is. Each time it is sent
    /// again it has others.
    fn choose(&self, client: &Client, mut load_of: impl FnMut(u32) -> u32) -> Option<u32> {
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
