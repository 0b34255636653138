//! A balancer that sends each request to an instance at once, where it stays.
//!
//! While no instance is in service requests wait at the balancer, under the queue limit and their patience, and are sent in
//! order once there is one. A request whose instance disappears is lost, or comes again at the moment of the loss: it is sent to an
//! instance as a new one would be, with all of its work and a new patience, and its latency counts from its first arrival.

use super::client::{Client, Rules, client_of};
use super::{Booking, SlotClass};
use crate::units::grid_at_or_after;
use crate::workload::RequestBlock;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An instance that enters service as soon as everything before has happened.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Entering {
    pub(super) instance: u32,
    pub(super) slots: u32,
    pub(super) speed: f64,
    pub(super) class: SlotClass,
    /// When, on the grid of request times.
    pub(super) now: f64,
}

/// Instances that a balancer sends requests to, each at a place that it has while it is there.
pub(in crate::engine) trait Fleet {
    /// Requests come `gap` seconds apart.
    fn fit(&mut self, gap: f64);
    /// Serves a request that is sent at `now`, where no control event comes before `until`; an instance is in service.
    fn send(&mut self, client: Client, now: f64, until: f64, book: &mut impl Booking);
    /// So many instances are about to enter.
    fn expect(&mut self, instances: usize);
    /// An instance begins to take requests at `place`: the first one behind all others, or one that was left.
    fn enter(&mut self, place: u32, new: &Entering);
    /// Books what is complete by `now` and busy time up to `now`. Comes before each of the following.
    fn settle(&mut self, now: f64, book: &mut impl Booking);
    /// Changes what the busy time of a place counts for.
    fn reclassify(&mut self, place: u32, class: SlotClass);
    /// No new requests for a place.
    fn stop_sending(&mut self, place: u32);
    /// When the last of a place, which gets no new ones, will be gone; `now` if it has none.
    fn last_exit(&self, place: u32, now: f64) -> f64;
    /// Takes the instance from a place that gets no new requests; returns those that it had.
    fn remove(&mut self, place: u32) -> Vec<Client>;
}

/// Where each instance is.
#[derive(Debug, Default)]
struct Places {
    /// By instance; whether it takes requests.
    of_instance: BTreeMap<u32, (u32, bool)>,
    /// Places that were left.
    unused: BTreeSet<u32>,
    /// Instances that take requests.
    serving: usize,
}

impl Places {
    /// Gives an instance the lowest place that is not used.
    fn enter(&mut self, instance: u32) -> u32 {
        let place = self.unused.pop_first().unwrap_or(self.of_instance.len() as u32);
        self.of_instance.insert(instance, (place, true));
        self.serving += 1;
        place
    }

    fn of(&self, instance: u32) -> Option<u32> {
        self.of_instance.get(&instance).map(|(place, _)| *place)
    }

    /// The instance takes no more requests; its place if it did until now.
    fn stop_sending(&mut self, instance: u32) -> Option<u32> {
        let (place, serving) = self.of_instance.get_mut(&instance).filter(|(_, serving)| *serving)?;
        *serving = false;
        self.serving -= 1;
        Some(*place)
    }

    /// The instance leaves its place.
    fn leave(&mut self, instance: u32) -> Option<u32> {
        let (place, _) = self.of_instance.remove(&instance)?;
        self.unused.insert(place);
        Some(place)
    }
}

/// A fleet and the balancer before it.
#[derive(Debug)]
pub(in crate::engine) struct Balancer<F> {
    rules: Rules,
    fleet: F,
    places: Places,
    /// Requests at the balancer: because there is no instance, or because they come again.
    held: VecDeque<Client>,
    entering: Vec<Entering>,
    /// Time of the last change of the fleet.
    now: f64,
    taken: u64,
}

impl<F: Fleet> Balancer<F> {
    pub(in crate::engine) fn new(rules: Rules, fleet: F) -> Self {
        Self {
            rules,
            fleet,
            places: Places::default(),
            held: VecDeque::new(),
            entering: Vec::new(),
            now: f64::NEG_INFINITY,
            taken: 0,
        }
    }

    /// Takes requests from index `from` on, in order of arrival, until one comes at `until` or later; returns its index.
    pub(in crate::engine) fn take(
        &mut self,
        block: &RequestBlock,
        from: usize,
        until: f64,
        book: &mut impl Booking,
    ) -> usize {
        self.let_enter(until, book);
        let arrivals = &block.arrivals;
        if from == 0 && arrivals.len() > 1 {
            self.fleet.fit((arrivals[arrivals.len() - 1] - arrivals[0]) / (arrivals.len() - 1) as f64);
        }
        for (index, &arrival) in arrivals.iter().enumerate().skip(from) {
            if arrival >= until {
                return index;
            }
            let number = self.taken;
            self.taken += 1;
            if self.places.serving > 0 {
                self.fleet.send(client_of(block, index, number, &self.rules), arrival, until, book);
            } else {
                self.hold(client_of(block, index, number, &self.rules), book);
            }
        }
        arrivals.len()
    }

    /// Lets a request wait at the balancer.
    #[cold]
    #[inline(never)]
    fn hold(&mut self, client: Client, book: &mut impl Booking) {
        self.held.push_back(client);
        self.turn_away(client.since, book);
    }

    /// Turns away whom the balancer has no room for at `now`.
    fn turn_away(&mut self, now: f64, book: &mut impl Booking) {
        let Some(limit) = self.rules.queue_limit else { return };
        if self.held.len() > limit as usize {
            self.held.retain(|client| {
                // Who comes now does not leave before there was a look for room.
                let stays = client.since == now || client.deadline() > now;
                if !stays {
                    book.timed_out(client.arrival);
                }
                stays
            });
        }
        while self.held.len() > limit as usize
            && let Some(client) = self.held.pop_back()
        {
            book.rejected(client.arrival);
        }
    }

    /// Sends whom the balancer holds, at the time of the last change of the fleet.
    fn send_held(&mut self, until: f64, book: &mut impl Booking) {
        if self.held.is_empty() {
            return;
        }
        let now = self.now;
        if self.places.serving == 0 {
            return self.turn_away(now, book);
        }
        for client in std::mem::take(&mut self.held) {
            if client.deadline() < now {
                book.timed_out(client.arrival);
            } else {
                self.fleet.send(client, now, until, book);
            }
        }
    }

    /// Does what happens before `until`.
    fn let_enter(&mut self, until: f64, book: &mut impl Booking) {
        self.fleet.expect(self.entering.len());
        for new in std::mem::take(&mut self.entering) {
            if new.now > self.now {
                self.send_held(new.now, book);
                self.now = new.now;
            }
            self.fleet.enter(self.places.enter(new.instance), &new);
        }
        if until > self.now {
            self.send_held(until, book);
        }
    }

    /// An instance enters service.
    pub(in crate::engine) fn add(&mut self, instance: u32, slots: u32, speed: f64, class: SlotClass, now: f64) {
        self.entering.push(Entering { instance, slots, speed, class, now: grid_at_or_after(now) });
    }

    /// Books what is complete by `now` and busy time up to `now`.
    pub(in crate::engine) fn settle(&mut self, now: f64, book: &mut impl Booking) {
        self.let_enter(now, book);
        self.fleet.settle(now, book);
        self.now = self.now.max(grid_at_or_after(now));
    }

    /// Changes what an instance's busy time counts for, from `now` on.
    pub(in crate::engine) fn reclassify(&mut self, instance: u32, class: SlotClass, now: f64, book: &mut impl Booking) {
        self.settle(now, book);
        if let Some(place) = self.places.of(instance) {
            self.fleet.reclassify(place, class);
        }
    }

    /// No new requests for an instance; returns when its last will be complete or gone.
    pub(in crate::engine) fn retire(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> f64 {
        self.reclassify(instance, SlotClass::Draining, now, book);
        self.stop_sending(instance);
        self.places.of(instance).map_or(now, |place| self.fleet.last_exit(place, now))
    }

    fn stop_sending(&mut self, instance: u32) {
        if let Some(place) = self.places.stop_sending(instance) {
            self.fleet.stop_sending(place);
        }
    }

    /// Takes an instance away; what it has not completed is lost, or sent again. Returns how many requests that were.
    pub(in crate::engine) fn remove(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> u32 {
        self.settle(now, book);
        self.stop_sending(instance);
        let Some(place) = self.places.leave(instance) else { return 0 };
        let mut cut_off = self.fleet.remove(place);
        cut_off.sort_unstable_by_key(|client| client.number);
        if self.rules.retry {
            self.held.extend(cut_off.iter().map(|client| client.again(self.now)));
        } else {
            cut_off.iter().for_each(|client| book.lost(client.arrival));
        }
        cut_off.len() as u32
    }

    /// Serves what is there; no control event comes any more.
    pub(in crate::engine) fn finish(&mut self, book: &mut impl Booking) {
        self.settle(f64::INFINITY, book);
        for client in std::mem::take(&mut self.held) {
            if client.deadline() < f64::INFINITY {
                book.timed_out(client.arrival);
            } else {
                book.in_system_at_end(client.arrival);
            }
        }
    }
}
